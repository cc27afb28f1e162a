// What a scrape said: the Prometheus text format as a list of samples.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/netns/namespace.h"

namespace mcast::test {

using LabelSet = std::map<std::string, std::string>;

class Metrics {
 public:
  // Throws Failure on a line that is not of the format as this project writes it (no
  // timestamps, single spaces), and on a sample that is there twice.
  explicit Metrics(std::string text);

  // The one sample with this name whose labels include all of these; nothing if
  // there is none. Throws Failure if several match.
  [[nodiscard]] std::optional<double> find(std::string_view name,
                                           const LabelSet& labels = {}) const;
  // The same, 0 if there is none.
  [[nodiscard]] double value(std::string_view name, const LabelSet& labels = {}) const {
    return find(name, labels).value_or(0);
  }
  [[nodiscard]] std::size_t count(std::string_view name, const LabelSet& labels = {}) const;
  // The sum of all that match; 0 if none does.
  [[nodiscard]] double sum(std::string_view name, const LabelSet& labels = {}) const;
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  struct Sample {
    std::string name;
    LabelSet labels;
    double value = 0;
  };
  std::string text_;
  std::vector<Sample> samples_;
};

}  // namespace mcast::test
