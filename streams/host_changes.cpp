#include "streams/host_changes.h"

#include <string>

#include "base/crash_handler.h"

namespace mcast {

void put_back_igmp_versions(netlink::ForcedIgmpVersions& igmp_versions, Log& log) {
  const auto recovered = igmp_versions.recover();
  for (const auto& entry : recovered.put_back) {
    log.warning("put back the IGMP version of " + entry.interface +
                    ", which a killed program had left forced",
                {{"interface", entry.interface},
                 {"forced", std::to_string(entry.forced)},
                 {"before", std::to_string(entry.before)}});
  }
  for (const std::string& problem : recovered.problems) {
    log.warning("forced IGMP versions of killed programs", {{"reason", problem}});
  }
}

void restore_in_a_crash(netlink::ForcedIgmpVersions& igmp_versions) {
  CrashHandler::add(
      [](void* what) noexcept { static_cast<netlink::ForcedIgmpVersions*>(what)->restore_now(); },
      &igmp_versions);
}

}  // namespace mcast
