#include "netlink/forcing/forced_versions.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <tuple>
#include <utility>

#include "base/crash_handler.h"
#include "base/text.h"
#include "netlink/proc/sysctls.h"

namespace mcast::netlink {
namespace {

constexpr int kLockTries = 500;  // 2 ms each
constexpr int kCrashLockTries = 50;

// "IGMPv2"
std::string protocol(Family family, int version) {
  return std::string(membership_protocol(family)) + "v" + std::to_string(version);
}

// Whether another holder may take part in a forcing. `by`: who forces it; `written`: what he has
// left in the sysctl, where `now` stands.
Result<void> can_share(Family family, int forced, const std::string& by, int wanted, int written,
                       int now) {
  if (forced != wanted) return fail(by + " already forces " + protocol(family, forced));
  if (now == written) return {};
  return fail(force_version_sysctl(family) + " was set to " + std::to_string(now) + " while " +
              protocol(family, forced) + " was forced, and is left as it is");
}

// The one that forced first may have ended, while others go on.
std::string process(pid_t pid) {
  const bool lives = pid > 0 && (::kill(pid, 0) == 0 || errno == EPERM);
  return lives ? "process " + std::to_string(pid) : "a process whose number is not known";
}

// By system calls alone. True when it was written: what somebody else chose meanwhile is theirs.
std::optional<bool> put_back_value(int sysctl, int before, int forced) noexcept {
  const auto now = read_sysctl(sysctl);
  if (!now) return std::nullopt;
  if (*now != forced) return false;
  if (!write_sysctl(sysctl, before)) return std::nullopt;
  return true;
}

// The warning for a forcing that the kernel does not follow.
void warn_of_all(const std::filesystem::path& proc_root, Family family,
                 const std::string& interface, int version, std::vector<std::string>& warnings) {
  const int all = read_proc_number(force_version_path(proc_root, family, "all")).value_or(0);
  const int used = version_in_force(family, version, all);
  if (used == version) return;
  const bool is_v4 = family == Family::kIpv4;
  warnings.push_back(protocol(family, version) + " is forced on " + interface + ", but " +
                     (used == 0 ? "no version" : protocol(family, used)) + " is used: the kernel " +
                     (is_v4 ? "takes the lower version" : "puts all interfaces first") + ", and " +
                     (is_v4 ? "net.ipv4.conf.all." : "net.ipv6.conf.all.") +
                     force_version_sysctl(family) + " is " + std::to_string(all));
}

// Nothing but the version that is wanted is in force, and writing it would only do harm.
bool is_as_wanted(const std::filesystem::path& proc_root, Family family, int before, int version) {
  if (family == Family::kIpv4) return false;
  const int all = read_proc_number(force_version_path(proc_root, family, "all")).value_or(0);
  const int used = version_in_force(family, before, all);
  return used == version || (used == 0 && version == newest_version(family));
}

}  // namespace

ForcedVersions::ForcedVersions(std::filesystem::path proc_root,
                               std::filesystem::path state_directory,
                               std::optional<NetworkView> view)
    : proc_root_(std::move(proc_root)),
      state_directory_(std::move(state_directory)),
      view_(view ? std::move(*view) : NetworkView::of_kernel(proc_root_)) {}

Result<ForcedVersions::Lease> ForcedVersions::force(const std::string& interface, Family family,
                                                    int version) {
  // "all" and "default" are no interfaces, but files of the same kind.
  if (!is_valid_interface_name(interface) || interface == "all" || interface == "default") {
    return fail("'" + interface + "' is not an interface name");
  }
  if (version < 1 || version > newest_version(family)) {
    return fail(std::string(membership_protocol(family)) + " version " + std::to_string(version) +
                " does not exist: " + (family == Family::kIpv4 ? "1, 2 or 3" : "1 or 2"));
  }
  const std::scoped_lock lock(mutex_);
  const int ifindex = view_.index_of(interface);
  if (ifindex <= 0) return fail("interface '" + interface + "' does not exist");
  const auto found = forced_.find({family, ifindex});
  if (found == forced_.end()) return begin(interface, family, ifindex, version);
  const std::shared_ptr<Forcing> forcing = found->second;
  const auto now = read_sysctl(forcing->sysctl.get());
  if (!now) {
    // Renamed, or given new settings: what was forced under the old ones is over, and
    // leases of it end without effect.
    end(forcing);
    return begin(interface, family, ifindex, version);
  }
  auto shared =
      can_share(family, forcing->version, "this program", version, value_of(*forcing), *now);
  if (!shared) return std::unexpected(shared.error());
  ++forcing->leases;
  return Lease(this, {forcing}, {});
}

int ForcedVersions::forced_on(const std::string& interface, Family family) const {
  if (!is_valid_interface_name(interface)) return 0;
  return read_proc_number(force_version_path(proc_root_, family, interface)).value_or(0);
}

Result<ForcedVersions::Lease> ForcedVersions::begin(const std::string& interface, Family family,
                                                    int ifindex, int version) {
  const auto forcing = std::make_shared<Forcing>();
  forcing->family = family;
  forcing->ifindex = ifindex;
  forcing->version = version;
  const auto keep_as_it_is = [&](std::vector<std::string> warnings) {
    forcing->is_written = false;
    forced_.insert_or_assign({family, ifindex}, forcing);
    return Lease(this, {forcing}, std::move(warnings));
  };
  auto sysctl = open_version_sysctl(proc_root_, family, interface);
  if (!sysctl) {
    // Who may not write it need not where it is right.
    const auto now = read_proc_number(force_version_path(proc_root_, family, interface));
    if (now && is_as_wanted(proc_root_, family, *now, version)) return keep_as_it_is({});
    return std::unexpected(sysctl.error());
  }
  if (view_.index_of(interface) != ifindex) {
    return fail("interface '" + interface + "' was replaced this moment");
  }
  const auto network = view_.network_namespace();
  // Locked until the sysctl is written, so that others see either nothing or all of it.
  const auto directory = network ? ForcingDirectory::open(state_directory_, true)
                                 : Result<ForcingDirectory>(std::unexpected(network.error()));
  // Somebody changes records now and does not come to an end. Going on without might undo
  // what he forces.
  if (!directory && directory.error().code == EAGAIN) return std::unexpected(directory.error());

  forcing->sysctl = std::move(*sysctl);
  std::optional<ForcingDirectory::Found> held;
  Recovery recovery;
  if (directory) {
    forcing->record_name = forcing_record_name(*network, family, ifindex);
    // First what the dead left here, so that `before` is what was there before them.
    auto settled = settle(*directory, forcing->record_name, *network, recovery);
    if (!settled) return std::unexpected(settled.error());
    held = std::move(*settled);
  }
  std::vector<std::string> warnings = std::move(recovery.problems);
  const auto before = read_sysctl(forcing->sysctl.get());
  if (!before) return fail_errno("cannot read " + force_version_sysctl(family), errno);
  forcing->before = *before;
  if (!held && is_as_wanted(proc_root_, family, *before, version)) {
    return keep_as_it_is(std::move(warnings));
  }
  if (held) {
    if (auto shared = share(*held, *forcing); !shared) {
      return std::unexpected(shared.error());
    }
  } else {
    auto made = directory ? directory->create({.network = *network,
                                               .family = family,
                                               .ifindex = ifindex,
                                               .interface = interface,
                                               .before = *before,
                                               .forced = version,
                                               .process = ::getpid()})
                          : std::unexpected(directory.error());
    if (made) {
      forcing->record = std::move(*made);
    } else {
      warnings.push_back("if this program is killed, " + protocol(family, version) +
                         " stays forced on " + interface + ": " + made.error().message);
    }
  }
  if (!write_sysctl(forcing->sysctl.get(), version)) {
    const auto failed = fail_errno("cannot write " + force_version_sysctl(family), errno);
    // A record that others hold stays theirs.
    if (forcing->record && nobody_else_holds(forcing->record.get())) {
      (void)directory->remove(forcing->record_name, forcing->record);
    }
    // While the directory is locked: nobody may see a holder that has forced nothing.
    forcing->record.reset();
    return failed;
  }
  warn_of_all(proc_root_, family, interface, version, warnings);
  for (auto& place : armed_) {
    const Forcing* none = nullptr;
    forcing->armed = &place;
    if (place.compare_exchange_strong(none, forcing.get())) break;
    forcing->armed = nullptr;
  }
  forced_.insert_or_assign({family, ifindex}, forcing);
  return Lease(this, {forcing}, std::move(warnings));
}

Result<void> ForcedVersions::share(ForcingDirectory::Found& held, Forcing& forcing) {
  const auto& record = held.record;
  if (!record) {
    return fail("a record held by another process cannot be read: " + record.error().message);
  }
  auto shared = can_share(forcing.family, record->forced, process(record->process), forcing.version,
                          record->forced, forcing.before);
  if (!shared) return shared;
  if (!hold_record(held.file.get())) return fail("cannot lock the record: " + errno_text(errno));
  forcing.before = record->before;
  forcing.record = std::move(held.file);
  return {};
}

void ForcedVersions::release(const std::shared_ptr<Forcing>& forcing) {
  const std::scoped_lock lock(mutex_);
  if (--forcing->leases > 0) return;
  const auto found = forced_.find({forcing->family, forcing->ifindex});
  if (found != forced_.end() && found->second == forcing) end(forcing);
}

void ForcedVersions::end(const std::shared_ptr<Forcing>& forcing) {
  forced_.erase({forcing->family, forcing->ifindex});
  const Forcing* armed = forcing.get();
  if (forcing->armed != nullptr && !forcing->armed->compare_exchange_strong(armed, nullptr)) {
    // The process is about to end. A handler may write to these descriptors at this
    // moment; closed, their numbers could be other files.
    taken_.push_back(forcing);
    return;
  }
  undo(*forcing, false);
}

void ForcedVersions::undo(const Forcing& forcing, bool in_crash) const {
  if (!forcing.is_written) return;
  const int record = forcing.record.get();
  FileDescriptor directory;
  FileDescriptor lock;
  if (record >= 0) {
    std::tie(directory, lock) =
        ForcingDirectory::lock(state_directory_.c_str(), in_crash ? kCrashLockTries : kLockTries);
    // Left to the next program's start: the record stays, its holder goes. Somebody who starts
    // at this moment has the lock, or waits for it and then finds no record.
    if (!lock && (in_crash || errno == EAGAIN)) return;
    if (!nobody_else_holds(record)) return;
  }
  bool done = put_back_value(forcing.sysctl.get(), forcing.before, forcing.version).has_value();
  if (!done && !in_crash) {
    // Fails only when the interface is gone: then nothing is left to put back.
    (void)put_back(forcing.family, forcing.ifindex, forcing.before, forcing.version);
    done = true;
  }
  if (done && lock) (void)remove_record(directory.get(), forcing.record_name.c_str(), record);
}

Result<bool> ForcedVersions::put_back(Family family, int ifindex, int before, int forced) const {
  const std::string interface = view_.name_of(ifindex);
  if (interface.empty() || !is_valid_interface_name(interface)) return false;
  const auto sysctl = open_version_sysctl(proc_root_, family, interface);
  if (!sysctl && sysctl.error().code == ENOENT) return false;
  if (!sysctl) return std::unexpected(sysctl.error());
  if (view_.index_of(interface) != ifindex) return false;
  const auto done = put_back_value(sysctl->get(), before, forced);
  if (done) return *done;
  const int code = errno;
  return fail_errno((read_sysctl(sysctl->get()) ? "cannot write " : "cannot read ") +
                        force_version_sysctl(family),
                    code);
}

ForcedVersions::Recovery ForcedVersions::recover() {
  // What a host answers on which nobody forces, or a user who could not have.
  constexpr std::array kNoConcern{ENOENT, EACCES, EPERM, EROFS};
  Recovery recovery;
  const std::scoped_lock lock(mutex_);
  const auto directory = ForcingDirectory::open(state_directory_, false);
  if (!directory && std::ranges::find(kNoConcern, directory.error().code) != kNoConcern.end()) {
    return recovery;
  }
  const auto network = view_.network_namespace();
  const auto names = directory ? directory->records() : std::unexpected(directory.error());
  // A directory that is not believed matters where something in it is about this network.
  if (!directory && directory.error().code == 0 && network) {
    const auto found = forcing_records(state_directory_);
    const auto is_ours = [&network](const std::string& name) {
      return std::ranges::any_of(std::array{Family::kIpv4, Family::kIpv6}, [&](Family family) {
        std::string ours = forcing_record_name(*network, family, 0);
        ours.pop_back();
        return name.starts_with(ours);
      });
    };
    if (found && std::ranges::none_of(*found, is_ours)) return recovery;
  }
  if (!network || !names) {
    const Error& error = names ? network.error() : names.error();
    recovery.problems.push_back(
        error.message + ", so IGMP settings left behind by killed programs cannot be restored");
    return recovery;
  }
  for (const std::string& name : *names) (void)settle(*directory, name, *network, recovery);
  return recovery;
}

Result<std::optional<ForcingDirectory::Found>> ForcedVersions::settle(
    const ForcingDirectory& directory, const std::string& name, const NetworkNamespace& network,
    Recovery& recovery) {
  const auto problem = [&](const std::string& text) {
    recovery.problems.push_back(text);
    return fail(text);
  };
  auto found = directory.find(name);
  if (!found) return problem(found.error().message);
  // Whoever holds it puts it back himself, a later version of this program too, whose
  // records this one cannot read.
  if (!*found || (*found)->is_held) return found;
  const auto& record = (*found)->record;
  if (!record) {
    recovery.problems.push_back(record.error().message + ": removed");
  } else if (!is_gone(record->network, network)) {
    if (record->network != network) return std::nullopt;
    const auto done = put_back(record->family, record->ifindex, record->before, record->forced);
    // Stays for one that may.
    if (!done) {
      return problem(protocol(record->family, record->forced) + " stays forced on " +
                     record->interface + ": " + done.error().message);
    }
    if (*done && record->before != record->forced) {
      recovery.put_back.push_back({.family = record->family,
                                   .interface = view_.name_of(record->ifindex),
                                   .forced = record->forced,
                                   .before = record->before});
    }
  }
  if (auto removed = directory.remove(name, (*found)->file); !removed) {
    return problem(removed.error().message);
  }
  return std::nullopt;
}

void ForcedVersions::restore_now() noexcept {
  const int saved_errno = errno;
  for (auto& place : armed_) {
    if (const Forcing* const forcing = place.exchange(nullptr)) undo(*forcing, true);
  }
  errno = saved_errno;
}

void put_back_versions(ForcedVersions& forced_versions, Log& log) {
  const auto recovered = forced_versions.recover();
  for (const auto& entry : recovered.put_back) {
    log.warning("put back the " + std::string(membership_protocol(entry.family)) + " version of " +
                    entry.interface + ", which a killed program had left forced",
                {{"interface", entry.interface},
                 {"forced", std::to_string(entry.forced)},
                 {"before", std::to_string(entry.before)}});
  }
  for (const std::string& problem : recovered.problems) {
    log.warning(problem);
  }
}

void restore_in_a_crash(ForcedVersions& forced_versions) {
  CrashHandler::add([](void* what) noexcept { static_cast<ForcedVersions*>(what)->restore_now(); },
                    &forced_versions);
}

}  // namespace mcast::netlink
