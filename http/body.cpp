#include "http/body.h"

#include <algorithm>
#include <charconv>

namespace mcast::agent {
namespace {

// Chunk extensions and trailers mean nothing here.
constexpr std::size_t kMostChunkLineBytes = 256;

std::unexpected<HttpFault> refuse(std::string message) {
  return std::unexpected(HttpFault{.status = 400, .message = std::move(message)});
}

}  // namespace

HttpFault body_too_large() {
  return {.status = 413, .message = "the body is above 1 MiB"};
}

HttpBody::HttpBody(const HttpHead& head) {
  if (head.chunked) {
    part_ = Part::kChunkSize;
  } else if (head.content_length.value_or(0) > 0) {
    part_ = Part::kData;
    left_ = *head.content_length;
  }
}

void HttpBody::take_data(std::string_view& rest) {
  const auto length = static_cast<std::size_t>(std::min<std::uint64_t>(left_, rest.size()));
  text_.append(rest.substr(0, length));
  rest.remove_prefix(length);
  left_ -= length;
}

std::expected<bool, HttpFault> HttpBody::step(std::string_view& rest) {
  switch (part_) {
    case Part::kData:
      if (left_ > kMostBodyBytes) return std::unexpected(body_too_large());
      take_data(rest);
      if (left_ > 0) return false;
      part_ = Part::kDone;
      return true;
    case Part::kChunkSize: {
      const std::size_t end = rest.find("\r\n");
      if (end == std::string_view::npos) {
        if (rest.size() > kMostChunkLineBytes) return refuse("a chunk's size is too long");
        return false;
      }
      const std::string_view line = rest.substr(0, end);
      const auto [stop, error] = std::from_chars(line.data(), line.data() + line.size(), left_, 16);
      // Extensions mean nothing here, and programs differ in where they end.
      if (end > kMostChunkLineBytes || error != std::errc{} || stop != line.data() + line.size()) {
        return refuse("a chunk's size is no number");
      }
      if (left_ > kMostBodyBytes - text_.size()) return std::unexpected(body_too_large());
      rest.remove_prefix(end + 2);
      part_ = left_ == 0 ? Part::kTrailer : Part::kChunkData;
      return true;
    }
    case Part::kChunkData:
      take_data(rest);
      if (left_ > 0) return false;
      part_ = Part::kChunkEnd;
      return true;
    case Part::kChunkEnd:
      if (rest.size() < 2) return false;
      if (!rest.starts_with("\r\n")) return refuse("a chunk does not end in CR LF");
      rest.remove_prefix(2);
      part_ = Part::kChunkSize;
      return true;
    case Part::kTrailer:
      if (rest.size() < 2) return false;
      if (!rest.starts_with("\r\n")) return refuse("fields behind the last chunk");
      rest.remove_prefix(2);
      part_ = Part::kDone;
      return true;
    case Part::kDone:
      break;
  }
  return false;
}

std::expected<bool, HttpFault> HttpBody::take(std::string& input) {
  std::string_view rest = input;
  while (part_ != Part::kDone) {
    const auto went_on = step(rest);
    if (!went_on) return std::unexpected(went_on.error());
    if (!*went_on) break;
  }
  input.erase(0, input.size() - rest.size());
  return part_ == Part::kDone;
}

}  // namespace mcast::agent
