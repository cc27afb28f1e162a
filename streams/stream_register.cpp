#include "streams/stream_register.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/number.h"

namespace mcast {
namespace {

constexpr std::string_view kTitle = "mcast-streams 1";
constexpr std::size_t kMaxNameBytes = 256;
// include/uapi/linux/memfd.h, Linux 6.3: Debian 12's headers do not have it.
constexpr unsigned kMfdNoexecSeal = 0x0008U;

// Takes what stands before `separator` off `text`, and the separator.
std::optional<std::string_view> take_until(std::string_view& text, char separator) {
  const std::size_t end = text.find(separator);
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(end + 1);
  return word;
}

std::optional<HeldJoin> parse_join(std::string_view line) {
  const auto group_text = take_until(line, ' ');
  const auto source_text = take_until(line, ' ');
  const auto ifindex_text = take_until(line, ' ');
  const auto port_text = take_until(line, ' ');
  if (!port_text || line.empty() || line.size() > kMaxNameBytes) return std::nullopt;
  const auto group = IpAddress::parse(*group_text);
  const auto ifindex = parse_number<int>(*ifindex_text);
  const auto port = parse_number<std::uint16_t>(*port_text);
  if (!group || !group->is_multicast() || !ifindex || *ifindex <= 0 || !port || *port == 0) {
    return std::nullopt;
  }
  HeldJoin join{.stream = std::string(line),
                .group = *group,
                .source = std::nullopt,
                .ifindex = *ifindex,
                .port = *port};
  if (*source_text != "*") {
    const auto source = IpAddress::parse(*source_text);
    if (!source || !source->is_unicast() || source->family() != group->family()) {
      return std::nullopt;
    }
    join.source = *source;
  }
  return join;
}

Result<FileDescriptor> new_memfd() {
  constexpr unsigned kFlags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
  FileDescriptor file(::memfd_create(kStreamRegisterName, kFlags | kMfdNoexecSeal));
  if (!file && errno == EINVAL) {
    file = FileDescriptor(::memfd_create(kStreamRegisterName, kFlags));
  }
  if (!file) return fail_errno("memfd_create", errno);
  return file;
}

Result<FileDescriptor> sealed_file(std::string_view text) {
  auto file = new_memfd();
  if (!file) return file;
  while (!text.empty()) {
    const ssize_t written = ::write(file->get(), text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return fail_errno("write to a memfd", errno);
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  constexpr int kSeals = F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL;
  if (::fcntl(file->get(), F_ADD_SEALS, kSeals) != 0) return fail_errno("seal a memfd", errno);
  return file;
}

}  // namespace

std::string encode_stream_register(const std::vector<HeldJoin>& joins) {
  std::string text = std::string(kTitle) + "\n";
  for (const HeldJoin& join : joins) {
    text += join.group.to_string() + " " + (join.source ? join.source->to_string() : "*") + " " +
            std::to_string(join.ifindex) + " " + std::to_string(join.port) + " ";
    // A name ends where its line does.
    for (const char c : join.stream.substr(0, kMaxNameBytes)) text += c == '\n' ? '?' : c;
    text += "\n";
  }
  text += "end " + std::to_string(joins.size()) + "\n";
  return text;
}

Result<std::vector<HeldJoin>> decode_stream_register(std::string_view text) {
  std::vector<HeldJoin> joins;
  std::size_t number = 1;
  const auto refuse = [&](std::string_view what) {
    return fail("list of streams: line " + std::to_string(number) + ": " + std::string(what));
  };
  if (text.size() > kMaxStreamRegisterBytes) return refuse("more than 16 MiB");
  if (take_until(text, '\n') != kTitle) return refuse("not '" + std::string(kTitle) + "'");
  while (const auto line = take_until(text, '\n')) {
    ++number;
    if (line->starts_with("end ")) {
      if (parse_number<std::size_t>(line->substr(4)) != joins.size()) return refuse("wrong number");
      if (!text.empty()) return refuse("text behind the end");
      return joins;
    }
    auto join = parse_join(*line);
    if (!join) return refuse("not a join");
    joins.push_back(std::move(*join));
  }
  return refuse("no end");
}

Result<void> StreamRegister::publish(std::vector<HeldJoin> joins) {
  if (joins == published_) return {};
  const std::string text = encode_stream_register(joins);
  if (text.size() > kMaxStreamRegisterBytes) return fail("list of streams: more than 16 MiB");
  auto file = sealed_file(text);
  if (!file) return std::unexpected(file.error());
  // The same descriptor number all the time, so that somebody who goes through the
  // numbers meets the old list or the new one, and never none.
  if (!file_) {
    file_ = std::move(*file);
  } else if (::dup3(file->get(), file_.get(), O_CLOEXEC) < 0) {
    return fail_errno("dup3", errno);
  }
  published_ = std::move(joins);
  return {};
}

}  // namespace mcast
