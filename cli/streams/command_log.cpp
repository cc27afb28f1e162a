#include "cli/streams/command_log.h"

#include <utility>

#include "base/text.h"

namespace mcast::cli {
namespace {

constexpr std::size_t kMaxMessages = 1'000;
constexpr std::size_t kMaxShown = 20;

}  // namespace

void CommandLog::write(LogLevel level, std::string_view message, Fields fields) {
  // What a command does, it says itself; only what goes wrong is for its person.
  if (level != LogLevel::kWarning && level != LogLevel::kError) return;
  std::string text(message);
  for (const LogField& field : fields) {
    if (field.key == "reason") text += ": " + printable(field.value, 400);
  }
  const std::scoped_lock lock(mutex_);
  // A thousand streams may have the same to say.
  if (seen_.size() >= kMaxMessages || !seen_.insert(text).second) return;
  new_.push_back(std::move(text));
}

void CommandLog::take_new() {
  const std::scoped_lock lock(mutex_);
  for (std::string& text : std::exchange(new_, {})) shown_.push_back(std::move(text));
}

void CommandLog::print() {
  take_new();
  for (const std::string& text : std::exchange(shown_, {})) {
    err_ << command_ << ": " << text << "\n" << std::flush;
  }
}

const std::vector<std::string>& CommandLog::shown() {
  take_new();
  if (shown_.size() > kMaxShown) {
    shown_.erase(shown_.begin(), shown_.end() - static_cast<std::ptrdiff_t>(kMaxShown));
  }
  return shown_;
}

}  // namespace mcast::cli
