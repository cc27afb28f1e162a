// Errors as values. Every function that can fail for a reason outside this
// program returns Result<T>; nothing throws across a folder's border.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <system_error>

namespace mcast {

// What was tried, on what, and what the system said; written for the person who
// reads it in a log or on stderr.
struct Error {
  std::string message;
  // errno where the system gave one, else 0.
  int code = 0;
};

template <typename T>
using Result = std::expected<T, Error>;

// An error of our own checking.
[[nodiscard]] std::unexpected<Error> fail(std::string message);

// An error that the system reported: "<what>: <text of code>".
[[nodiscard]] std::unexpected<Error> fail_errno(std::string_view what, int code);

// The text of an errno value, without any global buffer (strerror is not
// thread-safe).
[[nodiscard]] std::string errno_text(int code);

// The symbolic name of an errno value as labels carry it ("ENETUNREACH"), or
// "errno_<number>" for one that has no name here.
[[nodiscard]] std::string errno_name(int code);

}  // namespace mcast
