// The body of a request as it arrives, in one piece or in chunks (RFC 9112 section
// 7.1), of a bounded size. Pure; used by one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "http/head.h"

namespace mcast::agent {

inline constexpr std::size_t kMostBodyBytes = std::size_t{1} << 20U;

[[nodiscard]] HttpFault body_too_large();

class HttpBody {
 public:
  // None.
  HttpBody() = default;
  // What this head announces.
  explicit HttpBody(const HttpHead& head);

  // Removes from the front of `input` what belongs to the body. True: it is
  // complete. What stays in `input` while it is not, stays bounded.
  [[nodiscard]] std::expected<bool, HttpFault> take(std::string& input);

  [[nodiscard]] std::string& text() { return text_; }

 private:
  enum class Part : std::uint8_t { kData, kChunkSize, kChunkData, kChunkEnd, kTrailer, kDone };

  void take_data(std::string_view& rest);
  // False: more input is needed.
  [[nodiscard]] std::expected<bool, HttpFault> step(std::string_view& rest);

  Part part_ = Part::kDone;
  std::uint64_t left_ = 0;  // of the body, or of this chunk
  std::string text_;
};

}  // namespace mcast::agent
