// How values stand in JSON. Each type has one list of fields, which a writer (json_writer.h)
// and a reader (json_reader.h) both visit:
//
//   void fields(auto& io, Like<Gap> auto& gap) {
//     io("time", time_or_null(gap.realtime));
//     io("length_s", seconds(gap.length));
//     io("lost", gap.lost_packets);
//   }
//
// A plain number's range is that of its type. What the type does not say a form says: the
// functions below. `io.written()` is what no reader needs; `io.detail()` is written where details
// are wanted, and need not be there when it is read. Pure.
#pragma once

#include <concepts>
#include <cstdint>
#include <span>
#include <type_traits>

namespace mcast::api {

// A writer visits a const T, a reader one that it fills in.
template <typename T, typename Plain>
concept Like = std::same_as<std::remove_const_t<T>, Plain>;

// Whether histograms and gap logs are wanted, too.
enum class Detail : std::uint8_t { kSummary, kFull };

// A whole number, or an optional one, in a range.
template <typename T>
struct Within {
  T& value;
  std::int64_t low;
  std::int64_t high;
};
template <typename T>
[[nodiscard]] Within<T> within(T& value, std::int64_t low, std::int64_t high) {
  return {value, low, high};
}

// Nanoseconds as a number of seconds. `or_null`: what is negative, or absent from a
// std::optional, is null.
template <typename T>
struct Seconds {
  T& value;
  bool or_null;
};
template <typename T>
[[nodiscard]] Seconds<T> seconds(T& value) {
  return {value, false};
}
template <typename T>
[[nodiscard]] Seconds<T> seconds_or_null(T& value) {
  return {value, true};
}

// Nanoseconds since 1970 in RFC 3339. `or_null`: 0, what has not happened, is null.
template <typename T>
struct Time {
  T& value;
  bool or_null;
};
template <typename T>
[[nodiscard]] Time<T> time(T& value) {
  return {value, false};
}
template <typename T>
[[nodiscard]] Time<T> time_or_null(T& value) {
  return {value, true};
}

// A text that is null where it is empty.
template <typename T>
struct TextOrNull {
  T& value;
};
template <typename T>
[[nodiscard]] TextOrNull<T> text_or_null(T& value) {
  return {value};
}

// "0x0d783390"
template <typename T>
struct SenderId {
  T& value;
};
template <typename T>
[[nodiscard]] SenderId<T> sender_id(T& value) {
  return {value};
}

// The one of `all` whose to_string() is the text there.
template <typename T>
struct OneOf {
  T& value;
  std::span<const std::remove_const_t<T>> all;
};
template <typename T>
[[nodiscard]] OneOf<T> one_of(T& value, std::span<const std::remove_const_t<T>> all) {
  return {value, all};
}

// A list; the reader leaves out what `is_known` refuses: of a later version.
class JsonReader;
template <typename T>
struct Known {
  T& values;
  bool (*is_known)(const JsonReader& element);
};
template <typename T>
[[nodiscard]] Known<T> known(T& values, bool (*is_known)(const JsonReader& element)) {
  return {values, is_known};
}

// An object that is no type of its own: `list` gets the writer or reader of its fields.
template <typename List>
struct Object {
  List list;
};
template <typename List>
[[nodiscard]] Object<List> object(List list) {
  return {list};
}

}  // namespace mcast::api
