// One request of HTTP/1 (RFC 9112) as it arrives: its head, then its body, by Boost.Beast's
// parser; whether it is served, which its head decides, before any of its body is read; and its
// answer as it goes over the wire.
// Stricter than the RFC asks for, so that nobody between a client and this server can
// read a request differently: lines end in CR LF, one length of the body, no folded lines, no
// extensions of chunks, no trailers. What it takes is hostile, what it keeps is bounded. One
// thread.
#pragma once

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <map>
#include <string>
#include <string_view>

#include "http/routes.h"

namespace mcast::http {

inline constexpr std::size_t kMaxHeadBytes = std::size_t{16} << 10U;
inline constexpr std::ptrdiff_t kMaxHeaders = 100;
inline constexpr std::size_t kMaxBodyBytes = std::size_t{1} << 20U;

// Why a request is refused: a status, a sentence for the client, and headers of some.
struct Fault {
  int status = 400;
  std::string message = {};
  std::map<std::string, std::string> headers = {};
};

namespace beast = boost::beast;
using Head = beast::http::request<beast::http::string_body>;

[[nodiscard]] inline std::string_view view(beast::string_view text) {
  return {text.data(), text.size()};
}

// Whether a comma-separated header names this token, and not with q=0.
[[nodiscard]] bool names_token(std::string_view list, std::string_view token);

// Path and query of a target: "/path" or, as proxies send it, "http://host/path". Refuses
// escapes that are not two digits, and those of NUL and '/', which a segment cannot hold.
[[nodiscard]] std::expected<void, Fault> parse_target(std::string_view target, Request& request);

class RequestParser {
 public:
  RequestParser();
  RequestParser(const RequestParser&) = delete;
  RequestParser& operator=(const RequestParser&) = delete;
  ~RequestParser() = default;

  // Both remove from the front of `input` what belongs to them. True: it is complete. What
  // they leave while it is not, stays bounded. After a fault they are of no use any more.
  [[nodiscard]] std::expected<bool, Fault> take_head(std::string& input);
  [[nodiscard]] std::expected<bool, Fault> take_body(std::string& input);
  // All of the request has been taken, without a fault: what comes next is another one.
  [[nodiscard]] bool is_complete() const { return beast_.is_done() && fields() == head_fields_; }

  // Method, target, version, fields and body.
  [[nodiscard]] Head& head() { return beast_.get(); }
  // With a complete head.
  [[nodiscard]] bool keep_alive() const;
  // What the head announces, as much as there may be where that is chunked.
  [[nodiscard]] std::uint64_t body_bytes() const;

 private:
  // Refuses what Beast lets pass.
  [[nodiscard]] std::expected<bool, Fault> check_head();
  [[nodiscard]] std::ptrdiff_t fields() const;

  beast::http::request_parser<beast::http::string_body> beast_;
  std::string text_;                 // of the head
  std::size_t skipped_ = 0;          // blank lines before it
  std::ptrdiff_t head_fields_ = -1;  // until the head is checked
};

// The handler, which lives as long as the routes; the request gets its method and tail.
// `socket`: the Unix socket's path, to name to those who may not write.
[[nodiscard]] std::expected<const Handler*, Fault> find_handler(const Routes& routes,
                                                                RequestParser& parser,
                                                                Request& request, bool may_write,
                                                                std::string_view socket);

struct AnswerForm {
  bool head_only = false;
  bool keep_alive = false;
  bool gzip = false;                                // the client accepts it
  std::map<std::string, std::string> headers = {};  // those of the web settings
};

// All of its bytes, which become its body. Whether the connection stays, which an event stream
// ends with.
[[nodiscard]] bool write_answer(Response& response, AnswerForm form);

}  // namespace mcast::http
