#include "netlink/forcing/forcing_record.h"

#include <net/if.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>

#include "base/file_descriptor.h"
#include "netlink/proc/proc_files.h"

namespace mcast::netlink {
namespace {

constexpr std::size_t kBootIdLength = 36;  // of a UUID as text

Result<std::uint64_t> namespace_cookie() {
  const FileDescriptor socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket) return fail_errno("cannot open a socket", errno);
  std::uint64_t value = 0;
  socklen_t length = sizeof value;
  if (::getsockopt(socket.get(), SOL_SOCKET, SO_NETNS_COOKIE, &value, &length) == 0) return value;
  if (errno == ENOPROTOOPT) return 0;
  return fail_errno("getsockopt SO_NETNS_COOKIE", errno);
}

Result<NetworkNamespace> ask_network_namespace(const std::filesystem::path& proc_root) {
  const std::filesystem::path boot_path = proc_root / "sys/kernel/random/boot_id";
  const auto boot = read_proc_file(boot_path);
  if (!boot) return std::unexpected(boot.error());
  NetworkNamespace result{.boot_id = boot->substr(0, kBootIdLength)};
  if (result.boot_id.size() != kBootIdLength || !std::ranges::all_of(result.boot_id, [](char c) {
        return c == '-' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
      })) {
    return fail(boot_path.string() + " does not hold a boot ID");
  }
  // The thread's own, as /proc/sys/net is.
  const std::filesystem::path path = proc_root / "thread-self/ns/net";
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) {
    return fail_errno("cannot look at " + path.string(), errno);
  }
  result.device = status.st_dev;
  result.inode = status.st_ino;
  const auto cookie = namespace_cookie();
  if (!cookie) return std::unexpected(cookie.error());
  result.cookie = *cookie;
  return result;
}

// Takes `title`, a number and the character after it off the front of `text`.
template <typename T>
bool take_number(std::string_view& text, std::string_view title, T& number, char after) {
  if (!text.starts_with(title)) return false;
  text.remove_prefix(title.size());
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end == text.data() + text.size() || *end != after) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()) + 1);
  return true;
}

// Up to the end of the line, which goes too.
bool take_rest(std::string_view& text, std::string_view title, std::string& word) {
  const std::size_t end = text.find('\n');
  if (!text.starts_with(title) || end == std::string_view::npos) return false;
  word = text.substr(title.size(), end - title.size());
  text.remove_prefix(end + 1);
  return true;
}

}  // namespace

bool is_gone(const NetworkNamespace& seen, const NetworkNamespace& current) {
  if (seen.boot_id != current.boot_id) return true;
  return seen.device == current.device && seen.inode == current.inode && seen.cookie != 0 &&
         current.cookie != 0 && seen.cookie != current.cookie;
}

NetworkView NetworkView::of_kernel(const std::filesystem::path& proc_root) {
  return {
      .network_namespace = [proc_root] { return ask_network_namespace(proc_root); },
      .index_of =
          [](const std::string& name) { return static_cast<int>(::if_nametoindex(name.c_str())); },
      .name_of =
          [](int index) {
            std::array<char, IF_NAMESIZE> name{};
            const bool found =
                ::if_indextoname(static_cast<unsigned>(index), name.data()) != nullptr;
            return std::string(found ? name.data() : "");
          }};
}

std::string forcing_record_name(const NetworkNamespace& network, int ifindex) {
  return std::string(kForcingRecordPrefix) + std::to_string(network.inode) + "-" +
         std::to_string(network.cookie) + "-" + std::to_string(ifindex);
}

std::string encode_forcing_record(const ForcingRecord& record) {
  return "mcast-agent forced IGMP version, format 2\nboot " + record.network.boot_id +
         "\nnetwork " + std::to_string(record.network.device) + " " +
         std::to_string(record.network.inode) + " " + std::to_string(record.network.cookie) +
         "\ninterface " + std::to_string(record.ifindex) + " " + record.interface + "\nbefore " +
         std::to_string(record.before) + "\nforced " + std::to_string(record.forced) +
         "\nprocess " + std::to_string(record.process) + "\n";
}

Result<ForcingRecord> decode_forcing_record(std::string_view text) {
  ForcingRecord record;
  std::string title;
  std::string_view rest = text;
  const bool taken =
      take_rest(rest, "mcast-agent ", title) && take_rest(rest, "boot ", record.network.boot_id) &&
      take_number(rest, "network ", record.network.device, ' ') &&
      take_number(rest, "", record.network.inode, ' ') &&
      take_number(rest, "", record.network.cookie, '\n') &&
      take_number(rest, "interface ", record.ifindex, ' ') &&
      take_rest(rest, "", record.interface) && take_number(rest, "before ", record.before, '\n') &&
      take_number(rest, "forced ", record.forced, '\n') &&
      take_number(rest, "process ", record.process, '\n');
  // There is one way to write a record, so nothing else can hide in it.
  if (!taken || record.ifindex <= 0 || record.forced < 1 || record.forced > 3 ||
      !is_valid_interface_name(record.interface) || encode_forcing_record(record) != text) {
    return fail("not a record of a forced IGMP version");
  }
  return record;
}

}  // namespace mcast::netlink
