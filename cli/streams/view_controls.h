// What a person chooses with the keys of a live view: which part of its list is shown in which
// order, whether it stands still, and from when on it counts. Pure.
#pragma once

#include <cstdint>
#include <string>

#include "base/clock.h"
#include "cli/streams/sorted_table.h"
#include "cli/terminal/screen.h"

namespace mcast::cli {

struct ViewControls {
  ListControls list = {};
  bool is_paused = false;
  bool shows_help = false;
  Nanoseconds reset_realtime = 0;  // counters are counted since then; 0: from the start
};

// What is left to do after press().
enum class KeyAction : std::uint8_t { kNone, kQuit, kPause, kReset };

// Takes a key of Terminal::key() in. `list`: as the picture shows it.
[[nodiscard]] KeyAction press(ViewControls& controls, int key, const Screen::List& list);

// The keys, and what is not plain in the picture of `command`.
[[nodiscard]] Screen help_screen(const std::string& command, const ScreenSize& size);

}  // namespace mcast::cli
