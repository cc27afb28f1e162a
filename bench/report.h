// What the benchmarks found, as one table: a figure, its runs, the bound it has
// to keep, and the same measured on something else in the same runs. Absolute
// times mean little on a busy machine; the ratio within a run means more.
#pragma once

#include <optional>
#include <ostream>
#include <string>
#include <vector>

namespace mcast::bench {

struct Figure {
  std::string what;
  std::string unit;
  std::vector<double> values;  // one a run
  std::optional<double> at_most = std::nullopt;
  // Something else, measured in the same runs; may be left out.
  std::string against = {};
  std::vector<double> against_values = {};
};

class Report {
 public:
  void add(Figure figure) { figures_.push_back(std::move(figure)); }
  // "median" and "ratio" are medians over the runs; a ratio is taken within each
  // run before that.
  void print(std::ostream& out) const;
  [[nodiscard]] bool all_bounds_kept() const;

 private:
  std::vector<Figure> figures_;
};

// `share` from 0 to 1: the smallest value that so many are not above. 0 of nothing.
[[nodiscard]] double quantile(std::vector<double> values, double share);
[[nodiscard]] inline double median(const std::vector<double>& values) {
  return quantile(values, 0.5);
}

}  // namespace mcast::bench
