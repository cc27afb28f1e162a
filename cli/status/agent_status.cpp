#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "api/agent_json.h"
#include "api/host_json.h"
#include "api/json_values.h"
#include "api/stream_json.h"
#include "base/text.h"
#include "base/version.h"
#include "cli/session/agent_events.h"
#include "cli/session/agent_session.h"
#include "cli/status/status_command.h"
#include "cli/status/status_report.h"
#include "cli/streams/stream_report.h"
#include "cli/terminal/number_text.h"

namespace mcast::cli {
namespace {

using Json = nlohmann::ordered_json;
using mcast::printable;

// As it came, for --json, and what it says.
template <typename T>
struct Answer {
  std::string text;
  T value;
};

class AgentStatusCommand {
 public:
  AgentStatusCommand(const StatusOptions& options, const StatusContext& context)
      : options_(options), context_(context), client_(*options.agent) {}

  int run() {
    const auto warning = check_agent_version(client_);
    if (!warning) return context_.fail_with(warning.error().message);
    if (!warning->empty()) context_.complain(*warning);
    if (const auto asked = ask_all(); !asked) return context_.fail_with(asked.error().message);
    const std::string& wanted = options_.selection.interface;
    const auto& interfaces = memberships_.value.interfaces;
    if (!wanted.empty() &&
        std::ranges::find(interfaces, wanted, &InterfaceMemberships::name) == interfaces.end()) {
      return context_.fail_with("--interface: the agent has no '" + printable(wanted) + "'",
                                kWrongUse);
    }
    if (options_.json) {
      print_json();
    } else {
      print_tables();
    }
    return options_.watch ? watch() : kSuccess;
  }

 private:
  Result<void> ask_all() {
    if (options_.watch) {
      // Before the tables: nothing falls between the two.
      auto newest = newest_event_id(client_);
      if (!newest) return std::unexpected(newest.error());
      newest_id_ = std::move(*newest);
    }
    auto asked = ask("status", api::parse_agent_status, status_);
    if (asked) asked = ask("receivers", api::parse_receivers, receivers_);
    if (asked) asked = ask("senders", api::parse_senders, senders_);
    if (asked) asked = ask("memberships", api::parse_memberships, memberships_);
    if (asked) asked = ask("findings", api::parse_findings, findings_);
    if (!asked) return asked;
    auto& receivers = receivers_.value.receivers;
    std::erase_if(receivers, [&](const auto& each) { return !is_wanted(each.interface); });
    std::erase_if(senders_.value, [&](const auto& each) { return !is_wanted(each.interface); });
    std::erase_if(findings_.value,
                  [&](const auto& each) { return !is_wanted(each.subject.interface); });
    for (const ReceiverSnapshot& receiver : receivers) shown_.insert(receiver.spec.name);
    return {};
  }

  template <typename T>
  Result<void> ask(const char* what, Result<T> (*parse)(std::string_view), Answer<T>& answer) {
    auto text = client_.get(std::string("/api/v1/") + what);
    if (!text) return std::unexpected(text.error());
    auto value = parse(*text);
    if (!value) return std::unexpected(value.error());
    answer = {std::move(*text), std::move(*value)};
    return {};
  }

  [[nodiscard]] bool is_wanted(const std::string& interface) const {
    const std::string& wanted = options_.selection.interface;
    return wanted.empty() || interface == wanted;
  }

  void print_tables() const {
    Screen screen;
    const auto add = [&](std::vector<Line> lines) {
      if (lines.empty()) return;
      if (!screen.lines.empty()) screen.lines.emplace_back();
      std::ranges::move(lines, std::back_inserter(screen.lines));
    };
    const OutputForm& form = context_.form;
    add(agent_lines(status_.value, form));
    add(stream_table(receivers_.value.receivers, senders_.value, status_.value.time, form));
    add(finding_lines(findings_.value, form));
    add(status_table(selected(memberships_.value, options_.selection)).lines);
    if (options_.watch) screen.lines.emplace_back();
    context_.print(screen);
  }

  // A list of the agent's own objects, without those of other interfaces.
  [[nodiscard]] Json list_of(const std::string& answer, const char* list,
                             const char* interface_key = "interface") const {
    const Json json = Json::parse(answer, nullptr, false);
    Json result = Json::array();
    for (const Json& entry : json[list]) {
      if (is_wanted(entry.value(interface_key, ""))) result.push_back(entry);
    }
    return result;
  }

  void print_json() const {
    // All of them have been understood before.
    const Json json{{"tool", "mcast-status"},
                    {"version", version()},
                    {"status", Json::parse(status_.text, nullptr, false)},
                    {"receivers", list_of(receivers_.text, "receivers")},
                    {"senders", list_of(senders_.text, "senders")},
                    {"memberships", list_of(memberships_.text, "interfaces", "name")},
                    {"findings", list_of(findings_.text, "findings")}};
    context_.out << api::to_text(json, true) << std::flush;
  }

  int watch() {
    const auto followed = follow_events(client_, "", newest_id_, [this](const auto& events) {
      for (const AgentEvent& event : events) print(event);
      context_.out << std::flush;
      return context_.out.good();
    });
    if (!context_.out) return kFailed;
    return context_.fail_with(followed ? "the agent has gone away" : followed.error().message);
  }

  void print(const AgentEvent& event) const {
    const Json json = Json::parse(event.data, nullptr, false);
    if (!json.is_object()) return;
    if (!is_shown(text_at(json, "stream"), text_at(json, "interface"))) return;
    if (options_.json) {
      context_.out << json.dump(-1, ' ', false, Json::error_handler_t::replace) << "\n";
      return;
    }
    const Nanoseconds offset = context_.clock.realtime() - context_.clock.monotonic();
    const auto known = api::parse_event(event.data, offset);
    context_.out << (known && *known
                         ? event_line((*known)->event, printable((*known)->stream), offset)
                         : other_line(json, event.event))
                 << "\n";
  }

  // What names neither a stream nor an interface is about the agent.
  [[nodiscard]] bool is_shown(const std::string& stream, const std::string& interface) const {
    if (!interface.empty()) return is_wanted(interface);
    return options_.selection.interface.empty() || stream.empty() || shown_.contains(stream);
  }

  static std::string text_at(const Json& json, const char* key) {
    const auto found = json.find(key);
    return found != json.end() && found->is_string() ? found->get<std::string>() : "";
  }

  // What is not about a stream's packets: "12:34:56.789 join: interface eth1, ...".
  [[nodiscard]] std::string other_line(const Json& json, const std::string& event) const {
    const auto time = api::parse_time(text_at(json, "time"));
    std::string line =
        local_time_text(time.value_or(context_.clock.realtime())) + " " + printable(event);
    const char* separator = ": ";
    for (const auto& [key, value] : json.items()) {
      if (key == "event" || key == "time" || key == "ifindex") continue;
      const std::string text = value.is_string()
                                   ? value.get<std::string>()
                                   : value.dump(-1, ' ', false, Json::error_handler_t::replace);
      line += separator + printable(key) + " " + printable(text, 300);
      separator = ", ";
    }
    return line;
  }

  const StatusOptions& options_;
  const StatusContext& context_;
  AgentClient client_;
  std::string newest_id_;
  Answer<api::AgentStatus> status_;
  Answer<ProbeSnapshot> receivers_;
  Answer<std::vector<SenderSnapshot>> senders_;
  Answer<MembershipReport> memberships_;
  Answer<std::vector<findings::StreamFindings>> findings_;
  std::set<std::string> shown_;  // receivers by name
};

}  // namespace

int run_agent_status(const StatusOptions& options, const StatusContext& context) {
  return AgentStatusCommand(options, context).run();
}

}  // namespace mcast::cli
