#include "cli/status/status_table.h"

#include <algorithm>
#include <array>
#include <ctime>
#include <iterator>
#include <utility>
#include <vector>

#include "base/text.h"

namespace mcast::cli {
namespace {

constexpr std::size_t kMaxListed = 4;
constexpr std::size_t kMaxNameBytes = 200;

enum Column : std::size_t {
  kInterface,
  kIgmp,
  kForced,
  kGroup,
  kUsers,
  kClass,
  kSources,
  kStreams,
  kColumns
};
using Row = std::array<Span, kColumns>;

std::string name_text(const std::string& name) {
  return mcast::printable(name, kMaxNameBytes);
}

// "a, b, c, d, 3 more"
template <typename T, typename ToText>
std::string list_text(const std::vector<T>& items, ToText to_text) {
  std::string text;
  const std::size_t listed = std::min(items.size(), kMaxListed);
  for (std::size_t i = 0; i < listed; ++i) text += (i == 0 ? "" : ", ") + to_text(items[i]);
  if (items.size() > listed) text += ", " + std::to_string(items.size() - listed) + " more";
  return text;
}

std::string addresses_text(const std::vector<IpAddress>& addresses) {
  return list_text(addresses, [](const IpAddress& address) { return address.to_string(); });
}

std::string sources_text(const HeldMembership& membership) {
  if (membership.mode == FilterMode::kInclude) return addresses_text(membership.sources);
  std::string text = "any";
  if (!membership.sources.empty()) text += " but " + addresses_text(membership.sources);
  if (!membership.joined_sources.empty()) {
    text += ", also " + addresses_text(membership.joined_sources);
  }
  return text;
}

std::string holders_text(const std::vector<Holder>& holders) {
  return list_text(holders, [](const Holder& holder) {
    return name_text(holder.program) + "[" + std::to_string(holder.pid) + "] " +
           name_text(holder.stream);
  });
}

Row row_of(const InterfaceMemberships& interface, bool is_v4) {
  const bool has_igmp = is_v4 && interface.igmp_version > 0;
  const bool forced = is_v4 && interface.forced_version > 0;
  Row row;
  row[kInterface] = {.text = name_text(interface.name)};
  row[kIgmp] = {.text = has_igmp ? std::to_string(interface.igmp_version) : "-"};
  row[kForced] = {.text = forced ? std::to_string(interface.forced_version) : "-",
                  .style = forced ? Style::kWarning : Style::kPlain};
  return row;
}

Row row_of(const InterfaceMemberships& interface, const HeldMembership& membership) {
  Row row = row_of(interface, membership.group.is_v4());
  row[kGroup] = {.text = membership.group.to_string()};
  row[kUsers] = {.text = std::to_string(membership.users)};
  row[kClass] = {.text = std::string(multicast_class(membership.group))};
  row[kSources] = {.text = sources_text(membership)};
  row[kStreams] = {.text = holders_text(membership.holders), .style = Style::kGood};
  return row;
}

// Characters, each a column wide.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

void pad(Span& span, std::size_t width, bool right) {
  const std::size_t used = width_of(span.text);
  if (used < width) span.text.insert(right ? 0 : span.text.size(), width - used, ' ');
}

std::vector<Row> rows_of(const MembershipReport& report) {
  std::vector<Row> rows(1);
  constexpr std::array<const char*, kColumns> kTitles{"INTERFACE", "IGMP",  "FORCED",  "GROUP",
                                                      "USERS",     "CLASS", "SOURCES", "STREAMS"};
  for (std::size_t i = 0; i < kColumns; ++i) rows[0][i] = {kTitles[i], Style::kHeading};
  for (const InterfaceMemberships& interface : report.interfaces) {
    if (interface.memberships.empty()) {
      rows.push_back(row_of(interface, true));
      rows.back()[kGroup] = {.text = "none", .style = Style::kFaint};
    }
    for (const HeldMembership& membership : interface.memberships) {
      rows.push_back(row_of(interface, membership));
    }
  }
  return rows;
}

}  // namespace

Screen status_table(const MembershipReport& report) {
  std::vector<Row> rows = rows_of(report);
  for (std::size_t column = 0; column + 1 < kColumns; ++column) {
    std::size_t width = 0;
    for (const Row& row : rows) width = std::max(width, width_of(row[column].text));
    for (Row& row : rows) pad(row[column], width, column == kUsers);
  }
  Screen screen;
  for (Row& row : rows) {
    Line line;
    for (Span& span : row) {
      if (!line.empty()) line.push_back({.text = "  "});
      line.push_back(std::move(span));
    }
    screen.lines.push_back(std::move(line));
  }
  return screen;
}

Line change_line(const MembershipChange& change, const std::string& local_time) {
  const HeldMembership& membership = change.membership;
  const bool left = change.kind == ChangeKind::kLeave;
  Span kind{.text = std::string(to_string(change.kind)),
            .style = left                               ? Style::kWarning
                     : change.kind == ChangeKind::kJoin ? Style::kGood
                                                        : Style::kPlain};
  Span interface{.text = name_text(change.interface)};
  Span group{.text = membership.group.to_string()};
  pad(kind, 6, false);
  pad(interface, 10, false);
  pad(group, 15, false);
  std::string rest = left ? "" : "users " + std::to_string(membership.users) + "  ";
  rest += sources_text(membership);
  Line line{{.text = local_time + " "}, std::move(kind), {.text = " "},
            std::move(interface),       {.text = " "},   std::move(group),
            {.text = " " + rest}};
  if (!membership.holders.empty()) {
    line.push_back({.text = "  "});
    line.push_back({.text = holders_text(membership.holders), .style = Style::kGood});
  }
  return line;
}

std::string local_time_of_day(Nanoseconds realtime) {
  const std::time_t seconds = realtime / kSecond;
  std::tm local{};
  ::localtime_r(&seconds, &local);
  std::array<char, 16> clock{};
  (void)std::strftime(clock.data(), clock.size(), "%H:%M:%S", &local);
  const std::string thousandths = std::to_string(1000 + realtime % kSecond / kMillisecond);
  return std::string(clock.data()) + "." + thousandths.substr(1);
}

}  // namespace mcast::cli
