#include "cli/arguments/argument_values.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <utility>

#include "base/number.h"
#include "base/text.h"
#include "cli/terminal/number_text.h"

namespace mcast::cli {
namespace {

std::unexpected<Error> refuse(std::string_view name, std::string_view text,
                              std::string_view allowed) {
  return fail(std::string(name) + ": '" + printable(text) + "' is not " + std::string(allowed));
}

std::optional<double> decimal(std::string_view text) {
  return text.starts_with('-') ? std::nullopt : parse_decimal(text);
}

std::string in_seconds(Nanoseconds duration) {
  return plain_number(to_seconds(duration));
}

// A number of `unit` seconds each.
Result<Nanoseconds> within(std::optional<double> number, double unit, Nanoseconds low,
                           Nanoseconds high, const std::unexpected<Error>& refusal) {
  const double given = number ? *number * unit : -1;
  if (given < to_seconds(low) || given > to_seconds(high)) return refusal;
  return std::llround(given * static_cast<double>(kSecond));
}

Result<IpAddress> v4_address(std::string_view name, std::string_view text,
                             bool (IpAddress::*fits)() const, std::string_view allowed) {
  const auto address = IpAddress::parse(text);
  if (address && !address->is_v4()) return fail(std::string(name) + ": IPv6 is not supported yet");
  if (address && ((*address).*fits)()) return *address;
  return refuse(name, text, allowed);
}

}  // namespace

Result<std::uint64_t> whole_number(std::string_view name, std::string_view text, std::uint64_t low,
                                   std::uint64_t high) {
  const auto value = parse_number<std::uint64_t>(text);
  if (value && *value >= low && *value <= high) return *value;
  return refuse(name, text,
                "a whole number from " + std::to_string(low) + " to " + std::to_string(high));
}

Result<Nanoseconds> seconds(std::string_view name, std::string_view text, Nanoseconds low,
                            Nanoseconds high) {
  return within(decimal(text), 1, low, high,
                refuse(name, text,
                       "a number of seconds from " + in_seconds(low) + " to " + in_seconds(high) +
                           ", for example 1.5"));
}

Result<Nanoseconds> duration(std::string_view name, std::string_view text, Nanoseconds low,
                             Nanoseconds high) {
  using Unit = std::pair<std::string_view, double>;
  constexpr std::array kUnits{Unit{"", 1}, Unit{"s", 1}, Unit{"ms", 1e-3}, Unit{"m", 60}};
  const std::size_t length = std::min(text.find_first_not_of("0123456789."), text.size());
  const auto* const unit = std::ranges::find(kUnits, text.substr(length), &Unit::first);
  const bool is_known = unit != kUnits.end();
  return within(is_known ? decimal(text.substr(0, length)) : std::nullopt,
                is_known ? unit->second : 1, low, high,
                refuse(name, text,
                       "a time from " + in_seconds(low) + "s to " + in_seconds(high) +
                           "s, for example 3s or 500ms"));
}

Result<double> percent(std::string_view name, std::string_view text) {
  const auto value = decimal(text.substr(0, text.size() - (text.ends_with('%') ? 1 : 0)));
  if (value && *value <= 100) return *value;
  return refuse(name, text,
                "a percentage from 0 to 100, for example " + std::string(name) + "=0.5");
}

Result<IpAddress> group(std::string_view name, std::string_view text) {
  return v4_address(name, text, &IpAddress::is_multicast,
                    "a multicast group: 224.0.0.0 to 239.255.255.255, for example 239.1.1.1");
}

Result<IpAddress> host_address(std::string_view name, std::string_view text) {
  return v4_address(name, text, &IpAddress::is_unicast,
                    "the unicast IPv4 address of a host, for example 10.1.1.1");
}

Result<std::string> interface_name(std::string_view name, std::string_view text) {
  if (is_valid_interface_name(text)) return std::string(text);
  return refuse(name, text,
                "an interface name: 1 to 15 bytes without '/', ':' and white space, for example "
                "eth1");
}

Result<std::string> stream_name(std::string_view name, std::string_view text) {
  if (is_stream_name(text)) return std::string(text);
  return refuse(name, text,
                "a stream's name: 1 to 200 bytes, printable, without '/' and without white space "
                "around it");
}

Result<std::string> agent_socket(std::string_view name, std::string_view text) {
  // What a Unix socket's address has room for.
  constexpr std::size_t kLongest = 107;
  if (!text.empty() && text.size() <= kLongest && !has_control_characters(text)) {
    return std::string(text);
  }
  return fail(std::string(name) + ": the path of a socket has 1 to 107 bytes, not '" +
              printable(text) + "'");
}

Result<std::uint64_t> run_time(std::string_view name, std::string_view text) {
  return whole_number(name, text, 0, stream_key("duration").high / kSecond);
}

}  // namespace mcast::cli
