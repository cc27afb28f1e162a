// What reaches the sockets of subjects that other programs receive: an Arrivals for
// each group and port, and the drops of the sockets that /proc/net/udp lists. One
// thread.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "findings/arrivals.h"
#include "findings/evidence.h"
#include "findings/examination.h"
#include "netlink/proc/proc_counters.h"

namespace mcast::findings {

class ArrivalCounter {
 public:
  // Sockets that are looked at, at most. Where a subject names no port, every UDP port
  // that this host has open counts as its own.
  static constexpr std::size_t kMaxSockets = 64;

  ArrivalCounter(const std::vector<Subject>& subjects, const std::vector<netlink::Link>& links,
                 std::filesystem::path proc_root);

  // Until now; for Examination::Parts::delivery.
  [[nodiscard]] Result<Delivery> count(const Subject& subject);
  // Reads what waits. At least every second, so that the sockets do not fill up.
  void drain();

 private:
  [[nodiscard]] std::vector<netlink::UdpSocket> open_sockets() const;
  [[nodiscard]] std::vector<std::uint16_t> ports_of(const Subject& subject) const;
  [[nodiscard]] std::optional<std::uint64_t> drops_of(const Subject& subject) const;

  std::filesystem::path proc_root_;
  std::map<std::string, int> ifindexes_;
  std::vector<std::uint16_t> open_ports_;
  std::map<std::pair<IpAddress, std::uint16_t>, Result<Arrivals>> sockets_;
};

}  // namespace mcast::findings
