// The note that a program leaves about an IGMP version that it forced: what the
// next one needs to put it back. Text for people, of one fixed size. Pure
// functions, any thread.
//
//   mcast-agent forced IGMP version, format 1
//   boot 0f0d3c5a-... (UUID)
//   network 4 4026532317 4174        device, inode and cookie of the namespace
//   interface 7 eth1                 index, and name at that time
//   before 0
//   forced 2
//   (spaces up to 512 bytes)
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"
#include "netlink/forcing/network_view.h"

namespace mcast::netlink {

inline constexpr std::size_t kForcingRecordSize = 512;
// What record names begin with; other files in the directory are none of ours.
inline constexpr std::string_view kForcingRecordPrefix = "igmp-version-";

struct ForcingRecord {
  NetworkNamespace network;
  // Tells an interface from a later one of the same name: in a namespace the
  // kernel counts the index up and hands none out twice (until 2^31, or for who
  // asks for a certain one).
  int ifindex = 0;
  std::string interface;
  int before = 0;  // any number: the sysctl takes any
  int forced = 0;  // 1 to 3

  friend bool operator==(const ForcingRecord&, const ForcingRecord&) = default;
};

// The name of its file: one for each (namespace, interface).
[[nodiscard]] std::string forcing_record_name(const NetworkNamespace& network, int ifindex);

// kForcingRecordSize bytes.
[[nodiscard]] std::string encode_forcing_record(const ForcingRecord& record);

// Takes exactly what encode_forcing_record() writes and refuses anything else.
[[nodiscard]] Result<ForcingRecord> decode_forcing_record(std::string_view text);

}  // namespace mcast::netlink
