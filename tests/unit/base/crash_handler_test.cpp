#include "base/crash_handler.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <string>

namespace mcast {
namespace {

// Runs `crash` in a child that writes a letter for each restorer; what it wrote and
// the signal that ended it.
std::pair<std::string, int> crash_in_a_child(void (*crash)()) {
  int ends[2];
  if (::pipe(ends) != 0) return {"no pipe", 0};
  const pid_t child = ::fork();
  if (child == 0) {
    static int out;
    out = ends[1];
    static char first = 'a';
    static char second = 'b';
    static char removed = 'c';
    const auto write_letter = [](void* what) noexcept { (void)!::write(out, what, 1); };
    const CrashHandler handler;
    CrashHandler::add(write_letter, &first);
    CrashHandler::add(write_letter, &second);
    CrashHandler::add(write_letter, &removed);
    CrashHandler::remove(&removed);
    crash();
    ::_exit(0);
  }
  ::close(ends[1]);
  std::string written;
  char letter = 0;
  while (::read(ends[0], &letter, 1) == 1) written += letter;
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  return {written, WIFSIGNALED(status) ? WTERMSIG(status) : 0};
}

TEST(CrashHandler, RestoresTheNewestFirstAndEndsByTheSignal) {
  EXPECT_EQ(crash_in_a_child([] { ::raise(SIGBUS); }), (std::pair<std::string, int>("ba", SIGBUS)));
  EXPECT_EQ(crash_in_a_child([] { ::abort(); }), (std::pair<std::string, int>("ba", SIGABRT)));
}

TEST(CrashHandler, RestoresNothingWhereNothingCrashes) {
  EXPECT_EQ(crash_in_a_child([] {}), (std::pair<std::string, int>("", 0)));
}

}  // namespace
}  // namespace mcast
