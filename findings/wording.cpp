#include "findings/wording.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "base/text.h"
#include "findings/subject_view.h"

namespace mcast::findings {

std::string name_of(const HostEvidence& host, int ifindex) {
  const netlink::Link* link = link_at(host, ifindex);
  return link != nullptr ? printable(link->name) : "interface " + std::to_string(ifindex);
}

std::string link_name(const HostEvidence& host, int ifindex) {
  const netlink::Link* link = link_at(host, ifindex);
  return link != nullptr ? link->name : "INTERFACE";
}

std::string interface_word(const std::string& name) {
  return shell_word(printable(name));
}

std::string address_on(const HostEvidence& host, const IpAddress& address, int ifindex) {
  return with_zone(address, name_of(host, ifindex));
}

std::string sysctl_command(Family family, const std::string& interface, const std::string& key,
                           int value) {
  // sysctl(8) takes the first separator that it sees for all.
  const std::string separator = interface.find('.') == std::string::npos ? "." : "/";
  return "sysctl -w net" + separator + std::string(to_string(family)) + separator + "conf" +
         separator + interface_word(interface) + separator + key + "=" + std::to_string(value);
}

std::string seconds_text(Nanoseconds duration) {
  std::array<char, 32> text{};
  const double seconds = to_seconds(duration);
  // Tenths where they say something.
  const bool whole = seconds >= 10 || seconds == static_cast<double>(static_cast<int>(seconds));
  const int length = std::snprintf(text.data(), text.size(), whole ? "%.0f s" : "%.1f s", seconds);
  return {text.data(), static_cast<std::size_t>(std::max(0, length))};
}

std::string count_text(std::uint64_t number, const char* noun) {
  return std::to_string(number) + " " + noun + (number == 1 ? "" : "s");
}

std::string rate_text(double value, const char* unit) {
  constexpr std::array kPrefixes{"", "k", "M", "G"};
  std::size_t prefix = 0;
  // As it will be rounded.
  for (; value >= 999.5 && prefix + 1 < kPrefixes.size(); ++prefix) value /= 1000;
  std::array<char, 64> text{};
  const int length =
      std::snprintf(text.data(), text.size(), "%.3g %s%s", value, kPrefixes.at(prefix), unit);
  return {text.data(), static_cast<std::size_t>(std::max(0, length))};
}

std::string list_text(const std::vector<std::string>& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? " and " : ", ";
    text += words[i];
  }
  return text;
}

std::string stream_text(const Subject& subject) {
  const auto& source = subject.wanted_source();
  return source ? "(" + source->to_string() + ", " + subject.group.to_string() + ")"
                : subject.group.to_string();
}

}  // namespace mcast::findings
