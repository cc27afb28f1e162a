// The other half of forced_igmp_version.h: making up for programs that were killed.
#include <algorithm>
#include <array>
#include <cerrno>

#include "netlink/forcing/forced_igmp_version.h"

namespace mcast::netlink {
namespace {

// Of a host on which nobody forces, or of a user who could not have.
bool is_no_concern(const Error& error) {
  constexpr std::array kCodes{ENOENT, EACCES, EPERM, EROFS};
  return std::ranges::find(kCodes, error.code) != kCodes.end();
}

}  // namespace

ForcedIgmpVersions::Recovery ForcedIgmpVersions::recover() {
  Recovery recovery;
  const std::scoped_lock lock(mutex_);
  const auto directory = ForcingDirectory::open(state_directory_, false);
  if (!directory) {
    if (!is_no_concern(directory.error())) recovery.problems.push_back(directory.error().message);
    return recovery;
  }
  const auto network = view_.network_namespace();
  if (!network) {
    recovery.problems.push_back(network.error().message);
    return recovery;
  }
  const auto directory_lock = directory->lock();
  if (!directory_lock) {
    recovery.problems.push_back(directory_lock.error().message);
    return recovery;
  }
  const auto names = directory->records();
  if (!names) {
    recovery.problems.push_back(names.error().message);
    return recovery;
  }
  for (const std::string& name : *names) recover_record(*directory, name, *network, recovery);
  return recovery;
}

void ForcedIgmpVersions::recover_record(const ForcingDirectory& directory, const std::string& name,
                                        const NetworkNamespace& network, Recovery& recovery) {
  const auto remove = [&] {
    if (auto removed = directory.remove(name); !removed) {
      recovery.problems.push_back(removed.error().message);
    }
  };
  const auto file = ForcingRecordFile::open(directory, name);
  // Whoever holds it puts it back himself, a later version of this program too, whose
  // records this one cannot read.
  if (file && file->other_holder()) return;
  if (!file && file.error().code == ENOENT) return;
  if (!file && !ForcingRecordFile::is_no_record(file.error())) {
    recovery.problems.push_back(file.error().message);
    return;
  }
  const auto record = file ? file->read() : std::unexpected(file.error());
  if (!record) {
    recovery.problems.push_back(record.error().message + ": removed");
    remove();
    return;
  }
  if (is_gone(record->network, network)) {
    remove();
    return;
  }
  if (record->network != network) return;
  const auto done = put_back(record->ifindex, record->before, record->forced);
  if (!done) {
    // Stays for one that may.
    recovery.problems.push_back("IGMPv" + std::to_string(record->forced) + " stays forced on " +
                                record->interface + ": " + done.error().message);
    return;
  }
  if (*done && record->before != record->forced) {
    const std::string now = view_.name_of(record->ifindex);
    recovery.put_back.push_back({.interface = now.empty() ? record->interface : now,
                                 .forced = record->forced,
                                 .before = record->before});
  }
  remove();
}

}  // namespace mcast::netlink
