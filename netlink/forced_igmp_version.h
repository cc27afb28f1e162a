// Forces the IGMP version of interfaces through the sysctl force_igmp_version,
// and puts back what was there. Thread-safe.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "base/file_descriptor.h"
#include "base/result.h"

namespace mcast::netlink {

class ForcedIgmpVersions {
 public:
  // While it lives, the version stays forced for its holder.
  class Lease {
   public:
    Lease(ForcedIgmpVersions& owner, std::string interface, std::uint64_t forcing)
        : owner_(&owner), interface_(std::move(interface)), forcing_(forcing) {}
    Lease(Lease&& other) noexcept
        : owner_(std::exchange(other.owner_, nullptr)),
          interface_(std::move(other.interface_)),
          forcing_(other.forcing_) {}
    Lease& operator=(Lease&& other) noexcept;
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    ~Lease() { release(); }

   private:
    void release();
    ForcedIgmpVersions* owner_;
    std::string interface_;
    std::uint64_t forcing_;
  };

  // Outlives its leases. `proc_root` is "/proc" outside of tests.
  explicit ForcedIgmpVersions(std::filesystem::path proc_root) : proc_root_(std::move(proc_root)) {}
  ForcedIgmpVersions(const ForcedIgmpVersions&) = delete;
  ForcedIgmpVersions& operator=(const ForcedIgmpVersions&) = delete;

  // Forces `version` (1 to 3) on an interface. Leases of the same version share
  // one forcing, which ends with the last of them; another version on the same
  // interface is an error meanwhile.
  //
  // What stood there before is written back at the end, unless the value is no
  // longer the one forced here (somebody else's choice is theirs) or the
  // interface is gone.
  [[nodiscard]] Result<Lease> force(const std::string& interface, int version);

 private:
  struct Forcing {
    // Tells it from a later one of an interface that was made again.
    std::uint64_t id = 0;
    // The open sysctl file belongs to this very interface: once it is gone, reads
    // fail, even while a new one has its name.
    FileDescriptor file;
    int version = 0;
    int before = 0;
    std::size_t leases = 0;
  };
  void release(const std::string& interface, std::uint64_t forcing);

  const std::filesystem::path proc_root_;
  std::mutex mutex_;
  std::uint64_t next_id_ = 1;
  std::map<std::string, Forcing> forced_;
};

}  // namespace mcast::netlink
