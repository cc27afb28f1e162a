// Which streams of our programs hold joins or send on this host now, as the programs say
// themselves: each in a memfd, that others find below /proc/PID/fd. So nothing is left behind when
// the process ends, however it ends, and nobody needs a running agent or root.
//
// Format, text, a line a stream and a line at either end:
//
//   mcast-streams 2
//   receiver GROUP SOURCE IFINDEX PORT ORIGIN NAME
//   sender GROUP SOURCE IFINDEX PORT ORIGIN TTL SIZE RATE NAME
//   end NUMBER-OF-STREAMS
//
// SOURCE is "*" for (*,G), of a sender its own address; ORIGIN as to_string(StreamOrigin); RATE is
// packets in 1,000 s; NAME is the rest of the line.
//
// A reader never meets a half-written list: each is a memfd of its own, sealed
// against every change once it is complete, and only then put (dup3) in the place of
// the one before. What is not sealed is not a list.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "base/file_descriptor.h"
#include "base/result.h"
#include "probe/stream_spec.h"

namespace mcast {

struct HeldJoin {
  std::string stream;
  IpAddress group;
  std::optional<IpAddress> source;  // given: (S,G)
  int ifindex = 0;
  std::uint16_t port = 0;
  StreamOrigin origin = StreamOrigin::kConfigured;

  friend bool operator==(const HeldJoin&, const HeldJoin&) = default;
};

// What a stream sends.
struct HeldSender {
  std::string stream;
  IpAddress group;
  std::optional<IpAddress> source;  // that its packets carry
  int ifindex = 0;
  std::uint16_t port = 0;
  StreamOrigin origin = StreamOrigin::kConfigured;
  int ttl = 0;
  std::size_t size = 0;
  double packets_per_second = 0;

  friend bool operator==(const HeldSender&, const HeldSender&) = default;
};

struct HeldStreams {
  std::vector<HeldJoin> joins = {};
  std::vector<HeldSender> senders = {};

  friend bool operator==(const HeldStreams&, const HeldStreams&) = default;
};

// Where an agent answers unless it is told otherwise.
inline constexpr std::string_view kDefaultAgentSocket = "/run/mcast-agent/api.sock";

inline constexpr const char* kStreamRegisterName = "mcast-streams";
inline constexpr std::size_t kMaxStreamRegisterBytes = std::size_t{16} << 20U;

// One thread.
class StreamRegister {
 public:
  // Shows these streams and no others from now on. Without a change it does nothing;
  // after an error the list of before stays.
  [[nodiscard]] Result<void> publish(HeldStreams streams);

 private:
  FileDescriptor file_;
  HeldStreams published_;
};

// The two directions of the format. The text may come from a stranger: anything
// that is not exactly of the format is an error, which names the line.
[[nodiscard]] std::string encode_stream_register(const HeldStreams& streams);
[[nodiscard]] Result<HeldStreams> decode_stream_register(std::string_view text);

struct RunningStream {
  pid_t pid = 0;
  std::string program;  // as the process calls itself: may hold any byte
  HeldJoin join;

  friend bool operator==(const RunningStream&, const RunningStream&) = default;
};

struct RunningSender {
  pid_t pid = 0;
  std::string program;
  HeldSender sender;
};

struct RunningStreams {
  std::vector<RunningStream> streams;  // by process, in the order of its own list
  std::vector<RunningSender> senders = {};
  // The words that each process of root or of this user was started with: may hold any byte.
  std::map<pid_t, std::vector<std::string>> commands = {};
  // Programs of other users, that only root can look into; perhaps in another
  // network namespace.
  std::size_t unreadable_programs = 0;
  // What they say is not of the format (another version of it, or a lie), or is more
  // than this program wants to hold.
  std::size_t garbled_programs = 0;
};

// Looks at the processes in this process's network namespace whose name starts with
// "mcast-". `proc_root` is "/proc" outside of tests. Processes that end meanwhile are
// left out. Any thread.
//
// Nothing that another user's process does can block this: only a sealed memfd is
// read, and no other kind of file is ever opened. At most 16 MiB are read of a
// program, 32 MiB and half a million streams of all.
[[nodiscard]] Result<RunningStreams> read_running_streams(const std::filesystem::path& proc_root);

}  // namespace mcast
