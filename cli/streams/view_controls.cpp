#include "cli/streams/view_controls.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/terminal/layout.h"
#include "cli/terminal/terminal.h"

namespace mcast::cli {
namespace {

// The column after the one that it is sorted by; "" after the last.
std::string next_column(const std::string& sort, const std::vector<std::string>& columns) {
  if (sort.empty()) return columns.empty() ? "" : columns.front();
  const auto now = std::ranges::find(columns, sort);
  return now == columns.end() || now + 1 == columns.end() ? "" : *(now + 1);
}

struct HelpLine {
  std::string_view name;
  std::string_view text;
};
using HelpLines = std::vector<HelpLine>;

const HelpLines& keys() {
  static const HelpLines kKeys{
      {"q, Ctrl-C", "quit; the summary and the exit code follow"},
      {"Up, Down, k, j", "scroll the list by a row"},
      {"PageUp, PageDown", "scroll it by a page"},
      {"Home, End", "to its first, to its last row"},
      {"s", "sort by the next column; after the last one in the usual order"},
      {"r", "reverse the order"},
      {"p, Space", "pause: the picture stands still, measuring goes on"},
      {"z", "count from zero in this view; summary, JSON and exit code count everything"},
      {"?", "this help; any key closes it"}};
  return kKeys;
}

const HelpLines& legend(bool receives) {
  static const HelpLines kReceive{
      {"Lost", "packets whose number is missing, and those that are overdue by the sender's pace"},
      {"Loss 10 s", "how much of what was due in the last 10 s is lost; - where nothing was due"},
      {"Longest gap", "the longest time without packets between two that were received, or so far"},
      {"Stalls", "times without any packet for the stall timeout"},
      {"Join delay", "from the join to the first packet"},
      {"Jitter", "RFC 3550; of several groups or senders the highest, and whose it is"},
      {"Loss chart", "a bar grows at 0.1, 0.5, 1, 5, 10, 25 and 50 %, so that one packet shows"}};
  static const HelpLines kSend{
      {"Skipped", "packets that were due in a pause of this host, and were not sent later"},
      {"Send delay", "99 % of the packets left no later than this after their time"},
      {"Error chart", "a bar grows at 0.1, 0.5, 1, 5, 10, 25 and 50 %, so that one packet shows"}};
  return receives ? kReceive : kSend;
}

}  // namespace

KeyAction press(ViewControls& controls, int key, const Screen::List& list) {
  if (key == 'q' || key == 'Q') return KeyAction::kQuit;
  if (std::exchange(controls.shows_help, false)) return KeyAction::kNone;
  const std::size_t last = list.rows - std::min(list.shown, list.rows);
  const std::size_t page = std::max<std::size_t>(list.shown, 1);
  const auto scroll_to = [&](std::size_t row) { controls.list.first = std::min(row, last); };
  switch (key) {
    case '?':
      controls.shows_help = true;
      break;
    case 'k':
    case kKeyUp:
      scroll_to(list.first - std::min<std::size_t>(list.first, 1));
      break;
    case 'j':
    case kKeyDown:
      scroll_to(list.first + 1);
      break;
    case kKeyPageUp:
      scroll_to(list.first - std::min(list.first, page));
      break;
    case kKeyPageDown:
      scroll_to(list.first + page);
      break;
    case kKeyHome:
      scroll_to(0);
      break;
    case kKeyEnd:
      scroll_to(last);
      break;
    case 's':
      controls.list = {.first = 0,
                       .sort = next_column(controls.list.sort, list.columns),
                       .is_reversed = controls.list.is_reversed};
      break;
    case 'r':
      controls.list.is_reversed = !controls.list.is_reversed;
      break;
    case 'p':
    case ' ':
      controls.is_paused = !controls.is_paused;
      return KeyAction::kPause;
    case 'z':
      return KeyAction::kReset;
    default:
      break;
  }
  return KeyAction::kNone;
}

Screen help_screen(const std::string& command, const ScreenSize& size) {
  constexpr int kNameWidth = 18;
  const auto block = [&](const HelpLines& entries) {
    std::vector<Line> lines;
    for (const auto& [name, text] : entries) {
      std::string label(name);
      for (auto& part : wrapped(text, size.columns - kNameWidth, size.unicode)) {
        lines.push_back({{padded(std::exchange(label, ""), kNameWidth, Align::kLeft, size.unicode)},
                         {std::move(part)}});
      }
    }
    return block_of(std::move(lines), true);
  };
  const Line title{{command + ": keys", Style::kHeading}};
  return stacked(
      {block_of({title}, false), block(keys()), block(legend(command == "mcast-receive"))}, size);
}

}  // namespace mcast::cli
