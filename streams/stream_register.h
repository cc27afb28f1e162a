// Says to other programs on this host which streams of this process hold a join:
// in a memfd, that mcast-status finds below /proc/PID/fd. So nothing is left behind
// when the process ends, however it ends, and nobody needs a running agent or root.
//
// Format, text, a line a join and a line at either end:
//
//   mcast-streams 1
//   GROUP SOURCE IFINDEX PORT NAME      SOURCE "*" for (*,G); NAME is the rest of the line
//   end NUMBER-OF-JOINS
//
// A reader never meets a half-written list: each is a memfd of its own, sealed
// against every change once it is complete, and only then put (dup3) in the place of
// the one before. What is not sealed is not a list.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "base/file_descriptor.h"
#include "base/result.h"

namespace mcast {

struct HeldJoin {
  std::string stream;
  IpAddress group;
  std::optional<IpAddress> source;  // given: (S,G)
  int ifindex = 0;
  std::uint16_t port = 0;

  friend bool operator==(const HeldJoin&, const HeldJoin&) = default;
};

inline constexpr const char* kStreamRegisterName = "mcast-streams";
inline constexpr std::size_t kMaxStreamRegisterBytes = std::size_t{16} << 20U;

// One thread.
class StreamRegister {
 public:
  // Shows these joins and no others from now on. Without a change it does nothing;
  // after an error the list of before stays.
  [[nodiscard]] Result<void> publish(std::vector<HeldJoin> joins);

 private:
  FileDescriptor file_;
  std::vector<HeldJoin> published_;
};

// The two directions of the format. The text may come from a stranger: anything
// that is not exactly of the format is an error, which names the line.
[[nodiscard]] std::string encode_stream_register(const std::vector<HeldJoin>& joins);
[[nodiscard]] Result<std::vector<HeldJoin>> decode_stream_register(std::string_view text);

}  // namespace mcast
