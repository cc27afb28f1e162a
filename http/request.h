// One request of HTTP/1 (RFC 9112) as it arrives: its head, then its body, by Boost.Beast's
// parser; and whether it is served, which its head decides, before any of its body is read.
// Stricter than the RFC asks for, so that nobody between a client and this server can
// read a request differently: lines end in CR LF, one length of the body, no folded lines, no
// extensions of chunks, no trailers. What it takes is hostile, what it keeps is bounded. One
// thread.
#pragma once

#include <boost/beast/http/basic_parser.hpp>
#include <boost/version.hpp>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/routes.h"

namespace mcast::http {

inline constexpr std::size_t kMaxHeadBytes = std::size_t{16} << 10U;
inline constexpr std::size_t kMaxHeaders = 100;
inline constexpr std::size_t kMaxBodyBytes = std::size_t{1} << 20U;

// Why a request is refused: a status, a sentence for the client, and headers of some.
struct Fault {
  int status = 400;
  std::string message = {};
  std::map<std::string, std::string> headers = {};
};

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
  [[nodiscard]] std::string header(std::string_view name) const;
  [[nodiscard]] bool has_body() const { return chunked || content_length.value_or(0) > 0; }
};

// Whether a comma-separated header names this token, and not with q=0.
[[nodiscard]] bool names_token(std::string_view list, std::string_view token);

// Path and query of a target: "/path" or, as proxies send it, "http://host/path". Refuses
// escapes that are not two digits, and those of NUL and '/', which a segment cannot hold.
[[nodiscard]] std::expected<void, Fault> parse_target(std::string_view target, Request& request);

// The handler, which lives as long as the routes; the request gets its tail. `socket`: the Unix
// socket's path, to name to those who may not write.
[[nodiscard]] std::expected<const Handler*, Fault> find_handler(const Routes& routes,
                                                                const Head& head, Request& request,
                                                                bool may_write,
                                                                std::string_view socket);

// Refuses what Beast lets pass. The virtual functions are Beast's; they have no exceptions.
class RequestParser : private boost::beast::http::basic_parser<true> {
 public:
  RequestParser();

  // Both remove from the front of `input` what belongs to them. True: it is complete. What
  // they leave while it is not, stays bounded. After a fault they are of no use any more.
  [[nodiscard]] std::expected<bool, Fault> take_head(std::string& input);
  [[nodiscard]] std::expected<bool, Fault> take_body(std::string& input);
  // All of the request has been taken: what comes next is another one.
  [[nodiscard]] bool is_complete() const { return is_done(); }

  [[nodiscard]] const Head& head() const { return head_; }
  // Has the body, and what its handler sees of the headers.
  [[nodiscard]] Request& request() { return request_; }

 private:
  using Text = boost::beast::string_view;
  using ErrorCode = boost::beast::error_code;
  using Field = boost::beast::http::field;

  void on_request_impl(boost::beast::http::verb verb, Text method, Text target, int version,
                       ErrorCode& error) override;
  void on_response_impl(int, Text, int, ErrorCode&) override {}
  void on_field_impl(Field field, Text given_name, Text given_value, ErrorCode& error) override;
  void on_header_impl(ErrorCode& error) override;
  void on_body_init_impl(const boost::optional<std::uint64_t>&, ErrorCode&) override {}
  std::size_t on_body_impl(Text data, ErrorCode& error) override;
  void on_chunk_header_impl(std::uint64_t size, Text extensions, ErrorCode& error) override;
  std::size_t on_chunk_body_impl(std::uint64_t, Text data, ErrorCode& error) override {
    return on_body_impl(data, error);
  }
  void on_finish_impl(ErrorCode&) override {}
#if BOOST_VERSION >= 109000
  void on_trailer_field_impl(Field field, Text name, Text value, ErrorCode& error) override {
    on_field_impl(field, name, value, error);
  }
#endif

  void refuse(ErrorCode& error, Fault fault);
  [[nodiscard]] Fault fault_of(const ErrorCode& error);

  Head head_ = {};
  Request request_ = {};
  std::size_t skipped_ = 0;  // blank lines before the head
  std::size_t taken_ = 0;    // of the head, they included
  std::size_t hosts_ = 0;
  bool is_1_1_ = false;
  Fault fault_ = {};
};

}  // namespace mcast::http
