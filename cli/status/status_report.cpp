#include "cli/status/status_report.h"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <nlohmann/json.hpp>
#include <span>
#include <utility>

#include "api/host_json.h"
#include "api/json_values.h"
#include "base/text.h"
#include "base/version.h"
#include "cli/streams/stream_tables.h"
#include "cli/streams/stream_totals.h"
#include "cli/streams/view_blocks.h"
#include "cli/terminal/layout.h"
#include "cli/terminal/number_text.h"
#include "cli/terminal/text_width.h"

namespace mcast::cli {
namespace {

using Json = nlohmann::ordered_json;
using Cells = std::vector<Span>;  // of a row, one a column

constexpr std::size_t kMaxListed = 4;
constexpr std::size_t kMaxNameBytes = 200;
constexpr int kMaxInterfaceColumns = 40;
constexpr const char* kNothing = "-";

Column column(const char* title, Align align = Align::kLeft, int importance = 0, int width = 0) {
  return {.title = title, .width = width, .align = align, .importance = importance};
}

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

// The first cells of a row: interface, IGMP, forced version.
Cells interface_cells(const InterfaceMemberships& interface, bool is_v4) {
  const auto version_text = [&](int version) {
    return is_v4 && version > 0 ? std::to_string(version) : kNothing;
  };
  const bool forced = is_v4 && interface.forced_version > 0;
  return {{name_text(interface.name)},
          {version_text(interface.igmp_version)},
          {version_text(interface.forced_version), forced ? Style::kWarning : Style::kPlain}};
}

Style style_of(ReceiverState state) {
  switch (state) {
    case ReceiverState::kReceiving:
      return Style::kGood;
    case ReceiverState::kWaiting:
      return Style::kWarning;
    case ReceiverState::kStalled:
    case ReceiverState::kFailed:
      return Style::kBad;
  }
  return Style::kPlain;
}

Style style_of(SenderState state) {
  if (state == SenderState::kFailed) return Style::kBad;
  return state == SenderState::kSending ? Style::kGood : Style::kPlain;
}

Span loss_cell(const StreamTotals& sum) {
  if (sum.counters.packets == 0) return {kNothing};
  if (sum.counters.lost == 0) return {"0"};
  return {percent_text(sum.loss_percent()) + " (" + std::to_string(sum.counters.lost) + ")",
          Style::kBad};
}

std::string up_time(Nanoseconds since, Nanoseconds now) {
  return clock_text(std::max<Nanoseconds>(0, now - since));
}

Span since_cell(Nanoseconds realtime, Nanoseconds now) {
  return {realtime == 0 ? kNothing : up_time(realtime, now)};
}

// Names are somebody else's choice; in a wide terminal they have room.
Span name_cell(const std::string& name, const OutputForm& form) {
  const int widest = std::max(12, form.columns / 5);
  return {fitted(printable(name, form.unicode), widest, form.unicode)};
}

Span interface_cell(const std::string& name, bool unicode) {
  return {fitted(printable(name, unicode), kMaxInterfaceColumns, unicode)};
}

Cells row_of(const ReceiverSnapshot& stream, Nanoseconds now, const OutputForm& form) {
  const StreamTotals sum = totals_of(stream);
  const SourceSnapshot* const latest = sum.latest;
  return {{"receiver"},
          name_cell(stream.spec.name, form),
          {stream.spec.group.to_string()},
          {stream.spec.source ? stream.spec.source->to_string() : "*"},
          interface_cell(stream.interface, form.unicode),
          {std::string(to_string(stream.state)), style_of(stream.state)},
          loss_cell(sum),
          {latest != nullptr ? std::to_string(latest->hops()) : kNothing},
          latest != nullptr ? dscp_cell(*latest) : Span{kNothing},
          {std::to_string(stream.active_senders)},
          {std::to_string(sum.counters.packets)},
          since_cell(stream.state_since_realtime, now)};
}

Cells row_of(const SenderSnapshot& stream, Nanoseconds now, const OutputForm& form) {
  return {{"sender"},
          name_cell(stream.spec.name, form),
          {stream.spec.group.to_string()},
          {stream.local_address ? stream.local_address->to_string() : kNothing},
          interface_cell(stream.interface, form.unicode),
          {std::string(to_string(stream.state)), style_of(stream.state)},
          {kNothing},
          {kNothing},
          {short_dscp(stream.spec.dscp)},
          {kNothing},
          {std::to_string(stream.packets)},
          since_cell(stream.state_since_realtime, now)};
}

void add_wrapped(std::vector<Line>& lines, const std::string& text, Style style,
                 const OutputForm& form) {
  for (std::string& part : wrapped(text, form.columns, form.unicode)) {
    lines.push_back({{std::move(part), style}});
  }
}

}  // namespace

Screen status_table(const MembershipReport& report) {
  std::vector<Cells> rows;
  for (const InterfaceMemberships& interface : report.interfaces) {
    if (interface.memberships.empty()) {
      Cells& row = rows.emplace_back(interface_cells(interface, true));
      row.push_back({"none", Style::kFaint});
      row.resize(8);
    }
    for (const HeldMembership& membership : interface.memberships) {
      Cells& row = rows.emplace_back(interface_cells(interface, membership.group.is_v4()));
      row.push_back({membership.group.to_string()});
      row.push_back({std::to_string(membership.users)});
      row.push_back({std::string(multicast_class(membership.group))});
      row.push_back({sources_text(membership)});
      row.push_back({holders_text(membership.holders), Style::kGood});
    }
  }
  // Rows are as wide as they want to be: nothing is cut.
  return {table_lines(
      {column("INTERFACE"), column("IGMP"), column("FORCED"), column("GROUP"),
       column("USERS", Align::kRight), column("CLASS"), column("SOURCES"), column("STREAMS")},
      rows, {.columns = std::numeric_limits<int>::max(), .rows = 0, .unicode = true})};
}

std::string status_json(const MembershipReport& report) {
  Json interfaces = Json::array();
  for (const InterfaceMemberships& interface : report.interfaces) {
    interfaces.push_back(api::interface_json(interface));
  }
  return api::to_text({{"tool", "mcast-status"},
                       {"version", version()},
                       {"interfaces", std::move(interfaces)},
                       {"unreadable_programs", report.unreadable_programs}},
                      true);
}

Line change_line(const MembershipChange& change) {
  const HeldMembership& membership = change.membership;
  const bool left = change.kind == ChangeKind::kLeave;
  const auto cell = [](std::string_view text, int width) {
    return padded(text, std::max(width, text_width(text)), Align::kLeft, true);
  };
  std::string rest = left ? "" : "users " + std::to_string(membership.users) + "  ";
  rest += sources_text(membership);
  Line line{{local_time_text(change.realtime) + " "},
            {cell(to_string(change.kind), 6), left                               ? Style::kWarning
                                              : change.kind == ChangeKind::kJoin ? Style::kGood
                                                                                 : Style::kPlain},
            {" " + cell(name_text(change.interface), 10) + " " +
             cell(membership.group.to_string(), 15) + " " + rest}};
  if (!membership.holders.empty()) {
    line.push_back({"  "});
    line.push_back({holders_text(membership.holders), Style::kGood});
  }
  return line;
}

std::string change_json(const MembershipChange& change) {
  Json json{{"time", api::time_text(change.realtime)},
            {"event", to_string(change.kind)},
            {"interface", api::valid_utf8(change.interface)},
            {"ifindex", change.ifindex}};
  api::add_membership(json, change.membership);
  return api::to_text(json, true);
}

std::vector<Line> agent_lines(const api::AgentStatus& status, const OutputForm& form) {
  const auto shown = [&](const std::string& text) { return printable(text, form.unicode); };
  std::vector<Line> lines;
  add_wrapped(lines,
              "mcast-agent " + shown(status.version) + " on " + shown(status.host) + ", up " +
                  up_time(status.started, status.time) + ", " +
                  (status.config_file.empty() ? "a demonstration without a configuration"
                                              : "configuration " + shown(status.config_file)),
              Style::kPlain, form);
  if (status.reload_successful) return lines;
  std::string wrong = "the last reload failed, the old configuration stays";
  if (!status.config_errors.empty()) {
    wrong += ": " + shown(status.config_errors.front());
    if (const std::size_t more = status.config_errors.size() - 1; more > 0) {
      wrong += " (and " + std::to_string(more) + " more)";
    }
  }
  add_wrapped(lines, wrong, Style::kBad, form);
  return lines;
}

std::vector<Line> stream_table(const std::vector<ReceiverSnapshot>& receivers,
                               const std::vector<SenderSnapshot>& senders, Nanoseconds now,
                               const OutputForm& form) {
  std::vector<Cells> rows;
  rows.reserve(receivers.size() + senders.size());
  for (const auto& stream : receivers) rows.push_back(row_of(stream, now, form));
  for (const auto& stream : senders) rows.push_back(row_of(stream, now, form));
  if (rows.empty()) return {{{"the agent has no streams", Style::kFaint}}};
  constexpr Align kLeft = Align::kLeft;
  constexpr Align kRight = Align::kRight;
  return table_lines(
      {column("KIND", kLeft, 50, 8), column("STREAM", kLeft, 100), column("GROUP", kLeft, 60, 7),
       column("SOURCE", kLeft, 10), column("IF", kLeft, 40), column("STATE", kLeft, 90, 9),
       column("LOSS", kRight, 80), column("HOPS", kRight, 70), column("DSCP", kLeft, 70),
       column("SENDERS", kRight, 20), column("PACKETS", kRight, 15), column("SINCE", kRight, 30)},
      rows, {.columns = form.columns, .rows = 0, .unicode = form.unicode});
}

std::vector<Line> finding_lines(const std::vector<findings::StreamFindings>& streams,
                                const OutputForm& form) {
  std::vector<Line> lines;
  for (const findings::StreamFindings& stream : streams) {
    for (const findings::Finding& finding : stream.findings) {
      if (finding.verdict != findings::Verdict::kFound) continue;
      add_wrapped(lines,
                  printable(stream.subject.stream, form.unicode) +
                      " gets nothing: " + printable(finding.seen, form.unicode),
                  Style::kBad, form);
      // A command is copied from here: it stays in one line.
      lines.push_back(
          {{"  Try ", Style::kFaint}, {printable(finding.remedy, form.unicode), Style::kHeading}});
    }
  }
  return lines;
}

}  // namespace mcast::cli
