#include "streams/running_streams.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "base/file_descriptor.h"
#include "base/number.h"

namespace mcast {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxBytesOfAll = std::size_t{32} << 20U;
constexpr std::size_t kMaxJoinsOfAll = 500'000;
constexpr int kMaxDescriptors = 65'536;  // looked at, of one process
constexpr int kMaxCandidates = 8;        // memfds with the name, of one process

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};
using Directory = std::unique_ptr<DIR, CloseDirectory>;

Result<Directory> open_directory(const fs::path& path) {
  Directory directory(::opendir(path.c_str()));
  if (!directory) return fail_errno("cannot open " + path.string(), errno);
  return directory;
}

// The next entry whose name is a number.
std::optional<int> next_number(DIR* directory) {
  // A DIR of our own: readdir() is safe here.
  while (const dirent* entry = ::readdir(directory)) {  // NOLINT(concurrency-mt-unsafe)
    if (const auto number = parse_number<int>(&entry->d_name[0])) return number;
  }
  return std::nullopt;
}

// Where a link leads; the error has errno as its code.
Result<std::string> link_text(const fs::path& path) {
  std::array<char, 256> text{};
  const ssize_t length = ::readlink(path.c_str(), text.data(), text.size());
  if (length < 0) return fail_errno("cannot read " + path.string(), errno);
  return std::string(text.data(), static_cast<std::size_t>(length));
}

std::string program_name(const fs::path& process) {
  const FileDescriptor file(::open((process / "comm").c_str(), O_RDONLY | O_CLOEXEC));
  std::array<char, 64> text{};
  const ssize_t length = file ? ::read(file.get(), text.data(), text.size()) : 0;
  std::string name(text.data(), static_cast<std::size_t>(std::max<ssize_t>(length, 0)));
  if (name.ends_with('\n')) name.pop_back();
  return name;
}

bool is_denied(int code) {
  return code == EACCES || code == EPERM;
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

// The content of a complete list; nothing if the file is none. One that is larger
// than `most` comes out as empty, which is not of the format.
std::optional<std::string> sealed_content(const FileDescriptor& file, std::size_t most) {
  constexpr int kNeeded = F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK;
  const int seals = ::fcntl(file.get(), F_GET_SEALS);
  if (seals < 0 || (seals & kNeeded) != kNeeded) return std::nullopt;
  struct stat status{};
  if (::fstat(file.get(), &status) != 0 || status.st_size < 0) return std::nullopt;
  const auto size = static_cast<std::size_t>(status.st_size);
  if (size > most) return "";
  std::string content(size, '\0');
  std::size_t done = 0;
  while (done < size) {
    const ssize_t length =
        ::pread(file.get(), content.data() + done, size - done, static_cast<off_t>(done));
    if (length < 0 && errno == EINTR) continue;
    if (length <= 0) return std::nullopt;
    done += static_cast<std::size_t>(length);
  }
  return content;
}

class Scan {
 public:
  Scan(fs::path proc_root, std::string network)
      : root_(std::move(proc_root)), network_(std::move(network)) {}

  void look_at(pid_t pid) {
    const fs::path process = root_ / std::to_string(pid);
    const std::string program = program_name(process);
    if (!program.starts_with("mcast-")) return;
    const auto network = link_text(process / "ns/net");
    if (!network) {
      if (is_denied(network.error().code)) ++result_.unreadable_programs;
      return;
    }
    if (*network == network_) look_at_files(pid, program, process / "fd");
  }

  [[nodiscard]] RunningStreams take() { return std::move(result_); }

 private:
  void look_at_files(pid_t pid, const std::string& program, const fs::path& files) {
    const auto directory = open_directory(files);
    if (!directory) {
      if (is_denied(directory.error().code)) ++result_.unreadable_programs;
      return;
    }
    const std::string wanted = "/memfd:" + std::string(kStreamRegisterName) + " (deleted)";
    int candidates = 0;
    bool garbled = false;
    for (int i = 0; i < kMaxDescriptors && candidates < kMaxCandidates; ++i) {
      const auto number = next_number(directory->get());
      if (!number) break;
      const fs::path link = files / std::to_string(*number);
      if (link_text(link).value_or("") != wanted) continue;
      ++candidates;
      const auto content = read(link);
      if (!content) continue;
      bytes_ += content->size();
      if (auto joins = decode_stream_register(*content);
          joins && joins->size() <= kMaxJoinsOfAll - result_.streams.size()) {
        for (HeldJoin& join : *joins) {
          result_.streams.push_back({.pid = pid, .program = program, .join = std::move(join)});
        }
        return;
      }
      garbled = true;
    }
    if (garbled) ++result_.garbled_programs;
  }

  // Held by a descriptor that only names the file (O_PATH), it cannot become
  // another one between the question what it is and the opening.
  [[nodiscard]] std::optional<std::string> read(const fs::path& link) const {
    const FileDescriptor named(::open(link.c_str(), O_PATH | O_CLOEXEC));
    if (!named || !memfds_.holds(named.get())) return std::nullopt;
    const fs::path pinned = root_ / "self/fd" / std::to_string(named.get());
    const FileDescriptor file(::open(pinned.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!file) return std::nullopt;
    return sealed_content(file, std::min(kMaxStreamRegisterBytes, kMaxBytesOfAll - bytes_));
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
  const auto directory = open_directory(proc_root);
  if (!directory) return std::unexpected(directory.error());
  Scan scan(proc_root, std::move(*network));
  std::vector<pid_t> processes;
  while (const auto pid = next_number(directory->get())) processes.push_back(*pid);
  std::ranges::sort(processes);
  for (const pid_t pid : processes) scan.look_at(pid);
  return scan.take();
}

}  // namespace mcast
