#include "cli/status/agent_status_command.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "api/agent_status.h"
#include "api/event_json.h"
#include "api/finding_json.h"
#include "api/json_values.h"
#include "api/membership_json.h"
#include "api/receiver_json.h"
#include "api/sender_json.h"
#include "base/text.h"
#include "base/version.h"
#include "cli/arguments/exit_code.h"
#include "cli/session/agent_client.h"
#include "cli/session/agent_events.h"
#include "cli/session/event_stream_parser.h"
#include "cli/status/status_table.h"
#include "cli/status/stream_table.h"
#include "cli/streams/receive_lines.h"
#include "cli/terminal/ansi_text.h"
#include "cli/terminal/line_text.h"

namespace mcast::cli {
namespace {

using Json = nlohmann::ordered_json;

// The agent's answers, as they came.
struct Answers {
  std::string status;
  std::string receivers;
  std::string senders;
  std::string memberships;
  std::string findings;
};

class AgentStatusCommand {
 public:
  AgentStatusCommand(const StatusOptions& options, const AgentStatusParts& parts)
      : options_(options), parts_(parts), client_(*options.agent) {}

  int run() {
    const auto answers = ask();
    if (!answers) return fail_with(answers.error());
    if (const auto read = read_all(*answers); !read) return fail_with(read.error());
    if (status_.version != version()) {
      complain("the agent is version " + mcast::printable(status_.version) + ", this is " +
               std::string(version()));
    }
    // Before what is filtered out is gone.
    const auto& report = memberships_;
    const std::string& wanted = options_.selection.interface;
    if (!wanted.empty() &&
        std::ranges::find(report.interfaces, wanted, &InterfaceMemberships::name) ==
            report.interfaces.end()) {
      complain("--interface: the agent has no '" + mcast::printable(wanted) + "'");
      return kWrongUse;
    }
    if (options_.json) {
      print_json(*answers);
    } else {
      print_tables();
    }
    return options_.watch ? watch() : kSuccess;
  }

 private:
  void complain(const std::string& message) {
    parts_.errors << "mcast-status: " << message << "\n" << std::flush;
  }
  int fail_with(const Error& error) {
    complain(error.message);
    return kFailed;
  }

  Result<Answers> ask() {
    if (options_.watch) {
      // Before the tables: nothing falls between the two.
      auto newest = AgentEvents::newest_id(client_);
      if (!newest) return std::unexpected(newest.error());
      newest_id_ = std::move(*newest);
    }
    Answers answers;
    for (const auto& [path, into] :
         {std::pair{"status", &answers.status}, std::pair{"receivers", &answers.receivers},
          std::pair{"senders", &answers.senders}, std::pair{"memberships", &answers.memberships},
          std::pair{"findings", &answers.findings}}) {
      auto answer = client_.get(std::string("/api/v1/") + path);
      if (!answer) return std::unexpected(answer.error());
      *into = std::move(*answer);
    }
    return answers;
  }

  Result<void> read_all(const Answers& answers) {
    auto status = api::parse_agent_status(answers.status);
    if (!status) return fail("what answers there is no mcast-agent: " + status.error().message);
    auto receivers = api::parse_receivers(answers.receivers);
    if (!receivers) return std::unexpected(receivers.error());
    auto senders = api::parse_senders(answers.senders);
    if (!senders) return std::unexpected(senders.error());
    auto memberships = api::parse_memberships(answers.memberships);
    if (!memberships) return std::unexpected(memberships.error());
    auto found = api::parse_findings(answers.findings);
    if (!found) return std::unexpected(found.error());
    status_ = std::move(*status);
    receivers_ = std::move(receivers->receivers);
    senders_ = std::move(*senders);
    memberships_ = std::move(*memberships);
    findings_ = std::move(*found);
    std::erase_if(receivers_, [&](const auto& each) { return !is_wanted(each.interface); });
    std::erase_if(senders_, [&](const auto& each) { return !is_wanted(each.interface); });
    std::erase_if(findings_, [&](const auto& each) { return !is_wanted(each.subject.interface); });
    for (const ReceiverSnapshot& receiver : receivers_) shown_.insert(receiver.spec.name);
    return {};
  }

  [[nodiscard]] bool is_wanted(const std::string& interface) const {
    const std::string& wanted = options_.selection.interface;
    return wanted.empty() || interface == wanted;
  }

  [[nodiscard]] std::string text_of(const Screen& screen) const {
    return parts_.colour ? ansi_text(screen) : plain_text(screen);
  }

  void print_tables() {
    Screen screen;
    const auto add = [&](std::vector<Line> lines) {
      if (lines.empty()) return;
      if (!screen.lines.empty()) screen.lines.emplace_back();
      screen.lines.insert(screen.lines.end(), std::make_move_iterator(lines.begin()),
                          std::make_move_iterator(lines.end()));
    };
    add(agent_lines(status_, parts_.columns, parts_.unicode));
    add(stream_table(receivers_, senders_, status_.time, parts_.columns, parts_.unicode));
    add(finding_lines(findings_, parts_.columns, parts_.unicode));
    add(status_table(selected(memberships_, options_.selection)).lines);
    if (options_.watch) screen.lines.emplace_back();
    parts_.output << text_of(screen) << std::flush;
  }

  // A list of the agent's own objects, without those of other interfaces.
  [[nodiscard]] Json list_of(const std::string& answer, const char* list,
                             const char* interface_key) const {
    const Json json = Json::parse(answer, nullptr, false);
    Json result = Json::array();
    for (const Json& entry : json[list]) {
      if (is_wanted(entry.value(interface_key, ""))) result.push_back(entry);
    }
    return result;
  }

  void print_json(const Answers& answers) {
    // All of them have been understood before.
    const Json json{{"tool", "mcast-status"},
                    {"version", version()},
                    {"status", Json::parse(answers.status, nullptr, false)},
                    {"receivers", list_of(answers.receivers, "receivers", "interface")},
                    {"senders", list_of(answers.senders, "senders", "interface")},
                    {"memberships", list_of(answers.memberships, "interfaces", "name")},
                    {"findings", list_of(answers.findings, "findings", "interface")}};
    parts_.output << api::to_text(json, options_.watch) << std::flush;
  }

  int watch() {
    EventStreamParser parser;
    std::vector<EventStreamParser::Message> messages;
    const auto followed = client_.follow("/api/v1/events", newest_id_, [&](std::string_view bytes) {
      const bool is_fine = parser.feed(bytes, messages);
      for (const auto& message : std::exchange(messages, {})) print(message);
      parts_.output << std::flush;
      return is_fine && parts_.output.good();
    });
    if (!parts_.output) return kFailed;
    if (!followed) return fail_with(followed.error());
    complain("the agent has gone away");
    return kFailed;
  }

  void print(const EventStreamParser::Message& message) {
    const Json json = Json::parse(message.data, nullptr, false);
    if (!json.is_object()) return;
    const std::string stream = text_at(json, "stream");
    const std::string interface = text_at(json, "interface");
    if (!options_.selection.interface.empty()) {
      const bool is_other =
          interface.empty() ? !stream.empty() && !shown_.contains(stream) : !is_wanted(interface);
      if (is_other) return;
    }
    if (options_.json) {
      parts_.output << json.dump(-1, ' ', false, Json::error_handler_t::replace) << "\n";
      return;
    }
    const Nanoseconds offset = parts_.clock.realtime() - parts_.clock.monotonic();
    if (const auto event = api::parse_event(message.data, offset); event && *event) {
      parts_.output << event_line((*event)->event, mcast::printable((*event)->stream), offset)
                    << "\n";
      return;
    }
    parts_.output << other_line(json, message.event) << "\n";
  }

  static std::string text_at(const Json& json, const char* key) {
    const auto found = json.find(key);
    return found != json.end() && found->is_string() ? found->get<std::string>() : "";
  }

  // Of what is not about a stream's packets: "12:34:56.789 join: interface eth1, ...".
  [[nodiscard]] std::string other_line(const Json& json, const std::string& event) const {
    const auto time = api::parse_time(text_at(json, "time"));
    std::string line =
        local_time_text(time.value_or(parts_.clock.realtime())) + " " + mcast::printable(event);
    const char* separator = ": ";
    for (const auto& [key, value] : json.items()) {
      if (key == "event" || key == "time" || key == "ifindex") continue;
      line += separator + mcast::printable(key) + " " +
              mcast::printable(value.is_string()
                                   ? value.get<std::string>()
                                   : value.dump(-1, ' ', false, Json::error_handler_t::replace),
                               300);
      separator = ", ";
    }
    return line;
  }

  const StatusOptions& options_;
  const AgentStatusParts& parts_;
  AgentClient client_;
  std::string newest_id_;
  api::AgentStatus status_;
  std::vector<ReceiverSnapshot> receivers_;
  std::vector<SenderSnapshot> senders_;
  MembershipReport memberships_;
  std::vector<findings::StreamFindings> findings_;
  std::set<std::string> shown_;  // receivers by name
};

}  // namespace

int run_agent_status(const StatusOptions& options, const AgentStatusParts& parts) {
  return AgentStatusCommand(options, parts).run();
}

}  // namespace mcast::cli
