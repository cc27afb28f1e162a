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

class AgentStatusCommand {
 public:
  AgentStatusCommand(const StatusOptions& options, const StatusContext& context)
      : options_(options), context_(context), wanted_(options.selection.interface) {}

  int run() {
    const auto warning = check_agent_version(client_);
    if (!warning) return context_.fail_with(warning.error().message);
    if (!warning->empty()) context_.complain(*warning);
    if (const auto asked = ask_all(); !asked) return context_.fail_with(asked.error().message);
    if (!wanted_.empty() &&
        std::ranges::count(memberships_.interfaces, wanted_, &InterfaceMemberships::name) == 0) {
      return context_.fail_with("--interface: the agent has no '" + printable(wanted_) + "'",
                                kWrongUse);
    }
    context_.out << (options_.json ? api::to_text(json_, true) : context_.text(tables()))
                 << std::flush;
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
    auto done = ask("status", api::parse_agent_status, status_);
    if (done) done = ask("receivers", api::parse_receivers, receivers_);
    if (done) done = ask("senders", api::parse_senders, senders_);
    if (done) done = ask("memberships", api::parse_memberships, memberships_, "interfaces", "name");
    if (done) done = ask("findings", api::parse_findings, findings_);
    const auto is_other = [&](const auto& each) { return !is_wanted(each.interface); };
    std::erase_if(receivers_.receivers, is_other);
    std::erase_if(senders_, is_other);
    std::erase_if(findings_, [&](const auto& each) { return is_other(each.subject); });
    for (const ReceiverSnapshot& each : receivers_.receivers) shown_.insert(each.spec.name);
    return done;
  }

  // `value`: what the answer says; into json_ it goes as it came, its list without what other
  // interfaces have.
  template <typename T>
  Result<void> ask(const std::string& what, Result<T> (*parse)(std::string_view), T& value,
                   const std::string& list = {}, const char* interface_key = "interface") {
    const auto text = client_.get("/api/v1/" + what);
    if (!text) return std::unexpected(text.error());
    auto parsed = parse(*text);
    if (!parsed) return std::unexpected(parsed.error());
    value = std::move(*parsed);
    if (!options_.json) return {};
    Json& all = json_[what] = Json::parse(*text, nullptr, false);
    if (const auto found = all.find(list.empty() ? what : list); found != all.end()) {
      Json wanted = Json::array();
      for (const Json& entry : *found) {
        if (is_wanted(entry.value(interface_key, ""))) wanted.push_back(entry);
      }
      all = std::move(wanted);
    }
    return {};
  }

  [[nodiscard]] bool is_wanted(const std::string& interface) const {
    return wanted_.empty() || interface == wanted_;
  }

  [[nodiscard]] Screen tables() const {
    Screen screen;
    const auto add = [&](std::vector<Line> lines) {
      if (lines.empty()) return;
      if (!screen.lines.empty()) screen.lines.emplace_back();
      std::ranges::move(lines, std::back_inserter(screen.lines));
    };
    const OutputForm& form = context_.form;
    add(agent_lines(status_, form));
    add(stream_table(receivers_.receivers, senders_, status_.time, form));
    add(finding_lines(findings_, form));
    add(status_table(selected(memberships_, options_.selection)).lines);
    if (options_.watch) screen.lines.emplace_back();
    return screen;
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
    // What names neither a stream nor an interface is about the agent.
    const std::string stream = text_at(json, "stream");
    const std::string interface = text_at(json, "interface");
    const bool is_shown = !interface.empty()
                              ? is_wanted(interface)
                              : wanted_.empty() || stream.empty() || shown_.contains(stream);
    if (!is_shown) return;
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
  const std::string& wanted_;  // interface; "": all
  AgentClient client_{*options_.agent};
  std::string newest_id_;
  api::AgentStatus status_;
  ProbeSnapshot receivers_;
  std::vector<SenderSnapshot> senders_;
  MembershipReport memberships_;
  std::vector<findings::StreamFindings> findings_;
  Json json_{{"tool", "mcast-status"}, {"version", version()}};
  std::set<std::string> shown_;  // receivers by name
};

}  // namespace

int run_agent_status(const StatusOptions& options, const StatusContext& context) {
  return AgentStatusCommand(options, context).run();
}

}  // namespace mcast::cli
