#include "cli/streams/notices.h"

#include <utility>

namespace mcast::cli {
namespace {

constexpr std::size_t kKept = 20;

}  // namespace

void Notices::print_warnings() {
  // What the view has shown is gone with it, so it is printed once more.
  for (const std::string& text : std::exchange(kept_, {})) {
    err_ << command_ << ": " << text << "\n" << std::flush;
  }
  for (const std::string& text : log_.take())
    err_ << command_ << ": " << text << "\n" << std::flush;
}

const std::vector<std::string>& Notices::warnings() {
  for (std::string& text : log_.take()) kept_.push_back(std::move(text));
  if (kept_.size() > kKept) {
    kept_.erase(kept_.begin(), kept_.end() - static_cast<std::ptrdiff_t>(kKept));
  }
  return kept_;
}

}  // namespace mcast::cli
