#include "cli/status/status_report.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <limits>
#include <nlohmann/json.hpp>
#include <span>
#include <utility>

#include "api/host_json.h"
#include "api/json_values.h"
#include "base/text.h"
#include "base/version.h"
#include "cli/streams/findings_report.h"
#include "cli/streams/stream_tables.h"
#include "cli/streams/stream_totals.h"
#include "cli/terminal/layout.h"
#include "cli/terminal/number_text.h"
#include "cli/terminal/text_width.h"

namespace mcast::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMaxListed = 4;
constexpr std::size_t kMaxNameBytes = 200;
constexpr int kMaxInterfaceColumns = 40;
constexpr int kNoEdge = 10'000;
constexpr const char* kNothing = "-";

Column column(const char* title, Align align = Align::kLeft, int importance = 0, int width = 0) {
  return {.title = title, .width = width, .align = align, .importance = importance};
}

std::string name_text(const std::string& name) {
  return mcast::printable(name, kMaxNameBytes);
}

std::string addresses_text(const std::vector<IpAddress>& addresses) {
  return listed(addresses, &IpAddress::to_string, kMaxListed);
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

std::string holders_text(const std::vector<RunningStream>& holders) {
  const auto holder_text = [](const RunningStream& holder) {
    return name_text(holder.program) + "[" + std::to_string(holder.pid) + "] " +
           name_text(holder.join.stream);
  };
  return listed(holders, holder_text, kMaxListed);
}

Span loss_cell(const StreamTotals& sum) {
  if (sum.counters.packets == 0) return {kNothing};
  if (sum.counters.lost == 0) return {"0"};
  return {
      percent_text(sum.loss_percent().value_or(0)) + " (" + std::to_string(sum.counters.lost) + ")",
      Style::kBad};
}

std::string up_time(Nanoseconds since, Nanoseconds now) {
  return clock_text(std::max<Nanoseconds>(0, now - since));
}

// `measured`: loss, hops, DSCP, senders, packets.
Cells row_of(const char* kind, const auto& stream, const std::optional<IpAddress>& source,
             const char* without_source, Cells measured, Nanoseconds now, const OutputForm& form) {
  const auto fit = [&](const std::string& name, int widest) -> Span {
    return {fitted(drawable(name, form.unicode), widest, form.unicode)};
  };
  const Nanoseconds since = stream.state_since_realtime;
  // Names are somebody else's choice; in a wide terminal they have room.
  Cells cells{{kind},
              fit(stream.spec.name, std::max(12, form.columns / 5)),
              {stream.spec.group.to_string()},
              {source ? source->to_string() : without_source},
              fit(stream.interface, kMaxInterfaceColumns),
              state_cell(stream.state)};
  std::ranges::move(measured, std::back_inserter(cells));
  cells.push_back({since == 0 ? kNothing : up_time(since, now)});
  return cells;
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
  for (const InterfaceMemberships& on : report.interfaces) {
    const auto add_row = [&](Family family, Cells cells) {
      const bool is_v4 = family == Family::kIpv4;
      const auto text = [](const std::string& before, int number) {
        return number > 0 ? before + std::to_string(number) : kNothing;
      };
      const std::string protocol(membership_protocol(family));
      const int forced = is_v4 ? on.forced_version : on.forced_mld_version;
      cells.insert(cells.begin(),
                   {{name_text(on.name)},
                    {text(protocol + "v", is_v4 ? on.igmp_version : on.mld_version)},
                    {text("", forced), forced > 0 ? Style::kWarning : Style::kPlain}});
      rows.push_back(std::move(cells));
    };
    if (on.memberships.empty()) {
      const bool has_ipv4 = on.igmp_version > 0 || on.mld_version == 0;
      add_row(has_ipv4 ? Family::kIpv4 : Family::kIpv6, {{"none", Style::kFaint}, {}, {}, {}, {}});
    }
    for (const HeldMembership& membership : on.memberships) {
      add_row(membership.group.family(), {{membership.group.to_string()},
                                          {std::to_string(membership.users)},
                                          {multicast_class(membership.group)},
                                          {sources_text(membership)},
                                          {holders_text(membership.holders), Style::kGood}});
    }
  }
  // Rows are as wide as they want to be: nothing is cut.
  return {table_lines(
      {column("INTERFACE"), column("VERSION"), column("FORCED"), column("GROUP"),
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
  const auto shown = [&](const std::string& text) { return drawable(text, form.unicode); };
  std::vector<Line> lines;
  add_wrapped(lines,
              "mcast-agent " + shown(status.version) + " on " + shown(status.host) + ", up " +
                  up_time(status.started, status.time) + ", " +
                  (status.config_file.empty() ? "a demonstration without a configuration"
                                              : "configuration " + shown(status.config_file)),
              Style::kPlain, form);
  if (status.reload_successful) return lines;
  const std::vector<std::string>& errors = status.config_errors;
  add_wrapped(
      lines,
      "the last reload failed; the old configuration is still in use" +
          (errors.empty() ? "" : ": " + shown(errors.front())) +
          (errors.size() > 1 ? " (and " + std::to_string(errors.size() - 1) + " more)" : ""),
      Style::kBad, form);
  return lines;
}

std::vector<Line> stream_table(const std::vector<ReceiverSnapshot>& receivers,
                               const std::vector<SenderSnapshot>& senders, Nanoseconds now,
                               const OutputForm& output) {
  OutputForm form = output;
  if (!form.terminal) form.columns = kNoEdge;
  std::vector<Cells> rows;
  const Span none{kNothing};
  for (const ReceiverSnapshot& stream : receivers) {
    const StreamTotals sum = totals_of(stream);
    const SourceSnapshot* const latest = sum.latest;
    const Span hops = latest != nullptr ? Span{std::to_string(latest->hops())} : none;
    rows.push_back(row_of("receiver", stream, stream.spec.source, "*",
                          {loss_cell(sum),
                           hops,
                           latest != nullptr ? dscp_cell(*latest) : none,
                           {std::to_string(stream.active_senders)},
                           {std::to_string(sum.counters.packets)}},
                          now, form));
  }
  for (const SenderSnapshot& stream : senders) {
    rows.push_back(
        row_of("sender", stream, stream.local_address, kNothing,
               {none, none, {short_dscp(stream.spec.dscp)}, none, {std::to_string(stream.packets)}},
               now, form));
  }
  if (rows.empty()) return {{{"the agent has no streams", Style::kFaint}}};
  // What tells an SSM stream from others is seldom the first thing to leave out.
  const bool has_source = std::ranges::any_of(
      receivers, [](const ReceiverSnapshot& stream) { return stream.spec.source.has_value(); });
  constexpr Align kLeft = Align::kLeft;
  constexpr Align kRight = Align::kRight;
  return table_lines(
      {column("KIND", kLeft, 50, 8), column("STREAM", kLeft, 100), column("GROUP", kLeft, 60, 7),
       column("SOURCE", kLeft, has_source ? 85 : 10), column("IF", kLeft, 40),
       column("STATE", kLeft, 90, 9), column("LOSS", kRight, 80), column("HOPS", kRight, 70),
       column("DSCP", kLeft, 70), column("SENDERS", kRight, 20), column("PACKETS", kRight, 15),
       column("SINCE", kRight, 30)},
      rows, {.columns = form.columns, .rows = 0, .unicode = form.unicode});
}

std::vector<Line> finding_lines(const std::vector<findings::StreamFindings>& streams,
                                const OutputForm& form) {
  std::vector<Line> lines;
  for (const findings::StreamFindings& stream : streams) {
    for (const findings::Finding& finding : stream.findings) {
      if (finding.verdict != findings::Verdict::kFound) continue;
      const char* const what =
          says_why_nothing_arrives(stream.subject, finding) ? " gets nothing: " : ": ";
      add_wrapped(lines,
                  (stream.subject.sending ? "sender " : "") +
                      drawable(stream.subject.stream, form.unicode) + what +
                      drawable(finding.seen, form.unicode),
                  Style::kBad, form);
      // A command is copied from here: it stays in one line.
      lines.push_back(
          {{"  Try ", Style::kFaint}, {drawable(finding.remedy, form.unicode), Style::kHeading}});
    }
  }
  return lines;
}

}  // namespace mcast::cli
