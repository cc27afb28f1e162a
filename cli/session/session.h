// The streams that a command shows, wherever they run: in this process (LocalSession), or
// in an agent (AgentSession). Views, lines and summaries see only its snapshots. One thread,
// the command's main loop.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "findings/schedule.h"
#include "probe/snapshot.h"
#include "probe/stream_event.h"

namespace mcast::cli {

class Session {
 public:
  Session() = default;
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  // Ends the streams that it has started, save those that were left to an agent.
  virtual ~Session() = default;

  // Call it when fd() is readable and at least every second.
  virtual void look_after() = 0;
  // To poll for; -1: nothing.
  [[nodiscard]] virtual int fd() const = 0;

  // The next event of a receiver; nullopt: there is none now.
  [[nodiscard]] virtual std::optional<StreamEvent> take_event() = 0;
  // The name of a receiver; "" for an unknown one.
  [[nodiscard]] virtual std::string name_of(StreamId id) const = 0;

  // Why silent receivers get nothing. To poll for; new_findings() when one is readable; -1:
  // nothing.
  [[nodiscard]] virtual std::array<int, 2> findings_fds() const { return {-1, -1}; }
  // Call it several times a second. What is wrong and was not so the last time.
  [[nodiscard]] virtual std::vector<findings::Schedule::New> new_findings() = 0;
  // What was found of each silent receiver.
  [[nodiscard]] virtual const findings::Schedule& findings() const = 0;
  // Somebody looks, and there may be more to say soon.
  [[nodiscard]] virtual bool is_looking() const = 0;

  // As it is now, or was a moment ago. The streams are in the order of their groups; when
  // the session is lost, as they were last.
  [[nodiscard]] virtual ProbeSnapshot snapshot() = 0;
  // Ends measuring: the next snapshot is the last. What is still missing counts as lost
  // where the streams run in this process.
  virtual void settle() = 0;

  // The first address of an interface, "" where it has none or that is not known.
  [[nodiscard]] virtual std::string address_of(const std::string& interface, Family family) = 0;
  // The IGMP or MLD version in operation there; nothing: not known.
  [[nodiscard]] virtual std::optional<int> version_on(const std::string& interface,
                                                      Family family) = 0;

  // Why the streams cannot be followed any more, a sentence for the person; "" while they can.
  [[nodiscard]] virtual std::string lost() const = 0;
};

}  // namespace mcast::cli
