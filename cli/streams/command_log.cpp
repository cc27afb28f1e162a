#include "cli/streams/command_log.h"

#include <utility>

#include "base/text.h"

namespace mcast::cli {
namespace {

constexpr std::size_t kMaxMessages = 1'000;

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
  messages_.push_back(std::move(text));
}

std::vector<std::string> CommandLog::take() {
  const std::scoped_lock lock(mutex_);
  return std::exchange(messages_, {});
}

}  // namespace mcast::cli
