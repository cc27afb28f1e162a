// The IGMP version that one interface uses now. Any thread.
#pragma once

#include <filesystem>
#include <optional>
#include <string_view>

namespace mcast::netlink {

// From <proc_root>/net/igmp; nothing where it cannot be read or does not have the
// interface.
[[nodiscard]] std::optional<int> igmp_version_in_operation(const std::filesystem::path& proc_root,
                                                           std::string_view interface);

}  // namespace mcast::netlink
