// Forces the version of IGMP or MLD of interfaces through the sysctls force_igmp_version and
// force_mld_version, and puts back what was there, together with other programs that do the
// same. Thread-safe.
//
// Several processes may force the same version on an interface; the last one that
// ends puts back what the first one found. Each forcing is written down in a state
// directory (forcing_record.h), so that recover() in any later program can make
// up for one that was killed. docs/decisions/forced-igmp-version.md.
//
// A child made by fork() counts as its parent until it calls exec() or ends.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/address.h"
#include "base/file_descriptor.h"
#include "base/log.h"
#include "base/result.h"
#include "netlink/forcing/forcing_record.h"

namespace mcast::netlink {

// Where the programs of a host write down which versions they force.
inline constexpr const char* kStateDirectory = "/run/mcast-agent";

class ForcedVersions {
  struct Forcing;
  struct Release {
    std::shared_ptr<Forcing> forcing;
    void operator()(ForcedVersions* owner) const { owner->release(forcing); }
  };

 public:
  // While it lives, the version stays forced for its holder.
  class Lease {
   public:
    // What the holder should know, a sentence each: forcing has no effect, or a
    // killed program would leave it. Told to the first lease of an interface.
    [[nodiscard]] const std::vector<std::string>& warnings() const { return warnings_; }

   private:
    friend class ForcedVersions;
    Lease(ForcedVersions* owner, Release release, std::vector<std::string> warnings)
        : owner_(owner, std::move(release)), warnings_(std::move(warnings)) {}

    std::unique_ptr<ForcedVersions, Release> owner_;
    std::vector<std::string> warnings_;
  };

  // Outlives its leases. `proc_root` is "/proc" outside of tests. The parent of the state
  // directory exists; the directory is made when there is something to note. `view`: another
  // view of the network than the kernel's, for tests.
  ForcedVersions(std::filesystem::path proc_root, std::filesystem::path state_directory,
                 std::optional<NetworkView> view = std::nullopt);
  ForcedVersions(const ForcedVersions&) = delete;
  ForcedVersions& operator=(const ForcedVersions&) = delete;

  // Forces a version of IGMP (1 to 3) or MLD (1 and 2) on an interface. Leases of the same version,
  // here and in other programs, share one forcing, which ends with the last of them. Another
  // version on the same interface is an error meanwhile, which names the process
  // that forces it; so is the same one once somebody has changed the sysctl by hand.
  //
  // What stood there before is written back at the end, unless the value is no
  // longer the one forced here (somebody else's choice is theirs) or the interface
  // is gone. Waits for other programs for a second at most.
  //
  // IGMPv3 undoes an older version that is forced; it does not keep the kernel
  // from following an older querier (ip-sysctl.rst). MLDv2 does, and a host that ignores its
  // querier loses its groups: what is in force already, or would be without an older querier,
  // is not written, only kept from being forced otherwise by this program.
  [[nodiscard]] Result<Lease> force(const std::string& interface, Family family, int version);

  // The version that somebody forces on an interface now; 0: nobody does, or it is not known.
  [[nodiscard]] int forced_on(const std::string& interface, Family family) const;

  // What a killed program had left.
  struct Recovery {
    struct PutBack {
      Family family = Family::kIpv4;
      std::string interface;
      int forced = 0;
      int before = 0;  // what stands there again
    };
    std::vector<PutBack> put_back;
    // What was found wrong, a sentence each. What cannot be read as a record is
    // removed, and nothing else is done for it.
    std::vector<std::string> problems;
  };
  // For the start of every program, before it forces anything: puts back what dead
  // programs have forced on interfaces of this network namespace. Without a state
  // directory, or the right to it, there is nothing to do.
  [[nodiscard]] Recovery recover();

  // For a handler of SIGSEGV, SIGABRT and the like, which then ends the process: puts back
  // all that this object forced and nobody else holds, for kMaxRestored interfaces; what
  // it cannot do within about 100 ms an interface is left to the next program's start.
  // Async-signal-safe; the object must not be destroyed meanwhile. Leases that end
  // afterwards do nothing more.
  void restore_now() noexcept;
  static constexpr std::size_t kMaxRestored = 64;

 private:
  struct Forcing {
    Family family = Family::kIpv4;
    int ifindex = 0;
    int version = 0;
    int before = 0;
    bool is_written = true;  // false: `before` stays, and is as good
    FileDescriptor sysctl;
    FileDescriptor record;  // empty: nothing was written down, and nobody else is asked
    std::string record_name;
    std::atomic<const Forcing*>* armed = nullptr;  // its place for restore_now()
    std::size_t leases = 1;
  };

  [[nodiscard]] Result<Lease> begin(const std::string& interface, Family family, int ifindex,
                                    int version);
  // What stands in the sysctl while it is held.
  [[nodiscard]] static int value_of(const Forcing& forcing) {
    return forcing.is_written ? forcing.version : forcing.before;
  }
  // Takes part in a forcing that somebody else holds; an error: it must not be forced.
  [[nodiscard]] static Result<void> share(ForcingDirectory::Found& held, Forcing& forcing);
  // Puts back what a record says, and removes it, where nobody holds it and it is of this
  // network. The record where somebody does. An error is in `recovery`, too.
  [[nodiscard]] Result<std::optional<ForcingDirectory::Found>> settle(
      const ForcingDirectory& directory, const std::string& name, const NetworkNamespace& network,
      Recovery& recovery);
  // Puts back what nobody else holds. `in_crash`: by system calls and nothing else.
  void undo(const Forcing& forcing, bool in_crash) const;
  void release(const std::shared_ptr<Forcing>& forcing);
  void end(const std::shared_ptr<Forcing>& forcing);
  // Finds the interface under whatever name it has now. True when it was written.
  [[nodiscard]] Result<bool> put_back(Family family, int ifindex, int before, int forced) const;

  const std::filesystem::path proc_root_;
  const std::filesystem::path state_directory_;
  const NetworkView view_;
  std::mutex mutex_;
  std::map<std::pair<Family, int>, std::shared_ptr<Forcing>> forced_;  // by interface index
  // Those that restore_now() would put back. Whoever takes one out has it; it does not change
  // while it is in.
  std::array<std::atomic<const Forcing*>, kMaxRestored> armed_{};
  static_assert(std::atomic<const Forcing*>::is_always_lock_free, "a handler takes no lock");
  std::vector<std::shared_ptr<Forcing>> taken_;  // by restore_now(), whose leases have ended
};

// Puts back the versions that dead programs had forced; says so in the log.
void put_back_versions(ForcedVersions& forced_versions, Log& log);

// Puts back what this program forces if it crashes. A CrashHandler exists.
void restore_in_a_crash(ForcedVersions& forced_versions);

}  // namespace mcast::netlink
