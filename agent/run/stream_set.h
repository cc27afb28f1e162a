// Which streams the agent runs: those of the configuration, and ad hoc ones that clients
// of the API asked for. Applies what a reload changes, and ends ad hoc streams whose
// client no longer renews them. One thread, the program's main loop.
#pragma once

#include <cstddef>
#include <expected>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "agent/configuration/configuration.h"
#include "api/stream_json.h"
#include "base/clock.h"
#include "streams/stream_supervisor.h"

namespace mcast::agent {

// Why a request is refused: the `error` object of docs/api.md.
struct RequestError {
  int status = 400;
  std::string code;
  std::string message;
  std::string field = {};  // empty: none is to blame
};
[[nodiscard]] inline std::unexpected<RequestError> refuse(int status, std::string code,
                                                          std::string message,
                                                          std::string field = {}) {
  return std::unexpected(RequestError{.status = status,
                                      .code = std::move(code),
                                      .message = std::move(message),
                                      .field = std::move(field)});
}

template <typename Spec>
struct StreamRequest {
  // Empty: that of the group; of several "239.1.1.1-239.1.1.9", and each has that of its group;
  // with "#2", "#3" ... behind them where these are taken.
  std::string name;
  bool detach = false;
  // One for each group of `count`, without names.
  std::vector<Spec> streams;
};

template <typename Spec>
inline constexpr std::string_view kKind =
    std::is_same_v<Spec, ReceiverSpec> ? "receiver" : "sender";
[[nodiscard]] std::unexpected<RequestError> no_such_stream(std::string_view kind,
                                                           const std::string& name);

// A stream came or went.
struct StreamChange {
  bool added = false;
  std::string_view kind;
  std::string name;
  IpAddress group;
  StreamOrigin origin = StreamOrigin::kConfigured;
};

class StreamSet {
 public:
  // An ad hoc stream ends so long after its newest renewal.
  static constexpr Nanoseconds kRenewWithin = 10 * kSecond;
  static constexpr std::size_t kMaxRequests = 1'000;  // ad hoc ones, of both kinds

  using OnChange = std::function<void(const StreamChange&)>;

  // `supervisor` outlives it.
  StreamSet(StreamSupervisor& supervisor, OnChange on_change);

  struct Difference {
    std::size_t added = 0;
    std::size_t removed = 0;
    std::size_t replaced = 0;  // the same name, measured anew
    std::size_t updated = 0;   // goes on measuring with other timeouts, labels, IGMP version
    std::size_t unchanged = 0;
  };
  // From now on the configured streams are these. An ad hoc stream gives way to a
  // configured one of its name. Starts them.
  Difference apply(const Configuration& configuration);

  // What follows is there for both specs. All of the streams or none:
  template <typename Spec>
  [[nodiscard]] std::expected<api::StartedStreams, RequestError> add(StreamRequest<Spec> request,
                                                                     Nanoseconds now);
  template <typename Spec>
  [[nodiscard]] std::expected<api::StartedStreams, RequestError> renew(const std::string& name,
                                                                       Nanoseconds now);
  // By the name of a request, or of one of its streams, which is then the only one to go.
  template <typename Spec>
  [[nodiscard]] std::expected<void, RequestError> remove(const std::string& name);
  // Ends what nobody has renewed.
  void expire(Nanoseconds now);

 private:
  template <typename Spec>
  struct Stream {
    StreamId id = 0;
    Spec spec;
    std::string request;  // of ad hoc ones
  };
  struct Request {
    std::vector<std::string> streams;
    bool detached = false;
    Nanoseconds ends = 0;
  };
  template <typename Spec>
  struct OfKind {
    std::map<std::string, Stream<Spec>> streams;
    std::map<std::string, Request> requests;
  };
  template <typename Spec>
  [[nodiscard]] OfKind<Spec>& of() {
    return std::get<OfKind<Spec>>(kinds_);
  }

  template <typename Spec>
  void apply(const std::vector<Spec>& wanted, Difference& difference);
  // One stream more or less, in the supervisor too.
  template <typename Spec>
  void start(const Spec& spec, const std::string& request);
  template <typename Spec>
  void end(const std::string& name);
  // All streams of a request.
  template <typename Spec>
  void end(const Request& request);
  // Names the request and its streams; false: one of these names is taken.
  template <typename Spec>
  [[nodiscard]] bool name_all(StreamRequest<Spec>& request, const std::string& name,
                              const std::string& suffix);
  // An interface has one version, as in the configuration.
  [[nodiscard]] std::expected<void, RequestError> check_forced_version(const ReceiverSpec& wanted);

  StreamSupervisor& supervisor_;
  OnChange on_change_;
  std::tuple<OfKind<ReceiverSpec>, OfKind<SenderSpec>> kinds_;
};

}  // namespace mcast::agent
