#include "cli/crash_handler.h"

#include <array>
#include <atomic>
#include <csignal>
#include <cstddef>

namespace mcast::cli {
namespace {

constexpr std::array kCrashes{SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};

std::atomic<netlink::ForcedIgmpVersions*> watched_versions{nullptr};
std::atomic<const Terminal*> watched_terminal{nullptr};
// A stack overflow leaves no room for a handler on the stack itself.
constexpr std::size_t kStackSize = 64 * 1024;
alignas(16) std::array<std::byte, kStackSize> handler_stack;

// Async-signal-safe calls only.
extern "C" void on_crash(int signal) {
  if (const auto* terminal = watched_terminal.exchange(nullptr)) terminal->restore_after_crash();
  if (auto* versions = watched_versions.exchange(nullptr)) versions->restore_now();
  // SA_RESETHAND has put back the default action.
  (void)::raise(signal);
}

}  // namespace

CrashHandler::CrashHandler(netlink::ForcedIgmpVersions& igmp_versions) {
  watched_versions = &igmp_versions;
  stack_t stack{};
  stack.ss_sp = handler_stack.data();
  stack.ss_size = handler_stack.size();
  (void)::sigaltstack(&stack, nullptr);
  struct sigaction action{};
  action.sa_handler = on_crash;
  action.sa_flags = static_cast<int>(SA_RESETHAND | SA_ONSTACK | SA_NODEFER);
  for (const int signal : kCrashes) (void)::sigaction(signal, &action, nullptr);
}

CrashHandler::~CrashHandler() {
  for (const int signal : kCrashes) (void)std::signal(signal, SIG_DFL);
  watched_versions = nullptr;
  watched_terminal = nullptr;
}

void CrashHandler::watch(const Terminal* terminal) {
  watched_terminal = terminal;
}

}  // namespace mcast::cli
