#include "http/answer.h"

#include <zlib.h>

#include <array>
#include <boost/beast/http/status.hpp>
#include <ctime>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>

namespace mcast::http {
namespace {

// Less is not worth the time.
constexpr std::size_t kMinToCompress = 1024;

std::string reason(int status) {
  // The newer name of RFC 9110.
  if (status == 413) return "Content Too Large";
  return boost::beast::http::obsolete_reason(static_cast<boost::beast::http::status>(status));
}

// RFC 9110 section 5.6.7; not by strftime, whose names depend on the locale.
std::string date() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  std::array<char, 26> buffer{};  // "Sun Sep  6 01:03:52 1973\n"
  if (::gmtime_r(&now, &utc) == nullptr || ::asctime_r(&utc, buffer.data()) == nullptr) return "";
  std::string text(buffer.data());
  if (text[8] == ' ') text[8] = '0';
  return text.substr(0, 3) + ", " + text.substr(8, 3) + text.substr(4, 4) + text.substr(20, 4) +
         text.substr(10, 9) + " GMT";
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

Answer write_answer(Response response, AnswerForm form) {
  const bool streams = response.more != nullptr;
  Answer answer{.keep_alive = form.keep_alive && !streams};
  std::string& out = answer.bytes;
  out = "HTTP/1.1 " + std::to_string(response.status) + " " + reason(response.status) + "\r\n";
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
  add_header(out, "Connection", answer.keep_alive ? "keep-alive" : "close");
  out += "\r\n";
  if (form.head_only) return answer;
  if (has_body) out += response.body;
  answer.more = std::move(response.more);
  answer.subscribe = std::move(response.subscribe);
  return answer;
}

}  // namespace mcast::http
