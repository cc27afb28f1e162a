// Reads small files below a /proc root, which tests replace by a
// folder of theirs. Any thread.
#pragma once

#include <filesystem>
#include <string>

#include "base/result.h"
#include "base/text.h"

namespace mcast::netlink {

// The whole file, at most 64 MiB. The error names it and has errno as its code.
[[nodiscard]] Result<std::string> read_proc_file(const std::filesystem::path& path);

// A file that holds one small number, as sysctls do.
[[nodiscard]] Result<int> read_proc_number(const std::filesystem::path& path);

// <root>/sys/net/ipv4/conf/<interface>/force_igmp_version. `interface` is a valid
// interface name.
[[nodiscard]] std::filesystem::path force_igmp_version_path(const std::filesystem::path& proc_root,
                                                            const std::string& interface);

}  // namespace mcast::netlink
