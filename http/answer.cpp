#include "http/answer.h"

#include <zlib.h>

#include <boost/beast/http/status.hpp>
#include <ctime>
#include <limits>
#include <utility>

namespace mcast::http {
namespace {

// Less is not worth the time.
constexpr std::size_t kLeastToCompress = 1024;

std::string reason(int status) {
  // The newer name of RFC 9110.
  if (status == 413) return "Content Too Large";
  return boost::beast::http::obsolete_reason(static_cast<boost::beast::http::status>(status));
}

// RFC 9110 section 5.6.7; not by strftime, whose names depend on the locale.
std::string date() {
  constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  if (::gmtime_r(&now, &utc) == nullptr) return "";
  const auto two = [](int number) { return (number < 10 ? "0" : "") + std::to_string(number); };
  return std::string(kDays[utc.tm_wday]) + ", " + two(utc.tm_mday) + " " + kMonths[utc.tm_mon] +
         " " + std::to_string(utc.tm_year + 1900) + " " + two(utc.tm_hour) + ":" + two(utc.tm_min) +
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

Answer write_answer(Response response, const AnswerForm& form) {
  Answer answer{.keep_alive = form.keep_alive};
  const bool streams = response.more != nullptr;
  if (streams) answer.keep_alive = false;
  std::string& out = answer.bytes;
  out = "HTTP/1.1 " + std::to_string(response.status) + " " + reason(response.status);
  out += "\r\n";
  add_header(out, "Date", date());
  const bool has_body = response.status != 204 && response.status != 304;
  if (response.compress && !streams) {
    add_header(out, "Vary", "Accept-Encoding");
    if (form.gzip && response.body.size() >= kLeastToCompress) {
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
  for (const auto& [name, value] : response.headers) add_header(out, name, value);
  if (!form.headers.contains("X-Content-Type-Options") &&
      !response.headers.contains("X-Content-Type-Options")) {
    add_header(out, "X-Content-Type-Options", "nosniff");
  }
  for (const auto& [name, value] : form.headers) {
    if (!response.headers.contains(name)) add_header(out, name, value);
  }
  add_header(out, "Connection", answer.keep_alive ? "keep-alive" : "close");
  out += "\r\n";
  if (has_body && !form.head_only) out += response.body;
  if (!form.head_only) {
    answer.more = std::move(response.more);
    answer.subscribe = std::move(response.subscribe);
  }
  return answer;
}

}  // namespace mcast::http
