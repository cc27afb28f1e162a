// How this fixture reports that it could not do what it was asked: it throws,
// because a topology that is not there ends the test, and GoogleTest turns what()
// into the failure's text. Nothing outside tests/netns sees these exceptions.
#pragma once

#include <stdexcept>
#include <string>

#include "base/result.h"

namespace mcast::test {

class Failure : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

[[noreturn]] inline void fail_with(const std::string& message) {
  throw Failure(message);
}

// "<what>: <text of errno>"
[[noreturn]] inline void fail_with_errno(const std::string& what, int code) {
  throw Failure(what + ": " + errno_text(code));
}

}  // namespace mcast::test
