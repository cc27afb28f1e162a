#include "netlink/forcing/forced_igmp_version.h"

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <utility>

#include "netlink/proc/igmp_version_in_force.h"
#include "netlink/proc/proc_files.h"

namespace mcast::netlink {
namespace {

std::string igmp(int version) {
  return "IGMPv" + std::to_string(version);
}

std::unexpected<Error> already_forced(int forced, const std::string& interface,
                                      const std::string& by, int wanted) {
  return fail(igmp(forced) + " is already forced on " + interface + by + ", so " + igmp(wanted) +
              " cannot be");
}

std::unexpected<Error> changed_by_hand(int forced, const std::string& interface, int now) {
  return fail("force_igmp_version of " + interface + " was set to " + std::to_string(now) +
              " while " + igmp(forced) + " was forced there: not forced over that");
}

std::string process(pid_t pid) {
  return pid > 0 ? "process " + std::to_string(pid) : "a process whose number is not known";
}

// The warning for a forcing that the kernel does not follow.
void warn_of_all(const std::filesystem::path& proc_root, const std::string& interface, int version,
                 std::vector<std::string>& warnings) {
  const int all = read_proc_number(force_igmp_version_path(proc_root, "all")).value_or(0);
  const int used = igmp_version_in_force(version, all);
  if (used == version) return;
  warnings.push_back(igmp(version) + " is forced on " + interface + ", but " + igmp(used) +
                     " is used: the kernel takes the lower version, and " +
                     "net.ipv4.conf.all.force_igmp_version is " + std::to_string(all));
}

}  // namespace

ForcedIgmpVersions::Lease::Lease(ForcedIgmpVersions& owner, int ifindex, std::uint64_t forcing,
                                 std::vector<std::string> warnings)
    : owner_(&owner), ifindex_(ifindex), forcing_(forcing), warnings_(std::move(warnings)) {}

ForcedIgmpVersions::Lease::Lease(Lease&& other) noexcept
    : owner_(std::exchange(other.owner_, nullptr)),
      ifindex_(other.ifindex_),
      forcing_(other.forcing_),
      warnings_(std::move(other.warnings_)) {}

ForcedIgmpVersions::Lease& ForcedIgmpVersions::Lease::operator=(Lease&& other) noexcept {
  if (this != &other) {
    release();
    owner_ = std::exchange(other.owner_, nullptr);
    ifindex_ = other.ifindex_;
    forcing_ = other.forcing_;
    warnings_ = std::move(other.warnings_);
  }
  return *this;
}

void ForcedIgmpVersions::Lease::release() {
  if (owner_ != nullptr) std::exchange(owner_, nullptr)->release(ifindex_, forcing_);
}

ForcedIgmpVersions::ForcedIgmpVersions(std::filesystem::path proc_root,
                                       std::filesystem::path state_directory)
    : proc_root_(std::move(proc_root)),
      state_directory_(std::move(state_directory)),
      view_(NetworkView::of_kernel(proc_root_)) {}

ForcedIgmpVersions::ForcedIgmpVersions(std::filesystem::path proc_root,
                                       std::filesystem::path state_directory, NetworkView view)
    : proc_root_(std::move(proc_root)),
      state_directory_(std::move(state_directory)),
      view_(std::move(view)) {}

Result<ForcedIgmpVersions::Lease> ForcedIgmpVersions::force(const std::string& interface,
                                                            int version) {
  // "all" and "default" are no interfaces, but files of the same kind.
  if (!is_valid_interface_name(interface) || interface == "all" || interface == "default") {
    return fail("'" + interface + "' is not an interface name");
  }
  if (version < 1 || version > 3) {
    return fail("IGMP version " + std::to_string(version) + " does not exist: 1, 2 or 3");
  }
  const std::scoped_lock lock(mutex_);
  const int ifindex = view_.index_of(interface);
  if (ifindex <= 0) return fail("interface '" + interface + "' does not exist");
  const auto found = forced_.find(ifindex);
  if (found != forced_.end()) {
    if (found->second.sysctl.read()) return share(found->second, interface, ifindex, version);
    // Renamed, or given new settings: what was forced under the old ones is over, and
    // leases of it end without effect.
    Forcing old = std::move(found->second);
    forced_.erase(found);
    end(ifindex, std::move(old));
  }
  return begin(interface, ifindex, version);
}

Result<ForcedIgmpVersions::Lease> ForcedIgmpVersions::share(Forcing& forcing,
                                                            const std::string& interface,
                                                            int ifindex, int version) {
  if (forcing.version != version) {
    return already_forced(forcing.version, interface, " by this program", version);
  }
  const auto now = forcing.sysctl.read();
  if (!now) return std::unexpected(now.error());
  if (*now != version) return changed_by_hand(version, interface, *now);
  ++forcing.leases;
  return Lease(*this, ifindex, forcing.id, {});
}

Result<ForcedIgmpVersions::Lease> ForcedIgmpVersions::begin(const std::string& interface,
                                                            int ifindex, int version) {
  auto sysctl = ForcedSysctl::open(proc_root_, interface);
  if (!sysctl) return std::unexpected(sysctl.error());
  if (view_.index_of(interface) != ifindex) {
    return fail("interface '" + interface + "' was replaced this moment");
  }

  std::vector<std::string> warnings;
  const auto not_noted = [&](const Error& error) {
    warnings.push_back("if this program is killed, " + igmp(version) + " stays forced on " +
                       interface + ": " + error.message);
  };
  std::optional<Noted> noted;
  auto network = view_.network_namespace();
  auto directory = network ? ForcingDirectory::open(state_directory_, true)
                           : Result<ForcingDirectory>(std::unexpected(network.error()));
  // Held until the sysctl is written, so that others see either nothing or all of it.
  std::optional<ForcingDirectory::Lock> directory_lock;
  if (directory) {
    auto locked = directory->lock();
    // Somebody changes records now and does not come to an end. Going on without
    // might undo what he forces.
    if (!locked && locked.error().code == EAGAIN) return std::unexpected(locked.error());
    if (locked) {
      directory_lock.emplace(std::move(*locked));
    } else {
      directory = std::unexpected(locked.error());
    }
  }

  if (directory) {
    // First what the dead left here, so that `before` is what was there before them.
    Recovery recovery;
    recover_record(*directory, forcing_record_name(*network, ifindex), *network, recovery);
    std::ranges::move(recovery.problems, std::back_inserter(warnings));
  }
  const auto now = sysctl->read();
  if (!now) return std::unexpected(now.error());
  int before = *now;
  if (directory) {
    auto claimed = claim(*directory, {.network = *network,
                                      .ifindex = ifindex,
                                      .interface = interface,
                                      .before = before,
                                      .forced = version});
    if (!claimed) return std::unexpected(claimed.error());
    if (claimed->record) {
      before = claimed->before;
      noted.emplace(
          Noted{.directory = std::move(*directory), .record = std::move(*claimed->record)});
    } else {
      not_noted(claimed->why_not);
    }
  } else {
    not_noted(directory.error());
  }

  if (auto written = sysctl->write(version); !written) {
    // A record that others hold stays theirs.
    if (noted && !noted->record.other_holder()) {
      (void)noted->directory.remove(noted->record.name());
    }
    // While the lock is held: nobody may see a holder who is none.
    if (noted) noted->record.close();
    return std::unexpected(written.error());
  }
  warn_of_all(proc_root_, interface, version, warnings);

  CrashRestore::Entry entry{.sysctl = sysctl->fd(), .before = before, .forced = version};
  if (noted) {
    entry.record = noted->record.fd();
    entry.directory = noted->directory.fd();
    entry.lock = noted->directory.lock_fd();
    entry.record_name = noted->record.name();
  }
  const std::uint64_t id = next_id_++;
  forced_.insert_or_assign(ifindex, Forcing{.id = id,
                                            .sysctl = std::move(*sysctl),
                                            .noted = std::move(noted),
                                            .crash_place = crash_restore_.publish(entry),
                                            .version = version,
                                            .before = before,
                                            .leases = 1});
  return Lease(*this, ifindex, id, std::move(warnings));
}

// Takes part in a forcing that is written down, or writes down this one. `wanted.before`
// is what stands there now.
Result<ForcedIgmpVersions::Claim> ForcedIgmpVersions::claim(const ForcingDirectory& directory,
                                                            const ForcingRecord& wanted) {
  auto file =
      ForcingRecordFile::open(directory, forcing_record_name(wanted.network, wanted.ifindex));
  if (!file && file.error().code != ENOENT) return std::unexpected(file.error());
  if (!file) {
    auto made = ForcingRecordFile::create(directory, wanted);
    if (!made) return Claim{.record = std::nullopt, .before = 0, .why_not = made.error()};
    return Claim{.record = std::move(*made), .before = wanted.before, .why_not = {}};
  }
  const auto record = file->read();
  const std::string by = " by " + process(file->other_holder().value_or(0));
  if (!record) return fail("a record held" + by + " cannot be read: " + record.error().message);
  if (record->forced != wanted.forced) {
    return already_forced(record->forced, wanted.interface, by, wanted.forced);
  }
  if (wanted.before != record->forced) {
    return changed_by_hand(record->forced, wanted.interface, wanted.before);
  }
  if (auto held = file->hold(); !held) return std::unexpected(held.error());
  return Claim{.record = std::move(*file), .before = record->before, .why_not = {}};
}

void ForcedIgmpVersions::release(int ifindex, std::uint64_t forcing) {
  const std::scoped_lock lock(mutex_);
  const auto found = forced_.find(ifindex);
  if (found == forced_.end() || found->second.id != forcing || --found->second.leases > 0) return;
  Forcing ended = std::move(found->second);
  forced_.erase(found);
  end(ifindex, std::move(ended));
}

void ForcedIgmpVersions::end(int ifindex, Forcing forcing) {
  const auto withdrawn = forcing.crash_place ? crash_restore_.withdraw(*forcing.crash_place)
                                             : CrashRestore::Withdrawn::kUntouched;
  if (withdrawn == CrashRestore::Withdrawn::kInProgress) {
    // The process is about to end. A handler writes to these descriptors at this
    // moment; closed, their numbers could be other files.
    forcing.sysctl.abandon();
    if (forcing.noted) {
      forcing.noted->record.abandon();
      forcing.noted->directory.abandon();
    }
    return;
  }
  if (withdrawn == CrashRestore::Withdrawn::kRestored) return;

  std::optional<ForcingDirectory::Lock> directory_lock;
  if (forcing.noted) {
    auto locked = forcing.noted->directory.lock();
    // Left to the next program's start: the record stays, its holder goes.
    if (!locked) return;
    directory_lock.emplace(std::move(*locked));
    if (forcing.noted->record.other_holder()) {
      // Goes before the lock does, so that the next one that ends sees who is left.
      forcing.noted->record.close();
      return;
    }
  }
  auto done = forcing.sysctl.put_back(forcing.before, forcing.version);
  if (!done) done = put_back(ifindex, forcing.before, forcing.version);
  // Fails only when the interface is gone: then nothing is left to put back.
  if (forcing.noted) (void)forcing.noted->directory.remove(forcing.noted->record.name());
}

Result<bool> ForcedIgmpVersions::put_back(int ifindex, int before, int forced) const {
  const std::string interface = view_.name_of(ifindex);
  if (interface.empty() || !is_valid_interface_name(interface)) return false;
  const auto sysctl = ForcedSysctl::open(proc_root_, interface);
  if (!sysctl) {
    if (sysctl.error().code == ENOENT) return false;
    return std::unexpected(sysctl.error());
  }
  if (view_.index_of(interface) != ifindex) return false;
  return sysctl->put_back(before, forced);
}

}  // namespace mcast::netlink
