#include "http/request.h"

#include <algorithm>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/rfc7230.hpp>

#include "base/number.h"
#include "base/text.h"

namespace mcast::http {
namespace {

using BeastError = boost::beast::http::error;

// The line of a chunk's size; extensions are not taken.
constexpr std::size_t kMaxChunkLineBytes = 256;

std::string_view view(boost::beast::string_view text) {
  return {text.data(), text.size()};
}

std::unexpected<Fault> refusal(std::string message, int status = 400) {
  return std::unexpected(Fault{.status = status, .message = std::move(message)});
}

std::unexpected<Fault> head_too_large() {
  return refusal("request line and headers are above 16 KiB", 431);
}

Fault body_too_large() {
  return {.status = 413, .message = "the body is above 1 MiB"};
}

std::optional<std::string> decode(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_space) {
      out += ' ';
    } else if (text[i] != '%') {
      out += text[i];
    } else {
      const std::string_view digits = text.substr(i + 1, 2);
      const auto value = parse_number<unsigned>(digits, 16);
      if (digits.size() != 2 || !value || *value == 0) return std::nullopt;
      out += static_cast<char>(*value);
      i += 2;
    }
  }
  return out;
}

// A browser sends this request for a page of another host: by Sec-Fetch-Site, or by an
// Origin that is not the Host.
bool is_cross_site(const Head& head) {
  for (const auto& [name, value] : head.headers) {
    if (name == "sec-fetch-site" && value == "cross-site") return true;
    if (name != "origin") continue;
    const std::size_t scheme_end = value.find("://");
    // "null": a page that the browser itself trusts with nothing.
    if (scheme_end == std::string::npos) return true;
    if (ascii_lower(value.substr(scheme_end + 3)) != ascii_lower(head.header("host"))) return true;
  }
  return false;
}

}  // namespace

std::string Head::header(std::string_view name) const {
  for (const auto& [known, value] : headers) {
    if (known == name) return value;
  }
  return {};
}

bool names_token(std::string_view list, std::string_view token) {
  for (const auto& [name, parameters] : boost::beast::http::ext_list({list.data(), list.size()})) {
    if (ascii_lower(view(name)) != token) continue;
    return std::ranges::none_of(parameters, [](const auto& parameter) {
      return ascii_lower(view(parameter.first)) == "q" && parameter.second.starts_with('0') &&
             view(parameter.second).find_first_not_of("0.") == std::string_view::npos;
    });
  }
  return false;
}

std::expected<void, Fault> parse_target(std::string_view target, Request& request) {
  std::string with_path;
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!target.starts_with(scheme)) continue;
    // A host ends where a path or a query begins; without a path it is "/".
    const std::size_t end = std::min(target.find_first_of("/?#", scheme.size()), target.size());
    if (!target.substr(end).starts_with('/')) with_path = "/";
    with_path += target.substr(end);
    target = with_path;
    break;
  }
  if (!target.starts_with('/')) return refusal("the path does not begin with '/'");
  if (target.contains('#')) return refusal("'#' in the path");
  const std::size_t path_end = std::min(target.find('?'), target.size());
  auto path = decode(target.substr(0, path_end), false);
  if (!path) return refusal("a bad percent escape in the path");
  if (std::ranges::count(*path, '/') != std::ranges::count(target.substr(0, path_end), '/')) {
    return refusal("an escaped '/' in the path");
  }
  request.path = std::move(*path);
  for (std::string_view query = target.substr(path_end); !query.empty();) {
    // Behind its '?' or '&'.
    query.remove_prefix(1);
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(pair.size());
    if (pair.empty()) continue;
    const std::size_t equals = std::min(pair.find('='), pair.size());
    auto name = decode(pair.substr(0, equals), true);
    auto value = decode(pair.substr(std::min(equals + 1, pair.size())), true);
    if (!name || !value) return refusal("a bad percent escape in the query");
    request.query.emplace(std::move(*name), std::move(*value));
  }
  return {};
}

std::expected<const Handler*, Fault> find_handler(const Routes& routes, const Head& head,
                                                  Request& request, bool may_write,
                                                  std::string_view socket) {
  Routes::Found found = routes.find(request.path);
  if (found.methods == nullptr) return refusal("not found: " + request.path, 404);
  const bool reads = head.method == "GET" || head.method == "HEAD";
  request.method = reads ? "GET" : head.method;
  const auto entry = found.methods->find(request.method);
  if (entry == found.methods->end()) {
    std::string allowed;
    for (const auto& [method, unused] : *found.methods) {
      if (!allowed.empty()) allowed += ", ";
      allowed += method == "GET" ? "GET, HEAD" : method;
    }
    auto fault = refusal("method not allowed: " + head.method, 405);
    fault.error().headers.emplace("Allow", std::move(allowed));
    return fault;
  }
  if (reads && head.has_body()) return refusal("a " + head.method + " request has no body");
  if (!reads && is_cross_site(head)) {
    return refusal("this request was made by a page of another host", 403);
  }
  if (entry->second.access == Access::kWrites && !may_write) {
    std::string text = "writing over TCP needs TLS and basic_auth_users in --web.config.file";
    if (!socket.empty()) text.append("; or use the Unix socket ").append(socket);
    return refusal(std::move(text), 403);
  }
  if (head.content_length.value_or(0) > kMaxBodyBytes) return std::unexpected(body_too_large());
  request.tail = std::move(found.tail);
  return &entry->second.handler;
}

RequestParser::RequestParser() {
  // Bounds of our own: Beast's know neither the blank lines before a head nor our order of
  // refusals.
  header_limit(static_cast<std::uint32_t>(kMaxHeadBytes + 1));
  body_limit(boost::none);
}

std::expected<bool, Fault> RequestParser::take_head(std::string& input) {
  // Empty lines before a request are skipped (RFC 9112 section 2.2), but count.
  if (taken_ == skipped_) {
    std::size_t blank = 0;
    while (input.compare(blank, 2, "\r\n") == 0) blank += 2;
    input.erase(0, blank);
    skipped_ += blank;
    taken_ += blank;
    if (taken_ >= kMaxHeadBytes) return head_too_large();
    if (input.empty() || input == "\r") return false;
  }
  const std::size_t room = kMaxHeadBytes - taken_;
  ErrorCode error;
  const std::size_t used = put({input.data(), std::min(input.size(), room)}, error);
  taken_ += used;
  input.erase(0, used);
  if (error == BeastError::need_more) {
    if (input.size() >= room - used) return head_too_large();
    return false;
  }
  if (error) return std::unexpected(fault_of(error));
  return is_header_done();
}

std::expected<bool, Fault> RequestParser::take_body(std::string& input) {
  if (is_done() || input.empty()) return is_done();
  eager(true);
  ErrorCode error;
  input.erase(0, put({input.data(), input.size()}, error));
  if (error && error != BeastError::need_more) return std::unexpected(fault_of(error));
  if (!is_done() && input.size() > kMaxChunkLineBytes) return refusal("a chunk's size is too long");
  return is_done();
}

void RequestParser::refuse(ErrorCode& error, Fault fault) {
  fault_ = std::move(fault);
  error = BeastError::bad_value;
}

Fault RequestParser::fault_of(const ErrorCode& error) {
  if (!fault_.message.empty()) return std::move(fault_);
  if (error == BeastError::header_limit) return head_too_large().error();
  if ((error == BeastError::bad_content_length && head_.chunked) ||
      (error == BeastError::bad_transfer_encoding && head_.content_length)) {
    return {.message = "both Content-Length and Transfer-Encoding"};
  }
  constexpr std::pair<BeastError, const char*> kMessages[] = {
      {BeastError::bad_version, "not HTTP/1.0 or HTTP/1.1"},
      {BeastError::bad_field, "a header line is not 'Name: value'"},
      {BeastError::bad_value, "a control character in the value of a header"},
      {BeastError::bad_line_ending, "a line does not end in CR LF"},
      {BeastError::bad_chunk, "a chunk's size is no number"},
      {BeastError::bad_chunk_extension, "a chunk's size is no number"},
      {BeastError::bad_content_length, "Content-Length is not one number"},
      {BeastError::multiple_content_length, "Content-Length is not one number"},
      {BeastError::bad_transfer_encoding, "Transfer-Encoding other than chunked"}};
  for (const auto& [known, message] : kMessages) {
    if (error == known) return {.message = message};
  }
  return {.message = "not an HTTP request line"};
}

void RequestParser::on_request_impl(boost::beast::http::verb /*verb*/, Text method, Text target,
                                    int version, ErrorCode& error) {
  if (!std::ranges::all_of(target, [](char c) { return c > ' ' && c < '\x7F'; })) {
    return refuse(error, {.message = "not an HTTP request line"});
  }
  head_.method = view(method);
  head_.target = view(target);
  is_1_1_ = version == 11;
}

void RequestParser::on_field_impl(Field /*field*/, Text given_name, Text given_value,
                                  ErrorCode& error) {
  if (is_header_done()) return refuse(error, {.message = "fields behind the last chunk"});
  if (head_.headers.size() >= kMaxHeaders) {
    return refuse(error, {.status = 431, .message = "more than 100 headers"});
  }
  // Beast has seen one byte behind the line's end: where that is a blank it joins the lines.
  const char* end = given_name.data() + given_name.size();
  while (*end != '\r') ++end;
  if (end[2] == ' ' || end[2] == '\t') {
    return refuse(error, {.message = "a header of several lines"});
  }
  const std::string name = ascii_lower(view(given_name));
  const std::string value(view(given_value));
  if (name == "host") ++hosts_;
  if (name == "content-length") {
    const auto length = parse_number<std::uint64_t>(value);
    if (head_.content_length || !length) {
      return refuse(error, {.message = "Content-Length is not one number"});
    }
    head_.content_length = length;
  }
  if (name == "transfer-encoding") {
    if (head_.chunked || ascii_lower(value) != "chunked" || !is_1_1_) {
      return refuse(error, {.message = "Transfer-Encoding other than chunked"});
    }
    head_.chunked = true;
  }
  if (name == "connection" && names_token(value, "close")) head_.keep_alive = false;
  if (name == "expect") {
    if (ascii_lower(value) != "100-continue") {
      return refuse(error, {.message = "Expect other than 100-continue"});
    }
    head_.expects_continue = is_1_1_;
  }
  if (name == "last-event-id") request_.last_event_id = value;
  if (name == "if-none-match") request_.if_none_match = value;
  head_.headers.emplace_back(name, value);
}

void RequestParser::on_header_impl(ErrorCode& error) {
  if (hosts_ > 1 || (hosts_ == 0 && is_1_1_)) {
    refuse(error, {.message = "there must be one Host header"});
  }
  head_.keep_alive = head_.keep_alive && is_1_1_;
}

std::size_t RequestParser::on_body_impl(Text data, ErrorCode& error) {
  if (data.size() > kMaxBodyBytes - request_.body.size()) {
    refuse(error, body_too_large());
    return 0;
  }
  request_.body += view(data);
  return data.size();
}

void RequestParser::on_chunk_header_impl(std::uint64_t size, Text extensions, ErrorCode& error) {
  // Programs differ in where they end.
  if (!extensions.empty()) {
    refuse(error, {.message = "a chunk's size is no number"});
  } else if (size > kMaxBodyBytes - request_.body.size()) {
    refuse(error, body_too_large());
  }
}

}  // namespace mcast::http
