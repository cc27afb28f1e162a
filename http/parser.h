// One request of HTTP/1 (RFC 9112) as it arrives: its head, then its body, by Boost.Beast's
// parser. Stricter than the RFC asks for, so that nobody between a client and this server can
// read a request differently: lines end in CR LF, one length of the body, no folded lines, no
// extensions of chunks, no trailers. What it takes is hostile, what it keeps is bounded. One
// thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mcast::http {

inline constexpr std::size_t kMaxHeadBytes = std::size_t{16} << 10U;
inline constexpr std::size_t kMaxHeaders = 100;
inline constexpr std::size_t kMaxBodyBytes = std::size_t{1} << 20U;

// Why a request is refused: a status and a sentence for the client.
struct Fault {
  int status = 400;
  std::string message = {};
};

[[nodiscard]] Fault body_too_large();

struct Head {
  std::string method = {};
  std::string target = {};  // as it was sent
  // Names in lower case, in their order.
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::optional<std::uint64_t> content_length = {};
  bool chunked = false;
  bool keep_alive = true;
  bool expects_continue = false;

  // The value of the first header of this name (lower case); "" if there is none.
  [[nodiscard]] std::string_view header(std::string_view name) const;
  [[nodiscard]] bool has_body() const { return chunked || content_length.value_or(0) > 0; }
};

// Whether a comma-separated header names this token (lower case), and not with q=0.
[[nodiscard]] bool names_token(std::string_view list, std::string_view token);

class RequestParser {
 public:
  RequestParser();
  ~RequestParser();

  // Both remove from the front of `input` what belongs to them. True: it is complete. What
  // they leave while it is not, stays bounded. After a fault they are of no use any more.
  [[nodiscard]] std::expected<bool, Fault> take_head(std::string& input);
  [[nodiscard]] std::expected<bool, Fault> take_body(std::string& input);

  [[nodiscard]] const Head& head() const;
  [[nodiscard]] std::string& body();

 private:
  class Beast;
  std::unique_ptr<Beast> beast_;
};

}  // namespace mcast::http
