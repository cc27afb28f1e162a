#include "http/parser.h"

#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/version.hpp>

#include "base/number.h"
#include "base/text.h"

namespace mcast::http {
namespace {

namespace beast = boost::beast;
using beast::error_code;
using BeastError = beast::http::error;
using Text = beast::string_view;

// The line of a chunk's size; extensions are not taken.
constexpr std::size_t kMaxChunkLineBytes = 256;

std::string_view view(Text text) {
  return {text.data(), text.size()};
}

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
  while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
  return text;
}

Fault head_too_large() {
  return {.status = 431, .message = "request line and headers are above 16 KiB"};
}

}  // namespace

// Refuses what Beast lets pass. The virtual functions are Beast's; they have no exceptions.
class RequestParser::Beast final : public beast::http::basic_parser<true> {
 public:
  Beast() {
    // Bounds of our own: Beast's know neither the blank lines before a head nor our order of
    // refusals.
    header_limit(static_cast<std::uint32_t>(kMaxHeadBytes + 1));
    body_limit(boost::none);
  }

  std::expected<bool, Fault> take_head(std::string& input) {
    // Empty lines before a request are skipped (RFC 9112 section 2.2), but count.
    if (taken_ == skipped_) {
      std::size_t blank = 0;
      while (input.compare(blank, 2, "\r\n") == 0) blank += 2;
      input.erase(0, blank);
      skipped_ += blank;
      taken_ += blank;
      if (taken_ >= kMaxHeadBytes) return std::unexpected(head_too_large());
      if (input.empty() || input == "\r") return false;
    }
    const std::size_t room = kMaxHeadBytes - taken_;
    error_code error;
    const std::size_t used = put({input.data(), std::min(input.size(), room)}, error);
    taken_ += used;
    input.erase(0, used);
    if (error == BeastError::need_more) {
      if (input.size() >= room - used) return std::unexpected(head_too_large());
      return false;
    }
    if (error) return std::unexpected(fault_of(error));
    return is_header_done();
  }

  std::expected<bool, Fault> take_body(std::string& input) {
    if (is_done() || input.empty()) return is_done();
    eager(true);
    error_code error;
    input.erase(0, put({input.data(), input.size()}, error));
    if (error && error != BeastError::need_more) return std::unexpected(fault_of(error));
    if (!is_done() && input.size() > kMaxChunkLineBytes) {
      return std::unexpected(Fault{.message = "a chunk's size is too long"});
    }
    return is_done();
  }

  Head head = {};
  std::string body = {};

 private:
  void refuse(error_code& error, std::string message, int status = 400) {
    fault_ = {.status = status, .message = std::move(message)};
    error = BeastError::bad_value;
  }

  Fault fault_of(const error_code& error) {
    if (!fault_.message.empty()) return std::move(fault_);
    if (error == BeastError::header_limit) return head_too_large();
    const auto message = [&]() -> std::string_view {
      if (error == BeastError::bad_version) return "not HTTP/1.0 or HTTP/1.1";
      if (error == BeastError::bad_field) return "a header line is not 'Name: value'";
      if (error == BeastError::bad_value) return "a control character in the value of a header";
      if (error == BeastError::bad_line_ending) return "a line does not end in CR LF";
      if (error == BeastError::bad_chunk || error == BeastError::bad_chunk_extension) {
        return "a chunk's size is no number";
      }
      if (error == BeastError::bad_content_length || error == BeastError::multiple_content_length) {
        return head.chunked ? "both Content-Length and Transfer-Encoding"
                            : "Content-Length is not one number";
      }
      if (error == BeastError::bad_transfer_encoding) {
        return head.content_length ? "both Content-Length and Transfer-Encoding"
                                   : "Transfer-Encoding other than chunked";
      }
      return "not an HTTP request line";
    };
    return {.status = 400, .message = std::string(message())};
  }

  void on_request_impl(beast::http::verb /*verb*/, Text method, Text target, int version,
                       error_code& error) override {
    const std::string_view path = view(target);
    if (!std::ranges::all_of(path, [](char c) { return c > ' ' && c < '\x7F'; })) {
      return refuse(error, "not an HTTP request line");
    }
    head.method = view(method);
    head.target = path;
    is_1_1_ = version == 11;
  }

  void on_response_impl(int /*status*/, Text /*reason*/, int /*version*/,
                        error_code& /*error*/) override {}

  void on_field_impl(beast::http::field /*field*/, Text given_name, Text given_value,
                     error_code& error) override {
    if (is_header_done()) return refuse(error, "fields behind the last chunk");
    if (head.headers.size() >= kMaxHeaders) return refuse(error, "more than 100 headers", 431);
    // Beast has seen one byte behind the line's end: where that is a blank it joins the lines.
    const char* end = given_name.data() + given_name.size();
    while (*end != '\r') ++end;
    if (end[2] == ' ' || end[2] == '\t') return refuse(error, "a header of several lines");
    const std::string name = ascii_lower(view(given_name));
    const std::string_view value = view(given_value);
    if (name == "host") ++hosts_;
    if (name == "content-length") {
      const auto length = parse_number<std::uint64_t>(value);
      if (head.content_length || !length) return refuse(error, "Content-Length is not one number");
      head.content_length = length;
    }
    if (name == "transfer-encoding") {
      if (head.chunked || ascii_lower(value) != "chunked" || !is_1_1_) {
        return refuse(error, "Transfer-Encoding other than chunked");
      }
      head.chunked = true;
    }
    if (name == "connection" && names_token(value, "close")) head.keep_alive = false;
    if (name == "expect") {
      if (ascii_lower(value) != "100-continue") {
        return refuse(error, "Expect other than 100-continue");
      }
      head.expects_continue = is_1_1_;
    }
    head.headers.emplace_back(name, value);
  }

  void on_header_impl(error_code& error) override {
    if (hosts_ > 1 || (hosts_ == 0 && is_1_1_)) refuse(error, "there must be one Host header");
    head.keep_alive = head.keep_alive && is_1_1_;
  }

  std::size_t append(Text data, error_code& error) {
    if (data.size() > kMaxBodyBytes - body.size()) {
      const Fault fault = body_too_large();
      refuse(error, fault.message, fault.status);
      return 0;
    }
    body += view(data);
    return data.size();
  }

  void on_body_init_impl(const boost::optional<std::uint64_t>& /*length*/,
                         error_code& /*error*/) override {}
  std::size_t on_body_impl(Text data, error_code& error) override { return append(data, error); }
  std::size_t on_chunk_body_impl(std::uint64_t /*left*/, Text data, error_code& error) override {
    return append(data, error);
  }
  void on_chunk_header_impl(std::uint64_t size, Text extensions, error_code& error) override {
    // Programs differ in where they end.
    if (!extensions.empty()) return refuse(error, "a chunk's size is no number");
    if (size > kMaxBodyBytes - body.size()) {
      const Fault fault = body_too_large();
      refuse(error, fault.message, fault.status);
    }
  }
  void on_finish_impl(error_code& /*error*/) override {}
#if BOOST_VERSION >= 109000
  void on_trailer_field_impl(beast::http::field /*field*/, Text /*name*/, Text /*value*/,
                             error_code& error) override {
    refuse(error, "fields behind the last chunk");
  }
#endif

  std::size_t skipped_ = 0;  // blank lines before the head
  std::size_t taken_ = 0;    // of the head, they included
  std::size_t hosts_ = 0;
  bool is_1_1_ = false;
  Fault fault_ = {};
};

Fault body_too_large() {
  return {.status = 413, .message = "the body is above 1 MiB"};
}

std::string_view Head::header(std::string_view name) const {
  for (const auto& [known, value] : headers) {
    if (known == name) return value;
  }
  return {};
}

bool names_token(std::string_view list, std::string_view token) {
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    const std::string_view entry = list.substr(0, comma);
    list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
    const std::size_t semicolon = entry.find(';');
    if (ascii_lower(trimmed(entry.substr(0, semicolon))) != token) continue;
    if (semicolon == std::string_view::npos) return true;
    const std::string parameter = ascii_lower(trimmed(entry.substr(semicolon + 1)));
    return !(parameter.starts_with("q=0") &&
             parameter.find_first_not_of("0.", 2) == std::string::npos);
  }
  return false;
}

RequestParser::RequestParser() : beast_(std::make_unique<Beast>()) {}
RequestParser::~RequestParser() = default;

std::expected<bool, Fault> RequestParser::take_head(std::string& input) {
  return beast_->take_head(input);
}

std::expected<bool, Fault> RequestParser::take_body(std::string& input) {
  return beast_->take_body(input);
}

const Head& RequestParser::head() const {
  return beast_->head;
}

std::string& RequestParser::body() {
  return beast_->body;
}

}  // namespace mcast::http
