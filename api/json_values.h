// How values look in JSON, the same in the agent and in every command. Pure.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "probe/snapshot.h"

namespace mcast::api {

using mcast::sender_id_text;

// Whether histograms and gap logs are wanted, too.
enum class Detail : std::uint8_t { kSummary, kFull };

// RFC 3339 in UTC with microseconds: "2026-11-24T22:38:45.123456Z".
[[nodiscard]] std::string time_text(Nanoseconds realtime);

// The way back; exactly this form, years 1970 to 2200.
[[nodiscard]] std::optional<Nanoseconds> parse_time(std::string_view text);

// Nothing where 64 bits of nanoseconds do not hold it.
[[nodiscard]] std::optional<Nanoseconds> nanoseconds_of(double seconds);

// What sender_id_text() writes.
[[nodiscard]] std::optional<std::uint32_t> parse_sender_id(std::string_view text);

// `text`, with '?' for what is not UTF-8, which JSON cannot carry, and for control
// characters, which a terminal should not get.
[[nodiscard]] std::string valid_utf8(std::string_view text);

// Ended by a newline; on one line, or indented.
[[nodiscard]] std::string to_text(const nlohmann::ordered_json& json, bool one_line);

}  // namespace mcast::api
