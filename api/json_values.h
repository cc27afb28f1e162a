// How values look in JSON, the same in the agent and in every command. Pure.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "probe/stream_spec.h"

namespace mcast::api {

// "0x0d783390", as the original writes it.
[[nodiscard]] std::string sender_id_text(std::uint32_t id);

// RFC 3339 in UTC with microseconds: "2026-11-24T22:38:45.123456Z".
[[nodiscard]] std::string time_text(Nanoseconds realtime);

// The way back; exactly this form, years 1970 to 2200.
[[nodiscard]] std::optional<Nanoseconds> parse_time(std::string_view text);

// null for 0: what has not happened.
[[nodiscard]] nlohmann::ordered_json time_or_null(Nanoseconds realtime);

// {"name": "value"}
[[nodiscard]] nlohmann::ordered_json labels_json(const Labels& labels);

// `text`, with what is no UTF-8 or a control character replaced: JSON could not
// carry the one, a terminal should not get the other.
[[nodiscard]] std::string valid_utf8(std::string_view text);

// Ended by a newline; on one line, or indented.
[[nodiscard]] std::string to_text(const nlohmann::ordered_json& json, bool one_line);

}  // namespace mcast::api
