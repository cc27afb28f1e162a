// Which streams the agent runs: those of the configuration, and ad hoc ones that clients
// of the API asked for. Applies what a reload changes, and ends ad hoc streams whose
// client no longer renews them. One thread, the program's main loop.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/configuration/configuration.h"
#include "agent/configuration/stream_request.h"
#include "base/clock.h"
#include "streams/stream_supervisor.h"

namespace mcast::agent {

enum class StreamKind : std::uint8_t { kReceiver, kSender };
// "receiver", "sender"
[[nodiscard]] std::string_view to_string(StreamKind kind);

// A stream came or went.
struct StreamChange {
  bool added = false;
  StreamKind kind = StreamKind::kReceiver;
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

  // `supervisor` outlives it; `on_change` may be empty.
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

  // What a request made.
  struct AdHoc {
    std::string name;                  // of the request; of its stream, if it is one
    std::vector<std::string> streams;  // all names
    bool detached = false;
  };
  // All of the streams or none.
  [[nodiscard]] std::expected<AdHoc, RequestError> add(StreamRequest<ReceiverSpec> request,
                                                       Nanoseconds now);
  [[nodiscard]] std::expected<AdHoc, RequestError> add(StreamRequest<SenderSpec> request,
                                                       Nanoseconds now);
  [[nodiscard]] std::expected<AdHoc, RequestError> renew(StreamKind kind, const std::string& name,
                                                         Nanoseconds now);
  // By the name of a request, or of one of its streams, which then goes alone.
  [[nodiscard]] std::expected<void, RequestError> remove(StreamKind kind, const std::string& name);
  // Ends what nobody has renewed.
  void expire(Nanoseconds now);

  [[nodiscard]] std::size_t receivers() const { return receivers_.streams.size(); }
  [[nodiscard]] std::size_t senders() const { return senders_.streams.size(); }

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
  void apply(OfKind<Spec>& kind, const std::vector<Spec>& wanted, Difference& difference);
  template <typename Spec>
  std::expected<AdHoc, RequestError> add(OfKind<Spec>& kind, StreamRequest<Spec> request,
                                         Nanoseconds now);
  template <typename Spec>
  std::expected<AdHoc, RequestError> renew(OfKind<Spec>& kind, const std::string& name,
                                           Nanoseconds now);
  template <typename Spec>
  std::expected<void, RequestError> remove(OfKind<Spec>& kind, const std::string& name);
  template <typename Spec>
  bool expire(OfKind<Spec>& kind, Nanoseconds now);

  // One stream more or less, in the supervisor too.
  template <typename Spec>
  void start(OfKind<Spec>& kind, const Spec& spec, std::string request);
  template <typename Spec>
  void end(OfKind<Spec>& kind, const std::string& name);
  template <typename Spec>
  [[nodiscard]] static bool is_free(const OfKind<Spec>& kind, const std::string& name,
                                    std::size_t count);

  StreamSupervisor& supervisor_;
  OnChange on_change_;
  OfKind<ReceiverSpec> receivers_;
  OfKind<SenderSpec> senders_;
};

}  // namespace mcast::agent
