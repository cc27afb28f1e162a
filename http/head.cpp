#include "http/head.h"

#include <algorithm>
#include <charconv>

namespace mcast::agent {
namespace {

constexpr std::string_view kLineEnd = "\r\n";

constexpr bool is_token_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool is_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, is_token_char);
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
  while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
  return text;
}

std::unexpected<HttpFault> refuse(std::string message) {
  return std::unexpected(HttpFault{.status = 400, .message = std::move(message)});
}

std::unexpected<HttpFault> refuse_size() {
  return std::unexpected(
      HttpFault{.status = 431, .message = "request line and headers are above 16 KiB"});
}

std::expected<void, HttpFault> parse_request_line(std::string_view line, HttpHead& head) {
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) return refuse("not an HTTP request line");
  const std::string_view method = line.substr(0, first);
  const std::string_view target = line.substr(first + 1, last - first - 1);
  const std::string_view version = line.substr(last + 1);
  if (!is_token(method) || target.empty() ||
      !std::ranges::all_of(target, [](char c) { return c > ' ' && c < '\x7F'; })) {
    return refuse("not an HTTP request line");
  }
  if (version != "HTTP/1.1" && version != "HTTP/1.0") return refuse("not HTTP/1.0 or HTTP/1.1");
  head.method = method;
  head.target = target;
  head.keep_alive = version == "HTTP/1.1";
  return {};
}

std::expected<void, HttpFault> parse_header(std::string_view line, HttpHead& head) {
  if (head.headers.size() >= kMostHeaders) {
    return std::unexpected(HttpFault{.status = 431, .message = "more than 100 headers"});
  }
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) {
    return refuse("a header line is not 'Name: value'");
  }
  const std::string_view value = trimmed(line.substr(colon + 1));
  const auto forbidden = [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == '\x7F';
  };
  if (std::ranges::any_of(value, forbidden)) {
    return refuse("a control character in the value of a header");
  }
  head.headers.emplace_back(lower(line.substr(0, colon)), value);
  return {};
}

// How long the body is, and what becomes of the connection.
std::expected<void, HttpFault> judge_headers(HttpHead& head) {
  const bool is_1_1 = head.keep_alive;
  std::size_t hosts = 0;
  bool encoded = false;
  for (const auto& [name, value] : head.headers) {
    if (name == "host") ++hosts;
    if (name == "content-length") {
      std::uint64_t length = 0;
      const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), length);
      // from_chars takes no sign for an unsigned number.
      if (head.content_length || error != std::errc{} || end != value.data() + value.size()) {
        return refuse("Content-Length is not one number");
      }
      head.content_length = length;
    }
    if (name == "transfer-encoding") {
      if (encoded || lower(value) != "chunked" || !is_1_1) {
        return refuse("Transfer-Encoding other than chunked");
      }
      encoded = true;
    }
    if (name == "connection" && names_token(value, "close")) head.keep_alive = false;
    if (name == "expect") {
      if (lower(value) != "100-continue") return refuse("Expect other than 100-continue");
      head.expects_continue = is_1_1;
    }
  }
  if (hosts > 1 || (hosts == 0 && is_1_1)) return refuse("there must be one Host header");
  if (encoded && head.content_length) {
    return refuse("both Content-Length and Transfer-Encoding");
  }
  head.chunked = encoded;
  return {};
}

}  // namespace

std::string_view HttpHead::header(std::string_view name) const {
  for (const auto& [known, value] : headers) {
    if (known == name) return value;
  }
  return {};
}

std::expected<std::optional<std::size_t>, HttpFault> find_head(std::string_view text,
                                                               std::size_t searched) {
  if (!text.empty() && !is_token_char(text.front())) return refuse("not HTTP");
  // The end may have begun in what was searched before.
  const std::size_t from = searched < 3 ? 0 : searched - 3;
  for (std::size_t i = text.find('\n', from); i != std::string_view::npos;
       i = text.find('\n', i + 1)) {
    if (i >= kMostHeadBytes) break;
    if (i == 0 || text[i - 1] != '\r') return refuse("a line does not end in CR LF");
    if (i >= 3 && text.substr(i - 3, 4) == "\r\n\r\n") return i + 1;
  }
  if (text.size() >= kMostHeadBytes) return refuse_size();
  return std::nullopt;
}

std::expected<HttpHead, HttpFault> parse_head(std::string_view head) {
  HttpHead out;
  std::size_t line_start = 0;
  for (bool first = true;; first = false) {
    const std::size_t end = head.find(kLineEnd, line_start);
    if (end == std::string_view::npos) return refuse("the head has no end");
    const std::string_view line = head.substr(line_start, end - line_start);
    line_start = end + kLineEnd.size();
    if (first) {
      if (auto read = parse_request_line(line, out); !read) return std::unexpected(read.error());
    } else if (line.empty()) {
      break;
    } else if (auto read = parse_header(line, out); !read) {
      return std::unexpected(read.error());
    }
  }
  if (auto judged = judge_headers(out); !judged) return std::unexpected(judged.error());
  return out;
}

bool names_token(std::string_view list, std::string_view token) {
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    const std::string_view entry = list.substr(0, comma);
    list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
    const std::size_t semicolon = entry.find(';');
    if (lower(trimmed(entry.substr(0, semicolon))) != token) continue;
    if (semicolon == std::string_view::npos) return true;
    const std::string parameter = lower(trimmed(entry.substr(semicolon + 1)));
    return !(parameter.starts_with("q=0") &&
             parameter.find_first_not_of("0.", 2) == std::string::npos);
  }
  return false;
}

}  // namespace mcast::agent
