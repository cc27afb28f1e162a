// Why silent streams get nothing, wherever that is found out: in this process
// (LocalFindings), or by an agent (AgentFindings). One thread, the command's main loop.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "cli/session/agent_client.h"
#include "cli/session/local_session.h"
#include "cli/session/session.h"
#include "findings/schedule.h"
#include "streams/diagnosis.h"

namespace mcast::cli {

class FindingsSource {
 public:
  FindingsSource() = default;
  FindingsSource(const FindingsSource&) = delete;
  FindingsSource& operator=(const FindingsSource&) = delete;
  virtual ~FindingsSource() = default;

  // To poll for, and advance() when one is readable; -1: nothing.
  [[nodiscard]] virtual std::array<int, 2> fds() const = 0;
  // Call it several times a second. Returns what is wrong and was not so the last time.
  virtual std::vector<findings::Schedule::New> advance() = 0;
  // Of each silent stream.
  [[nodiscard]] virtual const findings::Schedule& found() const = 0;
  // Somebody looks, and there may be more to say soon.
  [[nodiscard]] virtual bool is_looking() const = 0;
};

// A stream that is silent for a second is examined for two, and again every ten while that
// lasts. Reading the host takes about 1 ms of the main loop, twice an examination.
class LocalFindings final : public FindingsSource {
 public:
  // All outlive it.
  LocalFindings(LocalSession& session, const Clock& clock, Log& log);

  [[nodiscard]] std::array<int, 2> fds() const override { return diagnosis_.fds(); }
  std::vector<findings::Schedule::New> advance() override;
  [[nodiscard]] const findings::Schedule& found() const override { return diagnosis_.found(); }
  [[nodiscard]] bool is_looking() const override { return diagnosis_.is_examining(); }

 private:
  Log& log_;
  Diagnosis diagnosis_;
};

// As the agent has found out: asked for while one of its streams is silent.
class AgentFindings final : public FindingsSource {
 public:
  // All outlive it. `socket`: the agent's.
  AgentFindings(Session& session, const std::string& socket, const Clock& clock, Log& log)
      : session_(session), client_(socket), clock_(clock), log_(log) {}

  [[nodiscard]] std::array<int, 2> fds() const override { return {-1, -1}; }
  std::vector<findings::Schedule::New> advance() override;
  [[nodiscard]] const findings::Schedule& found() const override { return found_; }
  [[nodiscard]] bool is_looking() const override { return is_silent_; }

 private:
  Session& session_;
  AgentClient client_;
  const Clock& clock_;
  Log& log_;
  // Keeps what was found of each silent stream; the agent decides when they are examined.
  findings::Schedule found_;
  bool is_silent_ = false;
  Nanoseconds next_ = 0;
};

}  // namespace mcast::cli
