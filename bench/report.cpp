#include "bench/report.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdio>

namespace mcast::bench {
namespace {

using Line = std::array<std::string, 7>;

// Three digits that mean something, and no exponents.
std::string number(double value) {
  const double size = std::abs(value);
  const int decimals = value == std::round(value) ? 0
                       : size >= 100              ? 0
                       : size >= 10               ? 1
                       : size >= 1                ? 2
                                                  : 3;
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.*f", decimals, value);
  return text.data();
}

std::string spread(const std::vector<double>& values) {
  if (values.size() < 2) return "1 run";
  return number(std::ranges::min(values)) + " to " + number(std::ranges::max(values)) + ", " +
         std::to_string(values.size()) + " runs";
}

bool keeps_bound(const Figure& figure) {
  return !figure.at_most || median(figure.values) <= *figure.at_most;
}

std::string bound(const Figure& figure) {
  if (!figure.at_most) return "-";
  const std::string text = "<= " + number(*figure.at_most);
  if (keeps_bound(figure)) return text + "  ok";
  // What does less and misses it too says that the machine is slow or busy.
  return text + (!figure.against_values.empty() && median(figure.against_values) > *figure.at_most
                     ? "  MISSED, beside it too"
                     : "  MISSED");
}

Line describe(const Figure& figure) {
  Line line{figure.what,
            number(median(figure.values)) + " " + figure.unit,
            spread(figure.values),
            bound(figure),
            figure.against.empty() ? "-" : figure.against,
            "",
            ""};
  if (!figure.against_values.empty()) {
    line[5] = number(median(figure.against_values)) + " " + figure.unit;
    std::vector<double> ratios;
    for (std::size_t i = 0; i < std::min(figure.values.size(), figure.against_values.size()); ++i) {
      if (figure.against_values[i] > 0) {
        ratios.push_back(figure.values[i] / figure.against_values[i]);
      }
    }
    if (!ratios.empty()) line[6] = "x " + number(median(ratios));
  }
  return line;
}

}  // namespace

double quantile(std::vector<double> values, double share) {
  if (values.empty()) return 0;
  std::ranges::sort(values);
  const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(values.size())));
  return values[std::clamp<std::size_t>(rank, 1, values.size()) - 1];
}

void Report::print(std::ostream& out) const {
  std::vector<Line> lines{
      {"figure", "median", "range", "bound", "measured beside it", "median", "ratio"}};
  for (const Figure& figure : figures_) lines.push_back(describe(figure));
  std::array<std::size_t, std::tuple_size_v<Line>> widths{};
  for (const Line& line : lines) {
    for (std::size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], line[i].size());
  }
  for (const Line& line : lines) {
    std::string text;
    for (std::size_t i = 0; i < line.size(); ++i) {
      text += line[i] + std::string(widths[i] - line[i].size() + 2, ' ');
    }
    text.erase(text.find_last_not_of(' ') + 1);
    out << text << "\n";
  }
}

bool Report::all_bounds_kept() const {
  return std::ranges::all_of(figures_, keeps_bound);
}

}  // namespace mcast::bench
