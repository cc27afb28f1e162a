#include "streams/running_streams.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>
#include <utility>

#include "base/file.h"
#include "base/number.h"

namespace mcast {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kTitle = "mcast-streams 2";
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

// The words that both kinds have; false: they make no sense.
bool parse_stream(std::string_view& line, auto& stream) {
  const auto group_text = take_until(line, ' ');
  const auto source_text = take_until(line, ' ');
  const auto ifindex_text = take_until(line, ' ');
  const auto port_text = take_until(line, ' ');
  const auto origin_text = take_until(line, ' ');
  if (!origin_text) return false;
  const auto group = IpAddress::parse(*group_text);
  const auto ifindex = parse_number<int>(*ifindex_text);
  const auto port = parse_number<std::uint16_t>(*port_text);
  const auto origin = std::ranges::find(kStreamOrigins, *origin_text,
                                        [](StreamOrigin each) { return to_string(each); });
  if (!group || !group->is_multicast() || !ifindex || *ifindex <= 0 || !port || *port == 0 ||
      origin == kStreamOrigins.end()) {
    return false;
  }
  stream.group = *group;
  stream.ifindex = *ifindex;
  stream.port = *port;
  stream.origin = *origin;
  if (*source_text == "*") return true;
  const auto source = IpAddress::parse(*source_text);
  if (!source || !source->is_unicast() || source->family() != group->family()) return false;
  stream.source = *source;
  return true;
}

bool parse_name(std::string_view line, std::string& name) {
  name = line;
  return !name.empty() && name.size() <= kMaxNameBytes;
}

bool parse_line(std::string_view line, HeldStreams& streams) {
  const auto kind = take_until(line, ' ');
  if (kind == "receiver") {
    HeldJoin& join = streams.joins.emplace_back();
    return parse_stream(line, join) && parse_name(line, join.stream);
  }
  if (kind != "sender") return false;
  HeldSender& sender = streams.senders.emplace_back();
  if (!parse_stream(line, sender)) return false;
  const auto ttl = parse_number<int>(take_until(line, ' ').value_or(""));
  const auto size = parse_number<std::size_t>(take_until(line, ' ').value_or(""));
  const auto rate = parse_number<std::uint64_t>(take_until(line, ' ').value_or(""));
  if (!ttl || *ttl < 0 || *ttl > 255 || !size || *size > kMaxDatagramSize || !rate) return false;
  sender.ttl = *ttl;
  sender.size = *size;
  sender.packets_per_second = static_cast<double>(*rate) / 1000;
  return parse_name(line, sender.stream);
}

Result<FileDescriptor> sealed_file(std::string_view text) {
  constexpr unsigned kFlags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
  FileDescriptor file(::memfd_create(kStreamRegisterName, kFlags | kMfdNoexecSeal));
  if (!file && errno == EINVAL) {
    file = FileDescriptor(::memfd_create(kStreamRegisterName, kFlags));
  }
  if (!file) return fail_errno("memfd_create", errno);
  while (!text.empty()) {
    const ssize_t written = ::write(file.get(), text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return fail_errno("write to a memfd", errno);
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  constexpr int kSeals = F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL;
  if (::fcntl(file.get(), F_ADD_SEALS, kSeals) != 0) return fail_errno("seal a memfd", errno);
  return file;
}

}  // namespace

std::string encode_stream_register(const HeldStreams& streams) {
  std::string text = std::string(kTitle) + "\n";
  const auto add = [&text](std::string_view kind, const auto& stream, const std::string& more) {
    text.append(kind).append(" ").append(stream.group.to_string());
    text += " " + (stream.source ? stream.source->to_string() : "*") + " " +
            std::to_string(stream.ifindex) + " " + std::to_string(stream.port) + " ";
    text.append(to_string(stream.origin)).append(" ").append(more);
    // A name ends where its line does.
    for (const char c : stream.stream.substr(0, kMaxNameBytes)) text += c == '\n' ? '?' : c;
    text += "\n";
  };
  for (const HeldJoin& join : streams.joins) add("receiver", join, "");
  for (const HeldSender& sender : streams.senders) {
    const auto rate = static_cast<std::uint64_t>(sender.packets_per_second * 1000);
    add("sender", sender,
        std::to_string(sender.ttl) + " " + std::to_string(sender.size) + " " +
            std::to_string(rate) + " ");
  }
  text += "end " + std::to_string(streams.joins.size() + streams.senders.size()) + "\n";
  return text;
}

Result<HeldStreams> decode_stream_register(std::string_view text) {
  HeldStreams streams;
  std::size_t number = 1;
  const auto refuse = [&](std::string_view what) {
    return fail("list of streams: line " + std::to_string(number) + ": " + std::string(what));
  };
  if (text.size() > kMaxStreamRegisterBytes) return refuse("more than 16 MiB");
  if (take_until(text, '\n') != kTitle) return refuse("not '" + std::string(kTitle) + "'");
  while (const auto line = take_until(text, '\n')) {
    ++number;
    if (line->starts_with("end ")) {
      const std::size_t number_of_streams = streams.joins.size() + streams.senders.size();
      if (parse_number<std::size_t>(line->substr(4)) != number_of_streams) {
        return refuse("wrong number");
      }
      if (!text.empty()) return refuse("text behind the end");
      return streams;
    }
    if (!parse_line(*line, streams)) return refuse("not a stream");
  }
  return refuse("no end");
}

Result<void> StreamRegister::publish(HeldStreams streams) {
  if (streams == published_) return {};
  const std::string text = encode_stream_register(streams);
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
  published_ = std::move(streams);
  return {};
}

namespace {

constexpr std::size_t kMaxBytesOfAll = std::size_t{32} << 20U;
constexpr std::size_t kMaxStreamsOfAll = 500'000;
constexpr std::size_t kMaxCommandBytes = 65'536;
constexpr std::size_t kMaxProgramBytes = 64;
constexpr std::size_t kMaxDescriptors = 65'536;  // looked at, of one process
constexpr int kMaxCandidates = 8;                // memfds with the name, of one process

// The entries of a directory whose names are numbers, so many at most; the error has errno as its
// code.
Result<std::vector<int>> numbers_in(const fs::path& directory, std::size_t most) {
  std::vector<int> numbers;
  std::error_code error;
  fs::directory_iterator entry(directory, error);
  for (; !error && entry != fs::directory_iterator() && numbers.size() < most;
       entry.increment(error)) {
    if (const auto number = parse_number<int>(entry->path().filename().native())) {
      numbers.push_back(*number);
    }
  }
  if (error) return fail_errno("cannot open " + directory.string(), error.value());
  return numbers;
}

// Where a link leads; the error has errno as its code.
Result<std::string> link_text(const fs::path& path) {
  std::array<char, 256> text{};
  const ssize_t length = ::readlink(path.c_str(), text.data(), text.size());
  if (length < 0) return fail_errno("cannot read " + path.string(), errno);
  return std::string(text.data(), static_cast<std::size_t>(length));
}

// Which file system memfds live on. There is no other way to it, so a file on it is
// a memfd (or shared memory of its kind) and not a FIFO, a device or a file of
// FUSE, that would let whoever opens it wait.
class MemfdFileSystem {
 public:
  MemfdFileSystem() {
    const FileDescriptor file(::memfd_create("mcast-probe", MFD_CLOEXEC | MFD_ALLOW_SEALING));
    if (file) device_ = device_of(file.get());
  }
  [[nodiscard]] bool holds(int fd) const { return device_ && device_of(fd) == device_; }

 private:
  using Device = std::pair<std::uint32_t, std::uint32_t>;
  static std::optional<Device> device_of(int fd) {
    struct statx status{};
    // DONT_SYNC: asks no file server.
    if (::statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_TYPE, &status) != 0 ||
        !S_ISREG(status.stx_mode)) {
      return std::nullopt;
    }
    return Device{status.stx_dev_major, status.stx_dev_minor};
  }
  std::optional<Device> device_;
};

class Scan {
 public:
  Scan(fs::path proc_root, std::string network)
      : root_(std::move(proc_root)), network_(std::move(network)) {}

  void look_at(pid_t pid) {
    const fs::path process = root_ / std::to_string(pid);
    std::string program = read_file(process / "comm", kMaxProgramBytes).value_or("");
    if (program.ends_with('\n')) program.pop_back();
    if (!program.starts_with("mcast-")) return;
    const auto network = link_text(process / "ns/net");
    if (!network) return note(network.error());
    if (*network == network_) look_at_files(pid, program, process / "fd");
  }

  [[nodiscard]] RunningStreams take() { return std::move(result_); }

 private:
  void note(const Error& error) {
    if (error.code == EACCES || error.code == EPERM) ++result_.unreadable_programs;
  }

  void look_at_files(pid_t pid, const std::string& program, const fs::path& files) {
    const auto descriptors = numbers_in(files, kMaxDescriptors);
    if (!descriptors) return note(descriptors.error());
    const std::string wanted = "/memfd:" + std::string(kStreamRegisterName) + " (deleted)";
    int candidates = 0;
    bool garbled = false;
    for (const int descriptor : *descriptors) {
      const fs::path link = files / std::to_string(descriptor);
      if (candidates == kMaxCandidates) break;
      if (link_text(link).value_or("") != wanted) continue;
      ++candidates;
      const auto content = read(link);
      if (!content) continue;
      bytes_ += content->size();
      const std::size_t room = kMaxStreamsOfAll - result_.streams.size() - result_.senders.size();
      if (auto held = decode_stream_register(*content);
          held && held->joins.size() + held->senders.size() <= room) {
        for (HeldJoin& join : held->joins) {
          result_.streams.push_back({.pid = pid, .program = program, .join = std::move(join)});
        }
        for (HeldSender& sender : held->senders) {
          result_.senders.push_back({.pid = pid, .program = program, .sender = std::move(sender)});
        }
        result_.commands[pid] = command_of(files.parent_path());
        return;
      }
      garbled = true;
    }
    if (garbled) ++result_.garbled_programs;
  }

  // Words end in a zero byte; one that is cut off, or a process that is gone, has none. Nor has
  // another user's: it could have root be advised to run anything.
  static std::vector<std::string> command_of(const fs::path& process) {
    std::vector<std::string> words;
    struct stat status{};
    if (::stat(process.c_str(), &status) != 0 ||
        (status.st_uid != 0 && status.st_uid != ::geteuid())) {
      return words;
    }
    const std::string text = read_file(process / "cmdline", kMaxCommandBytes).value_or("");
    std::string_view rest = text;
    while (const auto word = take_until(rest, '\0')) words.emplace_back(*word);
    return words;
  }

  // The content of a complete list; nullopt: the file is none. One that is too large comes out as
  // empty, which is not of the format.
  //
  // Held by a descriptor that only names the file (O_PATH), it cannot become
  // another one between the question what it is and the opening.
  [[nodiscard]] std::optional<std::string> read(const fs::path& link) const {
    const FileDescriptor named(::open(link.c_str(), O_PATH | O_CLOEXEC));
    if (!named || !memfds_.holds(named.get())) return std::nullopt;
    const fs::path pinned = root_ / "self/fd" / std::to_string(named.get());
    const FileDescriptor file(::open(pinned.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    constexpr int kNeeded = F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK;
    const int seals = file ? ::fcntl(file.get(), F_GET_SEALS) : -1;
    struct stat status{};
    if (seals < 0 || (seals & kNeeded) != kNeeded || ::fstat(file.get(), &status) != 0) {
      return std::nullopt;
    }
    const std::size_t most = std::min(kMaxStreamRegisterBytes, kMaxBytesOfAll - bytes_);
    if (std::cmp_greater(status.st_size, most)) return "";
    auto content = read_file(pinned, most);
    return content ? std::optional(std::move(*content)) : std::nullopt;
  }

  fs::path root_;
  std::string network_;
  MemfdFileSystem memfds_;
  RunningStreams result_;
  std::size_t bytes_ = 0;
};

}  // namespace

Result<RunningStreams> read_running_streams(const fs::path& proc_root) {
  auto network = link_text(proc_root / "self/ns/net");
  if (!network) return std::unexpected(network.error());
  auto processes = numbers_in(proc_root, std::numeric_limits<std::size_t>::max());
  if (!processes) return std::unexpected(processes.error());
  std::ranges::sort(*processes);
  Scan scan(proc_root, std::move(*network));
  for (const pid_t pid : *processes) scan.look_at(pid);
  return scan.take();
}

}  // namespace mcast
