// MLD made by hand, right or wrong: queries and reports as a router, a switch, a host or
// somebody who means harm would send them (RFC 3810; version 1 in RFC 2710). Any thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/file_descriptor.h"
#include "tests/netns/datagram.h"
#include "tests/netns/namespace.h"

namespace mcast::test {

struct MldQuery {
  int version = 2;
  std::string group = "::";  // general
  std::vector<std::string> sources = {};
  std::chrono::milliseconds max_response{1000};  // at most 32 s
  int robustness = 2;
  std::chrono::seconds interval{125};  // at most 127 s
  // What it says about the number of sources, if that is not true.
  std::optional<std::uint16_t> announced = {};
};
struct MldRecord {
  std::uint8_t type = 4;  // CHANGE_TO_EXCLUDE_MODE: a join (*,G)
  std::string group;
  std::vector<std::string> sources = {};
};

// From the type on, the checksum 0.
[[nodiscard]] Datagram mld_query(const MldQuery& query);
[[nodiscard]] Datagram mld_report(const std::vector<MldRecord>& records,
                                  std::optional<std::uint16_t> announced = {});
[[nodiscard]] Datagram mld_report_v1(const std::string& group);
[[nodiscard]] Datagram mld_done(const std::string& group);

// Waits until the host has said all that it has to say about its memberships: each change is
// reported twice, within a second or two (RFC 3810 section 9.11).
void wait_until_reported(const Namespace& where, const std::string& interface);

// One of the counters of an interface: "Icmp6OutMLDv2Reports".
[[nodiscard]] std::uint64_t ipv6_counter(const Namespace& where, const std::string& interface,
                                         const std::string& name);

class MldSpeaker {
 public:
  // By default all that makes listeners take it for valid.
  struct Envelope {
    std::string source = {};  // else the interface's own link-local address
    std::string destination = "ff02::1";
    int hop_limit = 1;
    bool router_alert = true;
    bool right_checksum = true;
    // The message ends after so many bytes; its checksum is that of what is left.
    std::optional<std::size_t> cut_to = {};
  };
  MldSpeaker(const Namespace& where, const std::string& interface);

  void send(const Datagram& message) const { send(message, Envelope{}); }
  void send(const Datagram& message, const Envelope& envelope) const;

 private:
  FileDescriptor socket_;
  unsigned interface_index_;
  std::string link_local_;
};

}  // namespace mcast::test
