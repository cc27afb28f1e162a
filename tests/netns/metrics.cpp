#include "tests/netns/metrics.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <utility>

#include "tests/netns/failure.h"

namespace mcast::test {
namespace {

// name="value" pairs up to the closing brace; `text` starts behind the opening one.
LabelSet take_labels(std::string_view& text) {
  LabelSet labels;
  while (!text.empty() && text.front() != '}') {
    const std::size_t equals = text.find("=\"");
    if (equals == std::string_view::npos) fail_with("no label in: " + std::string(text));
    const std::string name(text.substr(0, equals));
    text.remove_prefix(equals + 2);
    std::string value;
    while (!text.empty() && text.front() != '"') {
      if (text.front() == '\\' && text.size() > 1) {
        text.remove_prefix(1);
        value += text.front() == 'n' ? '\n' : text.front();
      } else {
        value += text.front();
      }
      text.remove_prefix(1);
    }
    if (text.empty()) fail_with("a label without end: " + name);
    text.remove_prefix(1);
    if (!text.empty() && text.front() == ',') text.remove_prefix(1);
    labels.emplace(name, std::move(value));
  }
  if (text.empty()) fail_with("labels without end");
  text.remove_prefix(1);
  return labels;
}

}  // namespace

Metrics::Metrics(std::string text) : text_(std::move(text)) {
  std::string_view rest = text_;
  while (!rest.empty()) {
    const std::size_t end = rest.find('\n');
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    if (line.empty() || line.front() == '#') continue;
    const std::size_t name_end = line.find_first_of("{ ");
    if (name_end == std::string_view::npos) fail_with("not a sample: " + std::string(line));
    Sample sample{.name = std::string(line.substr(0, name_end)), .labels = {}, .value = 0};
    const bool labelled = line[name_end] == '{';
    line.remove_prefix(name_end + (labelled ? 1 : 0));
    if (labelled) sample.labels = take_labels(line);
    const std::string number(line);
    char* number_end = nullptr;
    sample.value = std::strtod(number.c_str(), &number_end);
    if (number_end == number.c_str()) fail_with("no value: " + number);
    samples_.push_back(std::move(sample));
  }
}

std::optional<double> Metrics::find(std::string_view name, const LabelSet& labels) const {
  std::optional<double> found;
  for (const Sample& sample : samples_) {
    if (sample.name != name || !std::ranges::includes(sample.labels, labels)) continue;
    if (found) fail_with("several samples match: " + std::string(name));
    found = sample.value;
  }
  return found;
}

std::size_t Metrics::count(std::string_view name, const LabelSet& labels) const {
  return static_cast<std::size_t>(std::ranges::count_if(samples_, [&](const Sample& sample) {
    return sample.name == name && std::ranges::includes(sample.labels, labels);
  }));
}

HttpAnswer http_get(const Namespace& where, const std::string& path, std::uint16_t port,
                    const std::string& headers) {
  const FileDescriptor socket = where.socket(AF_INET, SOCK_STREAM);
  constexpr timeval kTimeout{.tv_sec = 2, .tv_usec = 0};
  (void)::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &kTimeout, sizeof kTimeout);
  (void)::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &kTimeout, sizeof kTimeout);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    fail_with_errno("connect to port " + std::to_string(port), errno);
  }
  const std::string request =
      "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + headers + "\r\n";
  if (::send(socket.get(), request.data(), request.size(), MSG_NOSIGNAL) !=
      static_cast<ssize_t>(request.size())) {
    fail_with_errno("send", errno);
  }
  std::string text;
  std::array<char, 65'536> buffer{};
  for (;;) {
    const ssize_t length = ::recv(socket.get(), buffer.data(), buffer.size(), 0);
    if (length < 0) fail_with_errno("recv", errno);
    if (length == 0) break;
    text.append(buffer.data(), static_cast<std::size_t>(length));
  }
  const std::size_t head_end = text.find("\r\n\r\n");
  if (!text.starts_with("HTTP/1.1 ") || head_end == std::string::npos) {
    fail_with("not an HTTP answer: " + text.substr(0, 200));
  }
  return {.status = std::atoi(text.c_str() + 9),
          .head = text.substr(0, head_end),
          .body = text.substr(head_end + 4)};
}

}  // namespace mcast::test
