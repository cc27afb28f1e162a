#include "http/message.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <boost/beast/http/status.hpp>
#include <ctime>
#include <limits>
#include <optional>

#include "base/number.h"
#include "base/text.h"

namespace mcast::http {
namespace {

using BeastError = beast::http::error;

// The line of a chunk's size; extensions are not taken.
constexpr std::size_t kMaxChunkLineBytes = 256;

std::unexpected<Fault> refusal(std::string message, int status = 400) {
  return std::unexpected(Fault{.status = status, .message = std::move(message)});
}

std::unexpected<Fault> head_too_large() {
  return refusal("request line and headers are above 16 KiB", 431);
}

std::unexpected<Fault> body_too_large() {
  return refusal("the body is above 1 MiB", 413);
}

std::unexpected<Fault> refusal_of(const beast::error_code& error, const Head& head) {
  if (error == BeastError::header_limit) return head_too_large();
  if (error == BeastError::body_limit) return body_too_large();
  if ((error == BeastError::bad_content_length && head.count("Transfer-Encoding") > 0) ||
      (error == BeastError::bad_transfer_encoding && head.count("Content-Length") > 0)) {
    return refusal("both Content-Length and Transfer-Encoding");
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
    if (error == known) return refusal(message);
  }
  return refusal("not an HTTP request line");
}

// Programs differ in where extensions end.
void refuse_extensions(std::uint64_t /*size*/, beast::string_view extensions,
                       beast::error_code& error) {
  if (!extensions.empty()) error = BeastError::bad_chunk_extension;
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
  if (view(head["Sec-Fetch-Site"]) == "cross-site") return true;
  const auto [first, last] = head.equal_range("Origin");
  return !std::all_of(first, last, [&](const auto& origin) {
    const std::string_view value = view(origin.value());
    const std::size_t scheme_end = value.find("://");
    // "null": a page that the browser itself trusts with nothing.
    return scheme_end != std::string_view::npos &&
           ascii_lower(value.substr(scheme_end + 3)) == ascii_lower(view(head["Host"]));
  });
}

// Less is not worth the time.
constexpr std::size_t kMinToCompress = 1024;

std::string reason(int status) {
  // The newer name of RFC 9110.
  if (status == 413) return "Content Too Large";
  return beast::http::obsolete_reason(static_cast<beast::http::status>(status));
}

// RFC 9110 section 5.6.7; not by strftime, whose names depend on the locale.
std::string date() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  if (::gmtime_r(&now, &utc) == nullptr) return "";
  constexpr std::string_view kDays = "SunMonTueWedThuFriSat";
  constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
  const auto name = [](std::string_view names, int number) {
    return std::string(names.substr(3 * static_cast<std::size_t>(number), 3));
  };
  const auto two = [](int number) {
    const std::string digits = std::to_string(number);
    return digits.size() < 2 ? "0" + digits : digits;
  };
  return name(kDays, utc.tm_wday) + ", " + two(utc.tm_mday) + " " + name(kMonths, utc.tm_mon) +
         " " + std::to_string(1900 + utc.tm_year) + " " + two(utc.tm_hour) + ":" + two(utc.tm_min) +
         ":" + two(utc.tm_sec) + " GMT";
}

void add_header(std::string& out, std::string_view name, std::string_view value) {
  out += name;
  out += ": ";
  // A line end in a value would begin a header of somebody else's making.
  for (const char c : value) out += static_cast<unsigned char>(c) < 0x20 || c == '\x7F' ? '?' : c;
  out += "\r\n";
}

// nullopt when memory is short.
std::optional<std::string> gzip(std::string_view text) {
  constexpr int kWithGzipHead = 15 + 16;
  constexpr int kMemoryLevel = 8;
  if (text.size() > std::numeric_limits<uInt>::max() / 2) return std::nullopt;
  z_stream stream{};
  // The fastest level: a tenth of the size of metrics at a third of the usual cost.
  if (deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, kWithGzipHead, kMemoryLevel,
                   Z_DEFAULT_STRATEGY) != Z_OK) {
    return std::nullopt;
  }
  std::string out(deflateBound(&stream, static_cast<uLong>(text.size())), '\0');
  // zlib does not write there.
  stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int end = deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  (void)deflateEnd(&stream);
  if (end != Z_STREAM_END) return std::nullopt;
  return out;
}

}  // namespace

bool names_token(std::string_view list, std::string_view token) {
  for (const auto& [name, parameters] : beast::http::ext_list({list.data(), list.size()})) {
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

RequestParser::RequestParser() {
  // Bounds of our own: Beast's know neither the blank lines before a head nor our order of
  // refusals.
  beast_.header_limit(static_cast<std::uint32_t>(kMaxHeadBytes + 1));
  beast_.body_limit(boost::none);
  beast_.on_chunk_header(refuse_extensions);
}

bool RequestParser::keep_alive() const {
  return beast_.get().version() == 11 && beast_.keep_alive();
}

std::uint64_t RequestParser::body_bytes() const {
  if (beast_.chunked()) return kMaxBodyBytes;
  return beast_.content_length().value_or(0);
}

std::ptrdiff_t RequestParser::fields() const {
  return std::distance(beast_.get().begin(), beast_.get().end());
}

std::expected<bool, Fault> RequestParser::take_head(std::string& input) {
  // Empty lines before a request are skipped (RFC 9112 section 2.2), but count.
  if (text_.empty()) {
    std::size_t blank = 0;
    while (input.compare(blank, 2, "\r\n") == 0) blank += 2;
    input.erase(0, blank);
    skipped_ += blank;
    if (skipped_ >= kMaxHeadBytes) return head_too_large();
    if (input.empty() || input == "\r") return false;
  }
  const std::size_t room = kMaxHeadBytes - skipped_ - text_.size();
  beast::error_code error;
  const std::size_t used = beast_.put({input.data(), std::min(input.size(), room)}, error);
  text_.append(input, 0, used);
  input.erase(0, used);
  if (fields() > kMaxHeaders) {
    // They take more memory than what was sent.
    beast_.get().clear();
    return refusal("more than 100 headers", 431);
  }
  if (error == BeastError::need_more) {
    if (input.size() >= room - used) return head_too_large();
    return false;
  }
  if (error) return refusal_of(error, head());
  return beast_.is_header_done() ? check_head() : false;
}

std::expected<bool, Fault> RequestParser::check_head() {
  const Head& head = beast_.get();
  const bool is_1_1 = head.version() == 11;
  if (!std::ranges::all_of(head.target(), [](char c) { return c > ' ' && c < '\x7F'; })) {
    return refusal("not an HTTP request line");
  }
  // Beast joins them.
  if (text_.contains("\r\n ") || text_.contains("\r\n\t")) {
    return refusal("a header of several lines");
  }
  if (head.count("Content-Length") > 1 ||
      (head.count("Content-Length") > 0 &&
       !parse_number<std::uint64_t>(view(head["Content-Length"])))) {
    return refusal("Content-Length is not one number");
  }
  if (head.count("Transfer-Encoding") > 0 &&
      (ascii_lower(view(head["Transfer-Encoding"])) != "chunked" || !is_1_1)) {
    return refusal("Transfer-Encoding other than chunked");
  }
  if (head.count("Expect") > 0 && ascii_lower(view(head["Expect"])) != "100-continue") {
    return refusal("Expect other than 100-continue");
  }
  if (head.count("Host") > 1 || (head.count("Host") == 0 && is_1_1)) {
    return refusal("there must be one Host header");
  }
  head_fields_ = fields();
  text_ = {};
  text_.shrink_to_fit();
  beast_.body_limit(kMaxBodyBytes);
  return true;
}

std::expected<bool, Fault> RequestParser::take_body(std::string& input) {
  if (!beast_.is_done() && !input.empty()) {
    beast_.eager(true);
    beast::error_code error;
    input.erase(0, beast_.put({input.data(), input.size()}, error));
    if (error && error != BeastError::need_more) return refusal_of(error, head());
    if (fields() > head_fields_) return refusal("fields behind the last chunk");
    if (!beast_.is_done() && input.size() > kMaxChunkLineBytes) {
      return refusal("a chunk's size is too long");
    }
  }
  return beast_.is_done();
}

std::expected<const Handler*, Fault> find_handler(const Routes& routes, RequestParser& parser,
                                                  Request& request, bool may_write,
                                                  std::string_view socket) {
  Routes::Found found = routes.find(request.path);
  if (found.methods == nullptr) return refusal("not found: " + request.path, 404);
  const std::string method(view(parser.head().method_string()));
  const bool reads = method == "GET" || method == "HEAD";
  request.method = reads ? "GET" : method;
  const auto entry = found.methods->find(request.method);
  if (entry == found.methods->end()) {
    std::string allowed;
    for (const auto& [one, unused] : *found.methods) {
      if (!allowed.empty()) allowed += ", ";
      allowed += one == "GET" ? "GET, HEAD" : one;
    }
    auto fault = refusal("method not allowed: " + method, 405);
    fault.error().headers.emplace("Allow", std::move(allowed));
    return fault;
  }
  if (reads && parser.body_bytes() > 0) return refusal("a " + method + " request has no body");
  if (!reads && is_cross_site(parser.head())) {
    return refusal("this request was made by a page of another host", 403);
  }
  if (entry->second.access == Access::kWrites && !may_write) {
    std::string text = "writing over TCP needs TLS and basic_auth_users in --web.config.file";
    if (!socket.empty()) text.append("; or use the Unix socket ").append(socket);
    return refusal(std::move(text), 403);
  }
  if (parser.body_bytes() > kMaxBodyBytes) return body_too_large();
  request.tail = std::move(found.tail);
  return &entry->second.handler;
}

bool write_answer(Response& response, AnswerForm form) {
  const bool streams = response.more != nullptr;
  const bool keep_alive = form.keep_alive && !streams;
  std::string out =
      "HTTP/1.1 " + std::to_string(response.status) + " " + reason(response.status) + "\r\n";
  add_header(out, "Date", date());
  const bool has_body = response.status != 204 && response.status != 304;
  if (response.compress && !streams) {
    add_header(out, "Vary", "Accept-Encoding");
    if (form.gzip && response.body.size() >= kMinToCompress) {
      if (auto packed = gzip(response.body)) {
        response.body = std::move(*packed);
        add_header(out, "Content-Encoding", "gzip");
      }
    }
  }
  if (has_body) {
    if (!response.content_type.empty()) add_header(out, "Content-Type", response.content_type);
    if (!streams) add_header(out, "Content-Length", std::to_string(response.body.size()));
  }
  form.headers.try_emplace("X-Content-Type-Options", "nosniff");
  // A handler's headers count before those of the settings.
  response.headers.merge(form.headers);
  for (const auto& [name, value] : response.headers) add_header(out, name, value);
  add_header(out, "Connection", keep_alive ? "keep-alive" : "close");
  out += "\r\n";
  if (has_body && !form.head_only) out += response.body;
  if (form.head_only) response.more = nullptr;
  response.body = std::move(out);
  return keep_alive;
}

}  // namespace mcast::http
