#include "netlink/forcing/forced_versions.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
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

std::string igmp(int version) {
  return "IGMPv" + std::to_string(version);
}

// Whether another holder may take part in a forcing. `by`: who forces it.
Result<void> can_share(int forced, const std::string& by, int wanted, int now) {
  if (forced != wanted) return fail(by + " already forces " + igmp(forced));
  if (now == forced) return {};
  return fail("force_igmp_version was set to " + std::to_string(now) + " while " + igmp(forced) +
              " was forced, and is left as it is");
}

// The one that forced first may have ended, while others go on.
std::string process(pid_t pid) {
  const bool lives = pid > 0 && (::kill(pid, 0) == 0 || errno == EPERM);
  return lives ? "process " + std::to_string(pid) : "a process whose number is not known";
}

// The open file belongs to this very interface under this very name: once it is gone or
// called otherwise, reading and writing fail, even while a new one has its name.
Result<FileDescriptor> open_sysctl(const std::filesystem::path& proc_root, Family family,
                                   const std::string& interface) {
  const auto path = force_version_path(proc_root, family, interface);
  FileDescriptor file(::open(path.c_str(), O_RDWR | O_CLOEXEC));
  if (file) return file;
  const int code = errno;
  const bool denied = code == EACCES || code == EPERM || code == EROFS;
  return fail_errno(
      "cannot open " + path.string() + (denied ? " (only root may force a version)" : ""), code);
}

// System calls and nothing else, so that a signal handler may call it; errno says why not.
std::optional<int> read_value(int sysctl) noexcept {
  std::array<char, 32> text{};
  const ssize_t length = ::pread(sysctl, text.data(), text.size(), 0);
  int value = 0;
  if (length > 0 && std::from_chars(text.data(), text.data() + length, value).ec == std::errc{}) {
    return value;
  }
  if (length >= 0) errno = ENOENT;
  return std::nullopt;
}

// The same.
bool write_value(int sysctl, int value) noexcept {
  std::array<char, 16> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  return ::pwrite(sysctl, text.data(), static_cast<std::size_t>(end - text.data()), 0) ==
         end - text.data();
}

// The same. True when it was written: what somebody else chose meanwhile is theirs.
std::optional<bool> put_back_value(int sysctl, int before, int forced) noexcept {
  const auto now = read_value(sysctl);
  if (!now) return std::nullopt;
  if (*now != forced) return false;
  if (!write_value(sysctl, before)) return std::nullopt;
  return true;
}

// The warning for a forcing that the kernel does not follow.
void warn_of_all(const std::filesystem::path& proc_root, const std::string& interface, int version,
                 std::vector<std::string>& warnings) {
  const int all = read_proc_number(force_version_path(proc_root, Family::kIpv4, "all")).value_or(0);
  const int used = igmp_version_in_force(version, all);
  if (used == version) return;
  warnings.push_back(igmp(version) + " is forced on " + interface + ", but " + igmp(used) +
                     " is used: the kernel takes the lower version, and " +
                     "net.ipv4.conf.all.force_igmp_version is " + std::to_string(all));
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
  if (version < 1 || version > 3) {
    return fail("IGMP version " + std::to_string(version) + " does not exist: 1, 2 or 3");
  }
  const std::scoped_lock lock(mutex_);
  const int ifindex = view_.index_of(interface);
  if (ifindex <= 0) return fail("interface '" + interface + "' does not exist");
  const auto found = forced_.find(ifindex);
  if (found == forced_.end()) return begin(interface, family, ifindex, version);
  const std::shared_ptr<Forcing> forcing = found->second;
  const auto now = read_value(forcing->sysctl.get());
  if (!now) {
    // Renamed, or given new settings: what was forced under the old ones is over, and
    // leases of it end without effect.
    end(forcing);
    return begin(interface, family, ifindex, version);
  }
  auto shared = can_share(forcing->version, "this program", version, *now);
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
  auto sysctl = open_sysctl(proc_root_, family, interface);
  if (!sysctl) return std::unexpected(sysctl.error());
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

  const auto forcing = std::make_shared<Forcing>();
  forcing->family = family;
  forcing->ifindex = ifindex;
  forcing->version = version;
  forcing->sysctl = std::move(*sysctl);
  std::optional<ForcingDirectory::Found> held;
  Recovery recovery;
  if (directory) {
    forcing->record_name = forcing_record_name(*network, ifindex);
    // First what the dead left here, so that `before` is what was there before them.
    auto settled = settle(*directory, forcing->record_name, *network, recovery);
    if (!settled) return std::unexpected(settled.error());
    held = std::move(*settled);
  }
  std::vector<std::string> warnings = std::move(recovery.problems);
  const auto before = read_value(forcing->sysctl.get());
  if (!before) return fail_errno("cannot read force_igmp_version", errno);
  forcing->before = *before;
  if (held) {
    if (auto shared = share(*held, *forcing); !shared) {
      return std::unexpected(shared.error());
    }
  } else {
    auto made = directory ? directory->create({.network = *network,
                                               .ifindex = ifindex,
                                               .interface = interface,
                                               .before = *before,
                                               .forced = version,
                                               .process = ::getpid()})
                          : std::unexpected(directory.error());
    if (made) {
      forcing->record = std::move(*made);
    } else {
      warnings.push_back("if this program is killed, " + igmp(version) + " stays forced on " +
                         interface + ": " + made.error().message);
    }
  }
  if (!write_value(forcing->sysctl.get(), version)) {
    const auto failed = fail_errno("cannot write force_igmp_version", errno);
    // A record that others hold stays theirs.
    if (forcing->record && nobody_else_holds(forcing->record.get())) {
      (void)directory->remove(forcing->record_name, forcing->record);
    }
    // While the directory is locked: nobody may see a holder that has forced nothing.
    forcing->record.reset();
    return failed;
  }
  warn_of_all(proc_root_, interface, version, warnings);
  for (auto& place : armed_) {
    const Forcing* none = nullptr;
    forcing->armed = &place;
    if (place.compare_exchange_strong(none, forcing.get())) break;
    forcing->armed = nullptr;
  }
  forced_.insert_or_assign(ifindex, forcing);
  return Lease(this, {forcing}, std::move(warnings));
}

Result<void> ForcedVersions::share(ForcingDirectory::Found& held, Forcing& forcing) {
  const auto& record = held.record;
  if (!record) {
    return fail("a record held by another process cannot be read: " + record.error().message);
  }
  auto shared =
      can_share(record->forced, process(record->process), forcing.version, forcing.before);
  if (!shared) return shared;
  if (!hold_record(held.file.get())) return fail("cannot lock the record: " + errno_text(errno));
  forcing.before = record->before;
  forcing.record = std::move(held.file);
  return {};
}

void ForcedVersions::release(const std::shared_ptr<Forcing>& forcing) {
  const std::scoped_lock lock(mutex_);
  if (--forcing->leases > 0) return;
  const auto found = forced_.find(forcing->ifindex);
  if (found != forced_.end() && found->second == forcing) end(forcing);
}

void ForcedVersions::end(const std::shared_ptr<Forcing>& forcing) {
  forced_.erase(forcing->ifindex);
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
  const auto sysctl = open_sysctl(proc_root_, family, interface);
  if (!sysctl && sysctl.error().code == ENOENT) return false;
  if (!sysctl) return std::unexpected(sysctl.error());
  if (view_.index_of(interface) != ifindex) return false;
  const auto done = put_back_value(sysctl->get(), before, forced);
  if (done) return *done;
  const int code = errno;
  return fail_errno(read_value(sysctl->get()) ? "cannot write force_igmp_version"
                                              : "cannot read force_igmp_version",
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
    std::string ours = forcing_record_name(*network, 0);
    ours.pop_back();
    const auto found = forcing_records(state_directory_);
    const auto is_ours = [&ours](const std::string& name) { return name.starts_with(ours); };
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
    const auto done = put_back(Family::kIpv4, record->ifindex, record->before, record->forced);
    // Stays for one that may.
    if (!done) {
      return problem(igmp(record->forced) + " stays forced on " + record->interface + ": " +
                     done.error().message);
    }
    if (*done && record->before != record->forced) {
      recovery.put_back.push_back({.interface = view_.name_of(record->ifindex),
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
    log.warning("put back the IGMP version of " + entry.interface +
                    ", which a killed program had left forced",
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
