// The note that a program leaves about an IGMP version that it forced: what the next one
// needs to put it back, and what tells whether it is about this network. Any thread.
//
//   mcast-agent forced IGMP version, format 2
//   boot 0f0d3c5a-... (UUID)
//   network 4 4026532317 4174        device, inode and cookie of the namespace
//   interface 7 eth1                 index, and name at that time
//   before 0
//   forced 2
//   process 1234
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace mcast::netlink {

// A network namespace, told apart from every other one of every boot.
//
// The inode number does not do: the kernel hands the number of a namespace that is gone to
// the next one. The cookie (SO_NETNS_COOKIE, Linux 5.14) is never used twice in a boot;
// older kernels have none, which is 0 here.
struct NetworkNamespace {
  std::string boot_id;
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t cookie = 0;

  friend bool operator==(const NetworkNamespace&, const NetworkNamespace&) = default;
};

// True when `seen` cannot exist any more, given that `current` does: it is of an
// earlier boot, or its inode number is another namespace's by now. False where
// nothing is proven: a namespace without processes may be held by a mount.
[[nodiscard]] bool is_gone(const NetworkNamespace& seen, const NetworkNamespace& current);

// What is asked of this thread's network; functions, so that tests can answer.
struct NetworkView {
  std::function<Result<NetworkNamespace>()> network_namespace;
  std::function<int(const std::string&)> index_of;  // 0: there is no such interface
  std::function<std::string(int)> name_of;          // "": there is no such interface

  // As the kernel answers; `proc_root` is "/proc" outside of tests.
  [[nodiscard]] static NetworkView of_kernel(const std::filesystem::path& proc_root);
};

struct ForcingRecord {
  NetworkNamespace network;
  // Tells an interface from a later one of the same name: in a namespace the kernel counts
  // the index up and hands none out twice (until 2^31, or to whoever asks for one).
  int ifindex = 0;
  std::string interface;
  int before = 0;     // any number: the sysctl takes any
  int forced = 0;     // 1 to 3
  pid_t process = 0;  // that forced first, only to be named to others

  friend bool operator==(const ForcingRecord&, const ForcingRecord&) = default;
};

// What record names begin with; other files in the directory are not ours.
inline constexpr std::string_view kForcingRecordPrefix = "igmp-version-";
// The name of its file: one for each (namespace, interface).
[[nodiscard]] std::string forcing_record_name(const NetworkNamespace& network, int ifindex);

// No record is longer.
inline constexpr std::size_t kForcingRecordSize = 512;
[[nodiscard]] std::string encode_forcing_record(const ForcingRecord& record);
// Takes exactly what encode_forcing_record() writes and refuses anything else.
[[nodiscard]] Result<ForcingRecord> decode_forcing_record(std::string_view text);

}  // namespace mcast::netlink
