#include "netlink/forcing/forced_igmp_version.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <iterator>
#include <optional>
#include <utility>

#include "base/crash_handler.h"
#include "netlink/proc/igmp_version_in_force.h"
#include "netlink/proc/proc_files.h"

namespace mcast::netlink {
namespace {

constexpr int kCrashLockTries = 50;  // 2 ms each

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

// The one that forced first may have ended, while others go on.
std::string process(pid_t pid) {
  const bool lives = pid > 0 && (::kill(pid, 0) == 0 || errno == EPERM);
  return lives ? "process " + std::to_string(pid) : "a process whose number is not known";
}

// The open file belongs to this very interface under this very name: once it is gone or
// called otherwise, reading and writing fail, even while a new one has its name.
Result<FileDescriptor> open_sysctl(const std::filesystem::path& proc_root,
                                   const std::string& interface) {
  const auto path = force_igmp_version_path(proc_root, interface);
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

// True when it was written: what somebody else chose meanwhile is theirs.
Result<bool> put_back_value(int sysctl, int before, int forced) {
  const auto now = read_value(sysctl);
  if (!now) return fail_errno("cannot read force_igmp_version", errno);
  if (*now != forced) return false;
  if (!write_value(sysctl, before)) return fail_errno("cannot write force_igmp_version", errno);
  return true;
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

ForcedIgmpVersions::ForcedIgmpVersions(std::filesystem::path proc_root,
                                       std::filesystem::path state_directory)
    : ForcedIgmpVersions(proc_root, std::move(state_directory), NetworkView::of_kernel(proc_root)) {
}

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
  if (found == forced_.end()) return begin(interface, ifindex, version);
  Forcing& forcing = found->second;
  const auto now = read_value(forcing.sysctl.get());
  if (!now) {
    // Renamed, or given new settings: what was forced under the old ones is over, and
    // leases of it end without effect.
    Forcing old = std::move(forcing);
    forced_.erase(found);
    end(ifindex, std::move(old));
    return begin(interface, ifindex, version);
  }
  if (forcing.version != version) {
    return already_forced(forcing.version, interface, " by this program", version);
  }
  if (*now != version) return changed_by_hand(version, interface, *now);
  ++forcing.leases;
  return Lease(this, {.ifindex = ifindex, .forcing = forcing.id}, {});
}

Result<ForcedIgmpVersions::Lease> ForcedIgmpVersions::begin(const std::string& interface,
                                                            int ifindex, int version) {
  auto sysctl = open_sysctl(proc_root_, interface);
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
  std::vector<std::string> warnings;
  if (directory) {
    // First what the dead left here, so that `before` is what was there before them.
    Recovery recovery;
    recover_record(*directory, forcing_record_name(*network, ifindex), *network, recovery);
    std::ranges::move(recovery.problems, std::back_inserter(warnings));
  }
  const auto before = read_value(sysctl->get());
  if (!before) return fail_errno("cannot read force_igmp_version", errno);

  Forcing forcing;
  forcing.id = next_id_++;
  forcing.sysctl = std::move(*sysctl);
  forcing.version = version;
  forcing.before = *before;
  forcing.leases = 1;
  Result<void> noted;
  if (directory) {
    noted = note(*directory,
                 {.network = *network,
                  .ifindex = ifindex,
                  .interface = interface,
                  .before = *before,
                  .forced = version,
                  .process = ::getpid()},
                 forcing);
    if (!noted && noted.error().code == 0) return std::unexpected(noted.error());
  } else {
    noted = std::unexpected(directory.error());
  }
  if (!noted) {
    warnings.push_back("if this program is killed, " + igmp(version) + " stays forced on " +
                       interface + ": " + noted.error().message);
  }
  if (!write_value(forcing.sysctl.get(), version)) {
    const auto failed = fail_errno("cannot write force_igmp_version", errno);
    // A record that others hold stays theirs.
    if (noted && nobody_else_holds(forcing.record.get())) {
      (void)directory->remove(forcing.record_name);
    }
    // While the directory is locked: nobody may see a holder that has forced nothing.
    forcing.record.reset();
    return failed;
  }
  warn_of_all(proc_root_, interface, version, warnings);
  forcing.slot = arm(forcing);
  const Release release{.ifindex = ifindex, .forcing = forcing.id};
  forced_.insert_or_assign(ifindex, std::move(forcing));
  return Lease(this, release, std::move(warnings));
}

Result<void> ForcedIgmpVersions::note(const ForcingDirectory& directory,
                                      const ForcingRecord& wanted, Forcing& forcing) {
  forcing.record_name = forcing_record_name(wanted.network, wanted.ifindex);
  auto file = directory.open_record(forcing.record_name);
  if (!file && file.error().code != ENOENT) return fail(file.error().message);
  if (!file) {
    auto made = directory.create_record(wanted);
    if (!made) return std::unexpected(made.error());
    forcing.record = std::move(*made);
    return {};
  }
  const auto record = directory.read_record(*file, forcing.record_name);
  if (!record) {
    return fail("a record held by another process cannot be read: " + record.error().message);
  }
  if (record->forced != wanted.forced) {
    return already_forced(record->forced, wanted.interface, " by " + process(record->process),
                          wanted.forced);
  }
  if (wanted.before != record->forced) {
    return changed_by_hand(record->forced, wanted.interface, wanted.before);
  }
  if (!hold_record(file->get())) return fail("cannot lock the record: " + errno_text(errno));
  forcing.before = record->before;
  forcing.record = std::move(*file);
  return {};
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
  auto armed = CrashSlot::State::kArmed;
  if (forcing.slot != nullptr &&
      !forcing.slot->state.compare_exchange_strong(armed, CrashSlot::State::kFree)) {
    // The process is about to end. A handler may write to these descriptors at this
    // moment; closed, their numbers could be other files.
    (void)forcing.sysctl.release();
    (void)forcing.record.release();
    return;
  }
  std::optional<ForcingDirectory> directory;
  if (forcing.record) {
    auto opened = ForcingDirectory::open(state_directory_, false);
    // Left to the next program's start: the record stays, its holder goes.
    if (!opened && opened.error().code == EAGAIN) return;
    if (opened) directory.emplace(std::move(*opened));
    if (!nobody_else_holds(forcing.record.get())) return;
  }
  auto done = put_back_value(forcing.sysctl.get(), forcing.before, forcing.version);
  if (!done) done = put_back(ifindex, forcing.before, forcing.version);
  // Fails only when the interface is gone: then nothing is left to put back.
  if (directory) (void)directory->remove(forcing.record_name);
}

Result<bool> ForcedIgmpVersions::put_back(int ifindex, int before, int forced) const {
  const std::string interface = view_.name_of(ifindex);
  if (interface.empty() || !is_valid_interface_name(interface)) return false;
  const auto sysctl = open_sysctl(proc_root_, interface);
  if (!sysctl && sysctl.error().code == ENOENT) return false;
  if (!sysctl) return std::unexpected(sysctl.error());
  if (view_.index_of(interface) != ifindex) return false;
  return put_back_value(sysctl->get(), before, forced);
}

ForcedIgmpVersions::Recovery ForcedIgmpVersions::recover() {
  // Of a host on which nobody forces, or of a user who could not have.
  constexpr std::array kNoConcern{ENOENT, EACCES, EPERM, EROFS};
  Recovery recovery;
  const std::scoped_lock lock(mutex_);
  const auto directory = ForcingDirectory::open(state_directory_, false);
  if (!directory && std::ranges::find(kNoConcern, directory.error().code) != kNoConcern.end()) {
    return recovery;
  }
  const auto network = view_.network_namespace();
  const auto names = directory ? directory->records() : std::unexpected(directory.error());
  if (!network || !names) {
    recovery.problems.push_back(names ? network.error().message : names.error().message);
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
  const auto file = directory.open_record(name);
  if (!file && file.error().code == ENOENT) return;
  if (!file && !ForcingDirectory::is_no_record(file.error())) {
    recovery.problems.push_back(file.error().message);
    return;
  }
  // Whoever holds it puts it back himself, a later version of this program too, whose
  // records this one cannot read.
  if (file && !nobody_else_holds(file->get())) return;
  const auto record = file ? directory.read_record(*file, name) : std::unexpected(file.error());
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
    recovery.problems.push_back(igmp(record->forced) + " stays forced on " + record->interface +
                                ": " + done.error().message);
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

ForcedIgmpVersions::CrashSlot* ForcedIgmpVersions::arm(const Forcing& forcing) {
  const auto free = std::ranges::find_if(
      slots_, [](const CrashSlot& slot) { return slot.state.load() == CrashSlot::State::kFree; });
  if (free == slots_.end() || forcing.record_name.size() >= free->record_name.size()) {
    return nullptr;
  }
  free->sysctl = forcing.sysctl.get();
  free->record = forcing.record.get();
  free->record_name.fill('\0');
  std::ranges::copy(forcing.record_name, free->record_name.begin());
  free->before = forcing.before;
  free->forced = forcing.version;
  free->state.store(CrashSlot::State::kArmed);
  return &*free;
}

void ForcedIgmpVersions::restore_now() noexcept {
  const int saved_errno = errno;
  for (CrashSlot& slot : slots_) {
    auto armed = CrashSlot::State::kArmed;
    if (slot.state.compare_exchange_strong(armed, CrashSlot::State::kTaken)) restore(slot);
  }
  errno = saved_errno;
}

void ForcedIgmpVersions::restore(const CrashSlot& slot) const noexcept {
  int directory = -1;
  int lock = -1;
  if (slot.record >= 0) {
    directory = ::open(state_directory_.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    lock = ::openat(directory, kForcingLock, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  }
  // Somebody who starts at this moment has the lock, or waits for it and then finds no record.
  const bool alone =
      slot.record < 0 || (lock_within(lock, kCrashLockTries) && nobody_else_holds(slot.record));
  const auto now = alone ? read_value(slot.sysctl) : std::nullopt;
  if (now && (*now != slot.forced || write_value(slot.sysctl, slot.before)) && directory >= 0) {
    (void)::unlinkat(directory, slot.record_name.data(), 0);
  }
  if (lock >= 0) (void)::close(lock);
  if (directory >= 0) (void)::close(directory);
}

void put_back_igmp_versions(ForcedIgmpVersions& igmp_versions, Log& log) {
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

void restore_in_a_crash(ForcedIgmpVersions& igmp_versions) {
  CrashHandler::add(
      [](void* what) noexcept { static_cast<ForcedIgmpVersions*>(what)->restore_now(); },
      &igmp_versions);
}

}  // namespace mcast::netlink
