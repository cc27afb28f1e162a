// A picture made of styled text: what the views draw and the terminal shows. Plain
// values, so that views are pure functions and their tests need no terminal.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace mcast::cli {

// What the text means; whether and how that is coloured is the terminal's choice.
enum class Style : std::uint8_t {
  kPlain,
  kHeading,  // titles and column heads
  kFaint,    // labels and what matters less
  kGood,     // receiving, preserved
  kWarning,  // waiting, remarked, restarted
  kBad,      // stalled, failed, lost
};

struct Span {
  std::string text;  // UTF-8 without control characters
  Style style = Style::kPlain;

  friend bool operator==(const Span&, const Span&) = default;
};

using Line = std::vector<Span>;

// A picture fits into `columns` and `rows`; all that matters does from 80x24 on.
// Without `unicode` (the locale cannot show it) there is only ASCII.
struct ScreenSize {
  int columns = 80;
  int rows = 24;
  bool unicode = true;
};

struct Screen {
  std::vector<Line> lines;
  // The list in it that can be scrolled and sorted, as far as there is one.
  struct List {
    std::size_t first = 0;                  // the row at its top
    std::size_t shown = 0;                  // rows
    std::size_t rows = 0;                   // that it has
    std::vector<std::string> columns = {};  // that are shown

    friend bool operator==(const List&, const List&) = default;
  };
  List list = {};

  friend bool operator==(const Screen&, const Screen&) = default;
};

// Only the text, lines ended by '\n', without white space at their ends.
[[nodiscard]] std::string plain_text(const Screen& screen);
// The text with the ANSI sequences (ECMA-48 SGR) of its styles: for what is printed once on a
// terminal that shows colour.
[[nodiscard]] std::string ansi_text(const Screen& screen);

}  // namespace mcast::cli
