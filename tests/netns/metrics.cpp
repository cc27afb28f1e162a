#include "tests/netns/metrics.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <set>
#include <utility>

#include "tests/netns/failure.h"

namespace mcast::test {
namespace {

// The letters, digits and underscores (in names of metrics also colons) that a name
// may have; takes it off the front of `text`.
std::string take_name(std::string_view& text, std::string_view line) {
  std::size_t length = 0;
  while (length < text.size()) {
    const char c = text[length];
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == ':';
    const bool digit = c >= '0' && c <= '9';
    if (!letter && !(digit && length > 0)) break;
    ++length;
  }
  if (length == 0) fail_with("no name in: " + std::string(line));
  const std::string name(text.substr(0, length));
  text.remove_prefix(length);
  return name;
}

bool take(std::string_view& text, std::string_view what) {
  if (!text.starts_with(what)) return false;
  text.remove_prefix(what.size());
  return true;
}

// Behind the opening quote, up to and with the closing one.
std::string take_label_value(std::string_view& text, std::string_view line) {
  std::string value;
  while (!take(text, "\"")) {
    if (take(text, "\\\\")) {
      value += '\\';
    } else if (take(text, "\\\"")) {
      value += '"';
    } else if (take(text, "\\n")) {
      value += '\n';
    } else if (text.empty() || text.front() == '\\') {
      fail_with("no label value in: " + std::string(line));
    } else {
      value += text.front();
      text.remove_prefix(1);
    }
  }
  return value;
}

// name="value" pairs, up to and with the closing brace; a comma may stand behind the
// last one.
LabelSet take_labels(std::string_view& text, std::string_view line) {
  LabelSet labels;
  while (!take(text, "}")) {
    std::string name = take_name(text, line);
    if (!take(text, "=\"")) fail_with("no label value in: " + std::string(line));
    if (!labels.emplace(std::move(name), take_label_value(text, line)).second) {
      fail_with("the same label twice in: " + std::string(line));
    }
    if (!take(text, ",") && !text.starts_with('}')) {
      fail_with("labels without end in: " + std::string(line));
    }
  }
  return labels;
}

}  // namespace

Metrics::Metrics(std::string text) : text_(std::move(text)) {
  std::set<std::pair<std::string, LabelSet>> known;
  std::string_view rest = text_;
  while (!rest.empty()) {
    const std::size_t end = rest.find('\n');
    if (end == std::string_view::npos) fail_with("a line without end: " + std::string(rest));
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end + 1);
    if (line.empty() || line.front() == '#') continue;
    std::string_view left = line;
    Sample sample{.name = take_name(left, line), .labels = {}, .value = 0};
    if (take(left, "{")) sample.labels = take_labels(left, line);
    const bool separated = take(left, " ");
    const std::string number(left);
    char* number_end = nullptr;
    sample.value = std::strtod(number.c_str(), &number_end);
    // strtod itself passes over spaces.
    if (!separated || number.empty() || number.front() == ' ' || *number_end != '\0') {
      fail_with("no value in: " + std::string(line));
    }
    if (!known.emplace(sample.name, sample.labels).second) {
      fail_with("the same sample twice: " + std::string(line));
    }
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

double Metrics::sum(std::string_view name, const LabelSet& labels) const {
  double sum = 0;
  for (const Sample& sample : samples_) {
    if (sample.name == name && std::ranges::includes(sample.labels, labels)) sum += sample.value;
  }
  return sum;
}

}  // namespace mcast::test
