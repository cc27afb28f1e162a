#include "streams/silent_receivers.h"

#include <cstdint>

namespace mcast {
namespace {

findings::Subject subject_of(const ReceiverSnapshot& receiver) {
  return {.stream = receiver.spec.name,
          .group = receiver.spec.group,
          .source = receiver.spec.source,
          .interface = receiver.interface,
          .port = receiver.spec.port,
          .expects_probe_packets = true,
          .failure = receiver.error};
}

std::uint64_t datagrams_of(const ReceiverSnapshot& receiver) {
  const RejectedPackets& rejected = receiver.rejected;
  std::uint64_t datagrams = receiver.untracked_packets + rejected.foreign + rejected.version +
                            rejected.truncated + rejected.stale + rejected.implausible;
  for (const SourceSnapshot& source : receiver.sources) datagrams += source.counters.packets;
  return datagrams;
}

}  // namespace

void SilentReceivers::look(const std::vector<ReceiverSnapshot>& receivers,
                           const std::vector<SocketSnapshot>& sockets) {
  subjects_.clear();
  deliveries_.clear();
  std::map<std::uint16_t, std::uint64_t> drops;  // by port
  for (const SocketSnapshot& socket : sockets) drops[socket.port] += socket.drops;
  for (const ReceiverSnapshot& receiver : receivers) {
    subjects_.push_back(subject_of(receiver));
    deliveries_[receiver.spec.name] = {.datagrams = datagrams_of(receiver),
                                       .drops = drops[receiver.spec.port]};
  }
}

Result<findings::Delivery> SilentReceivers::delivery(const findings::Subject& subject) const {
  const auto found = deliveries_.find(subject.stream);
  if (found == deliveries_.end()) return fail("the stream is not silent any more");
  return found->second;
}

}  // namespace mcast
