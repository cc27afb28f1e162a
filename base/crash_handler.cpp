#include "base/crash_handler.h"

#include <csignal>

namespace mcast {
namespace {

constexpr std::array kCrashes{SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};

// `what` is set last and taken first, so that a restorer never sees half an entry.
struct Entry {
  std::atomic<CrashHandler::Restore> restore{nullptr};
  std::atomic<void*> what{nullptr};
};
std::array<Entry, CrashHandler::kMaxRestores> entries;

// A stack overflow leaves no room for a handler on the stack itself.
constexpr std::size_t kStackSize = std::size_t{64} * 1024;
alignas(16) std::array<std::byte, kStackSize> handler_stack;

extern "C" void on_crash(int signal) {
  for (std::size_t i = entries.size(); i > 0; --i) {
    Entry& entry = entries[i - 1];
    if (void* const what = entry.what.exchange(nullptr)) entry.restore.load()(what);
  }
  // SA_RESETHAND has put back the default action.
  (void)::raise(signal);
}

}  // namespace

CrashHandler::CrashHandler() {
  stack_t stack{};
  stack.ss_sp = handler_stack.data();
  stack.ss_size = handler_stack.size();
  // Where that fails, the handler runs on the stack of the thread that crashed.
  (void)::sigaltstack(&stack, nullptr);
  struct sigaction action{};
  action.sa_handler = on_crash;
  // SA_RESETHAND is the sign bit of an int.
  action.sa_flags = static_cast<int>(SA_RESETHAND) | SA_ONSTACK | SA_NODEFER;
  for (const int signal : kCrashes) (void)::sigaction(signal, &action, nullptr);
}

CrashHandler::~CrashHandler() {
  for (const int signal : kCrashes) (void)std::signal(signal, SIG_DFL);
  for (Entry& entry : entries) entry.what = nullptr;
}

void CrashHandler::add(Restore restore, void* what) {
  for (Entry& entry : entries) {
    if (entry.what.load() != nullptr) continue;
    entry.restore = restore;
    entry.what = what;
    return;
  }
}

void CrashHandler::remove(void* what) {
  for (Entry& entry : entries) {
    void* expected = what;
    (void)entry.what.compare_exchange_strong(expected, nullptr);
  }
}

}  // namespace mcast
