// Writes JSON text without a tree in between: lists of thousands of streams are asked for
// once a second. Whoever calls sees to it that what is opened is closed. Pure.
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "base/clock.h"
#include "probe/stream_spec.h"

namespace mcast::api {

class JsonWriter {
 public:
  void begin_object() { open('{'); }
  void end_object() { close('}'); }
  void begin_array() { open('['); }
  void end_array() { close(']'); }
  // The next value is this member's. `name` needs no escapes.
  void key(std::string_view name);

  // What is no UTF-8, or a control character, is replaced (valid_utf8).
  void text(std::string_view value);
  void number(double value);
  void null();
  void boolean(bool value);
  template <std::integral T>
  void number(T value) {
    integer(static_cast<std::uint64_t>(value), std::signed_integral<T> && value < T{});
  }
  // As seconds.
  void seconds(Nanoseconds value) { number(to_seconds(value)); }
  // RFC 3339; null for 0: what has not happened.
  void time(Nanoseconds realtime);
  void address(const IpAddress& value);
  void labels(const Labels& value);

  // Leaves it empty.
  [[nodiscard]] std::string take() { return std::move(out_); }

 private:
  void open(char bracket);
  void close(char bracket);
  void begin_value();
  void integer(std::uint64_t bits, bool negative);
  void quoted(std::string_view value);

  std::string out_;
  bool first_ = true;  // nothing stands before the next member or element
  bool has_key_ = false;
};

}  // namespace mcast::api
