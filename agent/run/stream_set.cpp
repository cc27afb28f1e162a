#include "agent/run/stream_set.h"

#include <algorithm>
#include <set>

#include "base/text.h"
#include "probe/stream_settings.h"

namespace mcast::agent {
namespace {

using Started = std::expected<api::StartedStreams, RequestError>;

std::unexpected<RequestError> is_configured(const std::string& name) {
  return refuse(409, "configured",
                quote(name) + " belongs to the configuration file: change it there and reload",
                "name");
}

}  // namespace

std::unexpected<RequestError> no_such_stream(std::string_view kind, const std::string& name) {
  return refuse(404, "not_found", "there is no " + std::string(kind) + " " + quote(name));
}

StreamSet::StreamSet(StreamSupervisor& supervisor, OnChange on_change)
    : supervisor_(supervisor), on_change_(std::move(on_change)) {}

template <typename Spec>
void StreamSet::start(const Spec& spec, const std::string& request) {
  of<Spec>().streams.insert_or_assign(
      spec.name, Stream<Spec>{.id = supervisor_.add(spec), .spec = spec, .request = request});
  on_change_({.added = true,
              .kind = kKind<Spec>,
              .name = spec.name,
              .group = spec.group,
              .origin = spec.origin});
}

template <typename Spec>
void StreamSet::end(const std::string& name) {
  auto& [streams, requests] = of<Spec>();
  const auto ended = streams.extract(name);
  if (ended.empty()) return;
  const Stream<Spec>& stream = ended.mapped();
  if constexpr (std::is_same_v<Spec, ReceiverSpec>) {
    supervisor_.remove_receiver(stream.id);
  } else {
    supervisor_.remove_sender(stream.id);
  }
  if (const auto request = requests.find(stream.request); request != requests.end()) {
    std::erase(request->second.streams, stream.spec.name);
    if (request->second.streams.empty()) requests.erase(request);
  }
  on_change_({.added = false,
              .kind = kKind<Spec>,
              .name = stream.spec.name,
              .group = stream.spec.group,
              .origin = stream.spec.origin});
}

template <typename Spec>
void StreamSet::end(const Request& request) {
  // The request goes with its last stream.
  const std::vector<std::string> streams = request.streams;
  for (const std::string& stream : streams) end<Spec>(stream);
}

template <typename Spec>
void StreamSet::apply(const std::vector<Spec>& wanted, Difference& difference) {
  auto& [streams, requests] = of<Spec>();
  std::set<std::string_view> names;
  for (const Spec& spec : wanted) names.insert(spec.name);
  // What goes makes room first: for names, memberships and forced IGMP versions.
  std::vector<std::string> gone;
  for (const auto& [name, stream] : streams) {
    if (stream.spec.origin == StreamOrigin::kConfigured && !names.contains(name)) {
      gone.push_back(name);
    }
  }
  for (const std::string& name : gone) end<Spec>(name);
  difference.removed += gone.size();

  for (const Spec& spec : wanted) {
    // A request of several streams has a name of its own.
    if (const auto request = requests.find(spec.name);
        request != requests.end() && !streams.contains(spec.name)) {
      end<Spec>(request->second);
    }
    const auto found = streams.find(spec.name);
    if (found == streams.end()) {
      start(spec, "");
      ++difference.added;
    } else if (found->second.spec == spec) {
      ++difference.unchanged;
    } else if (found->second.request.empty() &&
               differ_in_live_keys_only(found->second.spec, spec)) {
      supervisor_.update(found->second.id, spec);
      found->second.spec = spec;
      ++difference.updated;
    } else {
      end<Spec>(spec.name);
      start(spec, "");
      ++difference.replaced;
    }
  }
}

StreamSet::Difference StreamSet::apply(const Configuration& configuration) {
  Difference difference;
  apply(configuration.receivers, difference);
  apply(configuration.senders, difference);
  supervisor_.reconcile();
  return difference;
}

template <typename Spec>
bool StreamSet::name_all(StreamRequest<Spec>& request, const std::string& name,
                         const std::string& suffix) {
  const auto& [streams, requests] = of<Spec>();
  const std::size_t count = request.streams.size();
  const std::string group = request.streams.front().group.to_string();
  request.name = name;
  if (name.empty()) {
    request.name = group + (count == 1 ? "" : "-" + request.streams.back().group.to_string());
  }
  request.name += suffix;
  if (requests.contains(request.name) || streams.contains(request.name)) return false;
  for (std::size_t i = 0; i < count; ++i) {
    Spec& spec = request.streams[i];
    spec.name = name.empty() ? spec.group.to_string() + suffix : name_in_range(name, i + 1, count);
    if (streams.contains(spec.name)) return false;
  }
  return true;
}

std::expected<void, RequestError> StreamSet::check_forced_version(const ReceiverSpec& wanted) {
  const auto& version = wanted.wanted_version();
  if (!version || wanted.interface.empty()) return {};
  const Family family = wanted.group.family();
  for (const auto& [name, stream] : of<ReceiverSpec>().streams) {
    const ReceiverSpec& other = stream.spec;
    const auto& others = other.wanted_version();
    if (!others || other.group.family() != family || other.interface != wanted.interface ||
        others == version) {
      continue;
    }
    const bool is_v4 = family == Family::kIpv4;
    return refuse(409, is_v4 ? "igmp_version_in_use" : "mld_version_in_use",
                  "receiver " + quote(name) + " forces " +
                      std::string(membership_protocol(family)) + " version " +
                      std::to_string(*others) + " on " + wanted.interface +
                      ", and an interface has only one",
                  is_v4 ? "igmp_version" : "mld_version");
  }
  return {};
}

template <typename Spec>
Started StreamSet::add(StreamRequest<Spec> request, Nanoseconds now) {
  const auto& [receivers, senders] = kinds_;
  const std::size_t count = request.streams.size();
  if constexpr (std::is_same_v<Spec, ReceiverSpec>) {
    const auto checked = check_forced_version(request.streams.front());
    if (!checked) return std::unexpected(checked.error());
  }
  if (receivers.requests.size() + senders.requests.size() >= kMaxRequests) {
    return refuse(429, "too_many",
                  "there are " + std::to_string(kMaxRequests) + " ad hoc requests already");
  }
  if (receivers.streams.size() + senders.streams.size() + count > kMaxStreams) {
    return refuse(429, "too_many",
                  "more than " + std::to_string(kMaxStreams) + " senders and receivers", "count");
  }
  const std::string given = request.name;
  bool is_free = name_all(request, given, "");
  if (!is_free && !given.empty()) {
    return refuse(409, "name_exists",
                  "there is a " + std::string(kKind<Spec>) + " " + quote(given) + " already",
                  "name");
  }
  for (int number = 2; !is_free; ++number) {
    is_free = name_all(request, "", "#" + std::to_string(number));
  }
  Request& made = of<Spec>().requests[request.name];
  made.detached = request.detach;
  for (const Spec& spec : request.streams) {
    made.streams.push_back(spec.name);
    start(spec, request.name);
  }
  supervisor_.reconcile();
  return renew<Spec>(request.name, now);
}

template <typename Spec>
Started StreamSet::renew(const std::string& name, Nanoseconds now) {
  auto& [streams, requests] = of<Spec>();
  const auto found = requests.find(name);
  if (found == requests.end()) {
    const auto stream = streams.find(name);
    if (stream != streams.end() && stream->second.request.empty()) return is_configured(name);
    return no_such_stream(kKind<Spec>, name);
  }
  found->second.ends = now + kRenewWithin;
  api::StartedStreams started{
      .name = name, .streams = found->second.streams, .renew_within = kRenewWithin};
  if (found->second.detached) started.renew_within.reset();
  return started;
}

template <typename Spec>
std::expected<void, RequestError> StreamSet::remove(const std::string& name) {
  const auto& [streams, requests] = of<Spec>();
  if (const auto request = requests.find(name); request != requests.end()) {
    end<Spec>(request->second);
  } else if (const auto stream = streams.find(name); stream == streams.end()) {
    return no_such_stream(kKind<Spec>, name);
  } else if (stream->second.request.empty()) {
    return is_configured(name);
  } else {
    end<Spec>(name);
  }
  supervisor_.reconcile();
  return {};
}

template Started StreamSet::add(StreamRequest<ReceiverSpec>, Nanoseconds);
template Started StreamSet::add(StreamRequest<SenderSpec>, Nanoseconds);
template Started StreamSet::renew<ReceiverSpec>(const std::string&, Nanoseconds);
template Started StreamSet::renew<SenderSpec>(const std::string&, Nanoseconds);
template std::expected<void, RequestError> StreamSet::remove<ReceiverSpec>(const std::string&);
template std::expected<void, RequestError> StreamSet::remove<SenderSpec>(const std::string&);

void StreamSet::expire(Nanoseconds now) {
  bool ended = false;
  const auto expire_of = [&]<typename Spec>(const OfKind<Spec>& kind) {
    std::vector<Request> over;
    for (const auto& [name, request] : kind.requests) {
      if (!request.detached && now >= request.ends) over.push_back(request);
    }
    for (const Request& request : over) end<Spec>(request);
    ended = ended || !over.empty();
  };
  std::apply([&](const auto&... kinds) { (expire_of(kinds), ...); }, kinds_);
  if (ended) supervisor_.reconcile();
}

}  // namespace mcast::agent
