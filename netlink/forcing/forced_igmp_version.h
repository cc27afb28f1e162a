// Forces the IGMP version of interfaces through the sysctl force_igmp_version,
// and puts back what was there, together with other programs that do the same.
// Thread-safe.
//
// Several processes may force the same version on an interface; the last one that
// ends puts back what the first one found. Each forcing is written down in a state
// directory (forcing_directory.h), so that recover() in any later program can make
// up for one that was killed. docs/decisions/forced-igmp-version.md.
//
// A child made by fork() counts as its parent until it calls exec() or ends.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "netlink/forcing/crash_restore.h"
#include "netlink/forcing/forced_sysctl.h"
#include "netlink/forcing/forcing_directory.h"
#include "netlink/forcing/network_view.h"

namespace mcast::netlink {

class ForcedIgmpVersions {
 public:
  // While it lives, the version stays forced for its holder.
  class Lease {
   public:
    Lease(Lease&& other) noexcept;
    Lease& operator=(Lease&& other) noexcept;
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    ~Lease() { release(); }

    // What the holder should know, a sentence each: forcing has no effect, or a
    // killed program would leave it. Told to the first lease of an interface.
    [[nodiscard]] const std::vector<std::string>& warnings() const { return warnings_; }

   private:
    friend class ForcedIgmpVersions;
    Lease(ForcedIgmpVersions& owner, int ifindex, std::uint64_t forcing,
          std::vector<std::string> warnings);
    void release();

    ForcedIgmpVersions* owner_;
    int ifindex_;
    std::uint64_t forcing_;
    std::vector<std::string> warnings_;
  };

  // Outlives its leases. `proc_root` is "/proc" outside of tests, `state_directory`
  // "/run/mcast-agent" for programs of the host: its parent exists, it is made when
  // there is something to note, and programs that shall know of each other use the
  // same one.
  ForcedIgmpVersions(std::filesystem::path proc_root, std::filesystem::path state_directory);
  // With another view of the network, for tests.
  ForcedIgmpVersions(std::filesystem::path proc_root, std::filesystem::path state_directory,
                     NetworkView view);
  ForcedIgmpVersions(const ForcedIgmpVersions&) = delete;
  ForcedIgmpVersions& operator=(const ForcedIgmpVersions&) = delete;

  // Forces `version` (1 to 3) on an interface. Leases of the same version, here and
  // in other programs, share one forcing, which ends with the last of them. Another
  // version on the same interface is an error meanwhile, which names the process
  // that holds it; so is the same one once somebody has changed the sysctl by hand.
  //
  // What stood there before is written back at the end, unless the value is no
  // longer the one forced here (somebody else's choice is theirs) or the interface
  // is gone. Waits for other programs for a second at most.
  //
  // Version 3 undoes an older version that is forced; it does not keep the kernel
  // from following an older querier (ip-sysctl.rst).
  [[nodiscard]] Result<Lease> force(const std::string& interface, int version);

  // What a killed program had left.
  struct Recovery {
    struct PutBack {
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

  // For a handler of SIGSEGV, SIGABRT and the like, which then ends the process:
  // puts back all that this object forced and nobody else holds. Async-signal-safe;
  // the object must not be destroyed meanwhile. Leases that end afterwards do
  // nothing more.
  void restore_now() noexcept { crash_restore_.restore_all(); }

 private:
  // The record of a forcing, and where it is.
  struct Noted {
    ForcingDirectory directory;
    ForcingRecordFile record;
  };
  struct Forcing {
    // Tells it from a later one of the same interface.
    std::uint64_t id = 0;
    ForcedSysctl sysctl;
    std::optional<Noted> noted;
    std::optional<std::size_t> crash_place;
    int version = 0;
    int before = 0;
    std::size_t leases = 0;
  };
  struct Claim {
    // None: this forcing cannot be written down.
    std::optional<ForcingRecordFile> record;
    int before = 0;
    Error why_not;
  };

  [[nodiscard]] Result<Lease> share(Forcing& forcing, const std::string& interface, int ifindex,
                                    int version);
  [[nodiscard]] Result<Lease> begin(const std::string& interface, int ifindex, int version);
  [[nodiscard]] static Result<Claim> claim(const ForcingDirectory& directory,
                                           const ForcingRecord& wanted);
  void recover_record(const ForcingDirectory& directory, const std::string& name,
                      const NetworkNamespace& network, Recovery& recovery);
  void release(int ifindex, std::uint64_t forcing);
  void end(int ifindex, Forcing forcing);
  // Finds the interface under whatever name it has now.
  [[nodiscard]] Result<bool> put_back(int ifindex, int before, int forced) const;

  const std::filesystem::path proc_root_;
  const std::filesystem::path state_directory_;
  const NetworkView view_;
  std::mutex mutex_;
  std::uint64_t next_id_ = 1;
  std::map<int, Forcing> forced_;  // by interface index
  CrashRestore crash_restore_;
};

}  // namespace mcast::netlink
