// Puts back what must not stay changed when a program crashes (the terminal, a
// sysctl). A signal of a crash reaches no object but through a global, so there is
// one, in crash_handler.cpp, and at most one CrashHandler at a time.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>

namespace mcast {

class CrashHandler {
 public:
  // Must be async-signal-safe.
  using Restore = void (*)(void* what) noexcept;

  // From now on SIGSEGV, SIGBUS, SIGILL, SIGFPE and SIGABRT call the restorers, the
  // newest first, and then do what they do by default. Before any thread.
  CrashHandler();
  CrashHandler(const CrashHandler&) = delete;
  CrashHandler& operator=(const CrashHandler&) = delete;
  ~CrashHandler();

  // `restore(what)` is called in a crash, once, until remove(what). There is room
  // for kMaxRestores; more are not taken. Any thread.
  static void add(Restore restore, void* what);
  static void remove(void* what);

  static constexpr std::size_t kMaxRestores = 4;
};

}  // namespace mcast
