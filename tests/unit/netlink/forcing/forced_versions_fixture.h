// Folders that look like /proc and /run, and a network that tests can change: no
// root, nothing of the host is touched. Interface 7 is "eth1".
#pragma once

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "netlink/forcing/forced_versions.h"
#include "netlink/forcing/forcing_record.h"
#include "netlink/proc/sysctls.h"

namespace mcast::test {

class ForcedVersionsFixture : public testing::Test {
 protected:
  ForcedVersionsFixture() {
    std::string pattern = (std::filesystem::temp_directory_path() / "mcast-proc-XXXXXX").string();
    root_ = ::mkdtemp(pattern.data());
    add_interface("eth1", 7);
  }
  ~ForcedVersionsFixture() override { std::filesystem::remove_all(root_); }
  ForcedVersionsFixture(const ForcedVersionsFixture&) = delete;
  ForcedVersionsFixture& operator=(const ForcedVersionsFixture&) = delete;

  void add_interface(const std::string& name, int index) {
    indexes_[name] = index;
    for (const Family family : {Family::kIpv4, Family::kIpv6}) {
      std::filesystem::create_directories(sysctl(name, family).parent_path());
      set("0", name, family);
    }
  }
  void remove_interface(const std::string& name) {
    // Who has it open reads nothing any more, as with the kernel's.
    for (const Family family : {Family::kIpv4, Family::kIpv6}) {
      std::filesystem::resize_file(sysctl(name, family), 0);
      std::filesystem::remove_all(sysctl(name, family).parent_path());
    }
    indexes_.erase(name);
  }
  [[nodiscard]] std::filesystem::path sysctl(const std::string& name,
                                             Family family = Family::kIpv4) const {
    return netlink::force_version_path(root_, family, name);
  }
  void set(const char* value, const std::string& name = "eth1",
           Family family = Family::kIpv4) const {
    // In place, as a write to a sysctl is.
    std::fstream file(sysctl(name, family), std::ios::in | std::ios::out);
    if (!file) file.open(sysctl(name, family), std::ios::out);
    file << value << '\n';
  }
  [[nodiscard]] int now(const std::string& name = "eth1", Family family = Family::kIpv4) const {
    return netlink::read_proc_number(sysctl(name, family)).value_or(-1);
  }

  // As one more program has it.
  [[nodiscard]] std::unique_ptr<netlink::ForcedVersions> program() {
    return std::make_unique<netlink::ForcedVersions>(root_, state_directory(), view());
  }
  netlink::NetworkView view() {
    return {.network_namespace = [this] { return Result<netlink::NetworkNamespace>(network_); },
            .index_of =
                [this](const std::string& name) {
                  const auto found = indexes_.find(name);
                  return found == indexes_.end() ? 0 : found->second;
                },
            .name_of =
                [this](int index) {
                  for (const auto& [name, number] : indexes_) {
                    if (number == index) return name;
                  }
                  return std::string();
                }};
  }

  [[nodiscard]] std::filesystem::path state_directory() const { return root_ / "state"; }
  [[nodiscard]] std::filesystem::path record_path(int index = 7) const {
    return state_directory() / netlink::forcing_record_name(network_, Family::kIpv4, index);
  }
  // The names of all records there are.
  [[nodiscard]] std::vector<std::string> records() const {
    std::vector<std::string> result;
    if (!std::filesystem::exists(state_directory())) return result;
    for (const auto& entry : std::filesystem::directory_iterator(state_directory())) {
      if (entry.path().filename() != "lock") result.push_back(entry.path().filename());
    }
    return result;
  }
  // As a program leaves it that is killed: nobody holds it.
  void leave_record(const netlink::ForcingRecord& record) const {
    write_file(state_directory() /
                   netlink::forcing_record_name(record.network, record.family, record.ifindex),
               netlink::encode_forcing_record(record));
  }
  [[nodiscard]] netlink::ForcingRecord record_of_eth1() const {
    return {.network = network_, .ifindex = 7, .interface = "eth1", .before = 0, .forced = 2};
  }
  void write_file(const std::filesystem::path& path, const std::string& text) const {
    std::filesystem::create_directory(state_directory());
    std::ofstream(state_directory() / "lock", std::ios::app).close();
    std::ofstream(path, std::ios::binary) << text;
    ::chmod(path.c_str(), 0600);
  }

  std::filesystem::path root_;
  netlink::NetworkNamespace network_{.boot_id = "0f0d3c5a-7d0c-4c0e-9a59-6a2b1c3d4e5f",
                                     .device = 4,
                                     .inode = 4026532317,
                                     .cookie = 4174};
  std::map<std::string, int> indexes_;
};

}  // namespace mcast::test
