#include "agent/run/stream_set.h"

#include <algorithm>
#include <set>
#include <type_traits>
#include <utility>

#include "base/text.h"
#include "probe/stream_settings.h"

namespace mcast::agent {
namespace {

template <typename Spec>
constexpr StreamKind kKindOf =
    std::is_same_v<Spec, ReceiverSpec> ? StreamKind::kReceiver : StreamKind::kSender;

RequestError not_found(StreamKind kind, const std::string& name) {
  return {.status = 404,
          .code = "not_found",
          .message = "there is no " + std::string(to_string(kind)) + " " + quote(name)};
}

RequestError is_configured(const std::string& name) {
  return {.status = 409,
          .code = "configured",
          .message = quote(name) + " belongs to the configuration file: change it there and reload",
          .field = "name"};
}

}  // namespace

std::string_view to_string(StreamKind kind) {
  return kind == StreamKind::kReceiver ? "receiver" : "sender";
}

StreamSet::StreamSet(StreamSupervisor& supervisor, OnChange on_change)
    : supervisor_(supervisor), on_change_(std::move(on_change)) {}

template <typename Spec>
void StreamSet::start(OfKind<Spec>& kind, const Spec& spec, std::string request) {
  kind.streams.insert_or_assign(
      spec.name,
      Stream<Spec>{.id = supervisor_.add(spec), .spec = spec, .request = std::move(request)});
  if (!on_change_) return;
  on_change_({.added = true,
              .kind = kKindOf<Spec>,
              .name = spec.name,
              .group = spec.group,
              .origin = spec.origin});
}

template <typename Spec>
void StreamSet::end(OfKind<Spec>& kind, const std::string& name) {
  const auto found = kind.streams.find(name);
  if (found == kind.streams.end()) return;
  const Stream<Spec> stream = std::move(found->second);
  kind.streams.erase(found);
  if constexpr (kKindOf<Spec> == StreamKind::kReceiver) {
    supervisor_.remove_receiver(stream.id);
  } else {
    supervisor_.remove_sender(stream.id);
  }
  if (!stream.request.empty()) {
    if (const auto request = kind.requests.find(stream.request); request != kind.requests.end()) {
      std::erase(request->second.streams, stream.spec.name);
      if (request->second.streams.empty()) kind.requests.erase(request);
    }
  }
  if (!on_change_) return;
  on_change_({.added = false,
              .kind = kKindOf<Spec>,
              .name = stream.spec.name,
              .group = stream.spec.group,
              .origin = stream.spec.origin});
}

template <typename Spec>
void StreamSet::apply(OfKind<Spec>& kind, const std::vector<Spec>& wanted, Difference& difference) {
  std::set<std::string_view> names;
  for (const Spec& spec : wanted) names.insert(spec.name);
  // What goes makes room first: for names, memberships and forced IGMP versions.
  std::vector<std::string> gone;
  for (const auto& [name, stream] : kind.streams) {
    if (stream.spec.origin == StreamOrigin::kConfigured && !names.contains(name)) {
      gone.push_back(name);
    }
  }
  for (const std::string& name : gone) end(kind, name);
  difference.removed += gone.size();

  for (const Spec& spec : wanted) {
    // A request of several streams has a name of its own.
    if (const auto request = kind.requests.find(spec.name);
        request != kind.requests.end() && !kind.streams.contains(spec.name)) {
      const std::vector<std::string> streams = request->second.streams;
      for (const std::string& stream : streams) end(kind, stream);
    }
    const auto found = kind.streams.find(spec.name);
    if (found == kind.streams.end()) {
      start(kind, spec, "");
      ++difference.added;
    } else if (found->second.spec == spec) {
      ++difference.unchanged;
    } else if (found->second.request.empty() &&
               differ_in_live_keys_only(found->second.spec, spec)) {
      supervisor_.update(found->second.id, spec);
      found->second.spec = spec;
      ++difference.updated;
    } else {
      end(kind, spec.name);
      start(kind, spec, "");
      ++difference.replaced;
    }
  }
}

StreamSet::Difference StreamSet::apply(const Configuration& configuration) {
  Difference difference;
  apply(receivers_, configuration.receivers, difference);
  apply(senders_, configuration.senders, difference);
  supervisor_.reconcile();
  return difference;
}

template <typename Spec>
bool StreamSet::is_free(const OfKind<Spec>& kind, const std::string& name, std::size_t count) {
  if (kind.requests.contains(name) || kind.streams.contains(name)) return false;
  for (std::size_t i = 1; i <= count; ++i) {
    if (kind.streams.contains(name_in_range(name, i, count))) return false;
  }
  return true;
}

template <typename Spec>
std::expected<StreamSet::AdHoc, RequestError> StreamSet::add(OfKind<Spec>& kind,
                                                             StreamRequest<Spec> request,
                                                             Nanoseconds now) {
  const std::size_t count = request.streams.size();
  if (receivers_.requests.size() + senders_.requests.size() >= kMaxRequests) {
    return std::unexpected(RequestError{
        .status = 429,
        .code = "too_many",
        .message = "there are " + std::to_string(kMaxRequests) + " ad hoc requests already"});
  }
  if (receivers() + senders() + count > kMaxStreams) {
    return std::unexpected(RequestError{
        .status = 429,
        .code = "too_many",
        .message = "more than " + std::to_string(kMaxStreams) + " senders and receivers",
        .field = "count"});
  }
  if (request.name.empty()) {
    const std::string group = request.streams.front().group.to_string();
    request.name = group;
    for (int number = 2; !is_free(kind, request.name, count); ++number) {
      request.name = group + "-" + std::to_string(number);
    }
  } else if (!is_free(kind, request.name, count)) {
    return std::unexpected(RequestError{.status = 409,
                                        .code = "name_exists",
                                        .message = "there is a " +
                                                   std::string(to_string(kKindOf<Spec>)) + " " +
                                                   quote(request.name) + " already",
                                        .field = "name"});
  }
  Request& made = kind.requests[request.name];
  made.detached = request.detach;
  made.ends = now + kRenewWithin;
  for (std::size_t i = 0; i < count; ++i) {
    Spec& spec = request.streams[i];
    spec.name = name_in_range(request.name, i + 1, count);
    made.streams.push_back(spec.name);
    start(kind, spec, request.name);
  }
  supervisor_.reconcile();
  return AdHoc{.name = request.name, .streams = made.streams, .detached = made.detached};
}

std::expected<StreamSet::AdHoc, RequestError> StreamSet::add(StreamRequest<ReceiverSpec> request,
                                                             Nanoseconds now) {
  // As in the configuration: an interface has one version.
  const ReceiverSpec& wanted = request.streams.front();
  for (const auto& [name, stream] : receivers_.streams) {
    const ReceiverSpec& other = stream.spec;
    if (!wanted.igmp_version || !other.igmp_version || wanted.interface.empty() ||
        other.interface != wanted.interface || other.igmp_version == wanted.igmp_version) {
      continue;
    }
    return std::unexpected(
        RequestError{.status = 409,
                     .code = "igmp_version_in_use",
                     .message = "receiver " + quote(name) + " forces IGMP version " +
                                std::to_string(*other.igmp_version) + " on " + wanted.interface +
                                ", and an interface has only one",
                     .field = "igmp_version"});
  }
  return add(receivers_, std::move(request), now);
}

std::expected<StreamSet::AdHoc, RequestError> StreamSet::add(StreamRequest<SenderSpec> request,
                                                             Nanoseconds now) {
  return add(senders_, std::move(request), now);
}

template <typename Spec>
std::expected<StreamSet::AdHoc, RequestError> StreamSet::renew(OfKind<Spec>& kind,
                                                               const std::string& name,
                                                               Nanoseconds now) {
  const auto found = kind.requests.find(name);
  if (found == kind.requests.end()) {
    if (kind.streams.contains(name) && kind.streams.at(name).request.empty()) {
      return std::unexpected(is_configured(name));
    }
    return std::unexpected(not_found(kKindOf<Spec>, name));
  }
  found->second.ends = now + kRenewWithin;
  return AdHoc{.name = name, .streams = found->second.streams, .detached = found->second.detached};
}

std::expected<StreamSet::AdHoc, RequestError> StreamSet::renew(StreamKind kind,
                                                               const std::string& name,
                                                               Nanoseconds now) {
  return kind == StreamKind::kReceiver ? renew(receivers_, name, now) : renew(senders_, name, now);
}

template <typename Spec>
std::expected<void, RequestError> StreamSet::remove(OfKind<Spec>& kind, const std::string& name) {
  if (const auto request = kind.requests.find(name); request != kind.requests.end()) {
    // end() takes the names out of the request, and the request with the last one.
    const std::vector<std::string> streams = request->second.streams;
    for (const std::string& stream : streams) end(kind, stream);
  } else if (const auto stream = kind.streams.find(name); stream == kind.streams.end()) {
    return std::unexpected(not_found(kKindOf<Spec>, name));
  } else if (stream->second.request.empty()) {
    return std::unexpected(is_configured(name));
  } else {
    end(kind, name);
  }
  supervisor_.reconcile();
  return {};
}

std::expected<void, RequestError> StreamSet::remove(StreamKind kind, const std::string& name) {
  return kind == StreamKind::kReceiver ? remove(receivers_, name) : remove(senders_, name);
}

template <typename Spec>
bool StreamSet::expire(OfKind<Spec>& kind, Nanoseconds now) {
  std::vector<std::string> over;
  for (const auto& [name, request] : kind.requests) {
    if (request.detached || now < request.ends) continue;
    over.insert(over.end(), request.streams.begin(), request.streams.end());
  }
  for (const std::string& stream : over) end(kind, stream);
  return !over.empty();
}

void StreamSet::expire(Nanoseconds now) {
  const bool receivers_ended = expire(receivers_, now);
  const bool senders_ended = expire(senders_, now);
  if (receivers_ended || senders_ended) supervisor_.reconcile();
}

}  // namespace mcast::agent
