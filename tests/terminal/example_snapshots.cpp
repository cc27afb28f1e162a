#include "tests/terminal/example_snapshots.h"

#include <utility>

namespace mcast::test {
namespace {

constexpr std::uint64_t kSize = 200;

}  // namespace

IpAddress example_address(std::string_view text) {
  return IpAddress::parse(text).value();
}

SourceSnapshot example_source(std::string_view address, std::uint64_t packets) {
  SourceSnapshot source;
  source.source = example_address(address);
  source.counters.packets = packets;
  source.counters.bytes = packets * kSize;
  source.sender_id = 0x0d783390;
  source.ttl = 96;
  source.sent_ttl = 100;
  source.dscp = 46;
  source.sent_dscp = 46;
  source.jitter = 12'300;
  source.last_packet_realtime = kExampleNow - 16 * kMillisecond;
  return source;
}

ReceiverSnapshot example_waiting_receiver() {
  ReceiverSnapshot receiver;
  receiver.spec.group = example_address("239.0.10.101");
  receiver.interface = "eth1";
  return receiver;
}

ReceiverSnapshot example_receiver(std::uint64_t packets) {
  ReceiverSnapshot receiver = example_waiting_receiver();
  receiver.state = ReceiverState::kReceiving;
  receiver.join_delay = 12'300 * kMicrosecond;
  receiver.active_senders = 1;
  receiver.senders_seen = 1;
  receiver.sources.push_back(example_source("10.1.1.1", packets));
  receiver.last_packet_realtime = receiver.sources[0].last_packet_realtime;
  return receiver;
}

ReceiverSnapshot example_group(std::uint32_t index, std::uint64_t packets) {
  ReceiverSnapshot receiver =
      index % 100 == 50 ? example_waiting_receiver() : example_receiver(packets);
  receiver.spec.group = example_address("239.0.10.1").plus(index);
  if (receiver.sources.empty()) return receiver;
  SourceSnapshot& source = receiver.sources[0];
  if (index % 50 == 7) {
    source.counters.lost = packets / (index + 3);
    source.longest_interruption = 1'240 * kMillisecond;
  }
  if (index % 200 == 9) {
    source.dscp = 0;
    source.counters.remarked = packets;
  }
  if (index % 300 == 11) receiver.state = ReceiverState::kStalled;
  if (index == 13) {
    receiver.state = ReceiverState::kFailed;
    receiver.error = "join 239.0.10.14 on eth1: No buffer space available";
  }
  return receiver;
}

SenderSnapshot example_sender(std::uint64_t packets) {
  SenderSnapshot sender;
  sender.spec.group = example_address("239.0.10.101");
  sender.spec.dscp = 46;
  sender.interface = "eth1";
  sender.sender_id = 0x0d783390;
  sender.packets = packets;
  sender.bytes = packets * kSize;
  for (std::uint64_t i = 0; i < packets; ++i) sender.schedule_lag.observe(0.00008);
  return sender;
}

cli::RateHistory example_history(int seconds, std::uint64_t lost) {
  cli::RateHistory history;
  cli::RateHistory::Totals totals;
  history.add(0, totals);
  for (int second = 0; second < seconds; ++second) {
    const std::uint64_t lost_now = second % 10 == 4 ? lost : 0;
    totals.packets += 25 - lost_now;
    totals.bytes += (25 - lost_now) * kSize;
    totals.lost += lost_now;
    history.add((second + 1) * kSecond, totals);
  }
  return history;
}

cli::ReceiveViewInput example_input(std::vector<ReceiverSnapshot> receivers) {
  cli::ReceiveViewInput input;
  input.receivers = std::move(receivers);
  input.interface_address = "10.1.1.2";
  input.version_requested = 3;
  input.version_in_operation = 3;
  input.elapsed = 83 * kSecond;
  input.duration = 600 * kSecond;
  input.now = kExampleNow;
  return input;
}

cli::SendViewInput example_input(std::vector<SenderSnapshot> senders) {
  cli::SendViewInput input;
  input.senders = std::move(senders);
  input.local_address = "10.1.1.1";
  input.elapsed = 83 * kSecond;
  input.duration = 600 * kSecond;
  return input;
}

}  // namespace mcast::test
