#include "tests/unit/exporter/rich_input.h"

#include "tests/unit/exporter/metrics_of.h"

namespace mcast::test {
namespace {

constexpr Nanoseconds kMoment = 1'700'000'000 * kSecond + 250 * kMillisecond;

ReceiverSnapshot asm_receiver_with_two_senders() {
  ReceiverSnapshot receiver = hearing_receiver();
  receiver.spec.name = "video-a";
  receiver.spec.labels = {{"site", "lab 1"}, {"note", "say \"hi\"\nC:\\x Zürich"}};
  receiver.stalls = 2;
  receiver.stalled_time = 12'500 * kMillisecond;
  receiver.join_delay = 1'500 * kMicrosecond;
  receiver.last_packet_realtime = kMoment;
  receiver.rejected = {.foreign = 5, .version = 4, .truncated = 3, .stale = 2, .implausible = 1};
  receiver.active_senders = 2;
  receiver.senders_seen = 3;

  SourceSnapshot& first = receiver.sources.front();
  first.counters.packets = 123'456'789;
  first.counters.bytes = 24'691'357'800;
  first.counters.lost = 1'007;
  first.counters.outage_lost = 1'000;
  first.counters.late = 7;
  first.counters.duplicates = 3;
  first.counters.reordered = 11;
  first.counters.errored_seconds = 4;
  first.counters.ttl_changes = 1;
  first.counters.remarked = 99;
  first.counters.loss_bursts.observe(7);
  first.counters.loss_bursts.observe(1000);
  first.counters.interruptions.observe(0.28);
  first.counters.interruptions.observe(40);
  first.restarts = 1;
  first.longest_interruption = 40 * kSecond;
  first.gaps = {
      {.realtime = kMoment - 60 * kSecond, .length = 280 * kMillisecond, .lost_packets = 7}};
  first.overdue = 12;
  first.ttl = 97;
  first.sent_ttl = 100;
  first.dscp = 10;
  first.sent_dscp = 46;
  first.jitter = 12'345;
  first.last_packet_realtime = kMoment;

  SourceSnapshot second;
  second.source = address("10.1.1.2");
  second.counters.packets = 1;
  second.counters.bytes = 200;
  second.ttl = 64;
  second.sent_ttl = 1;
  second.last_packet_realtime = kMoment - kSecond;
  receiver.sources.push_back(second);
  return receiver;
}

std::vector<ReceiverSnapshot> receivers() {
  ReceiverSnapshot ssm = waiting_receiver();
  ssm.spec.name = "ssm";
  ssm.spec.group = address("232.1.1.1");
  ssm.spec.source = address("10.1.1.1");
  ssm.state = ReceiverState::kStalled;
  ssm.stalls = 1;
  ssm.stalled_time = kSecond / 4;

  ReceiverSnapshot failed = waiting_receiver();
  failed.spec.name = "failed";
  failed.spec.port = 5000;
  failed.interface = "absent0";
  failed.state = ReceiverState::kFailed;
  failed.error = "no interface absent0";
  failed.untracked_packets = 8;

  ReceiverSnapshot six = waiting_receiver();
  six.spec.name = "six";
  six.spec.group = address("ff3e::1:2");
  six.spec.source = address("2001:db8::1");
  return {asm_receiver_with_two_senders(), ssm, failed, six};
}

std::vector<SenderSnapshot> senders() {
  SenderSnapshot sending;
  sending.spec.name = "video-a";
  sending.spec.group = address("239.0.10.101");
  sending.spec.packets_per_second = 1'234.5;
  sending.spec.labels = {{"site", "lab 1"}};
  sending.interface = "eth1";
  sending.packets = 1'000'000;
  sending.bytes = 200'000'000;
  sending.errors = {{"EMSGSIZE", 2}, {"ENOBUFS", 17}};
  sending.skipped = 25;
  sending.schedule_lag.observe(0.000015);
  sending.schedule_lag.observe(0.003);
  sending.schedule_lag.observe(2);

  SenderSnapshot finished;
  finished.spec.name = "once";
  finished.spec.group = address("239.0.10.102");
  finished.interface = "lo";
  finished.state = SenderState::kFinished;
  return {sending, finished};
}

netlink::HostSnapshot host() {
  netlink::HostSnapshot result;
  result.links.push_back({.index = 1,
                          .name = "lo",
                          .up = true,
                          .carrier = true,
                          .loopback = true,
                          .multicast = false,
                          .mtu = 65'536});
  result.links.push_back({.index = 2,
                          .name = "eth1",
                          .up = true,
                          .carrier = true,
                          .loopback = false,
                          .multicast = true,
                          .mtu = 1'500});
  result.addresses = {{.ifindex = 1, .address = address("127.0.0.1"), .prefix_length = 8},
                      {.ifindex = 2, .address = address("10.1.1.9"), .prefix_length = 24},
                      {.ifindex = 2, .address = address("fe80::1"), .prefix_length = 64}};
  result.memberships = {{.ifindex = 1, .group = address("224.0.0.1"), .users = 1},
                        {.ifindex = 2, .group = address("239.0.10.101"), .users = 3},
                        {.ifindex = 2, .group = address("ff02::1"), .users = 1},
                        {.ifindex = 77, .group = address("224.0.0.1"), .users = 1}};
  result.source_filters = {{.ifindex = 2,
                            .group = address("232.1.1.1"),
                            .source = address("10.1.1.1"),
                            .includes = 1,
                            .excludes = 0}};
  result.protocols = {{.ifindex = 1, .name = "lo", .version = 3, .forced_version = 0},
                      {.ifindex = 2, .name = "eth1", .version = 2, .forced_version = 2},
                      {.ifindex = 2, .name = "eth1", .family = Family::kIpv6, .version = 1}};
  result.routes = {{.source = address("10.1.1.1"),
                    .group = address("239.0.10.101"),
                    .incoming = 2,
                    .outgoing = {{.ifindex = 3, .ttl_threshold = 1}},
                    .packets = 1'000,
                    .bytes = 228'000,
                    .wrong_interface_packets = 7},
                   {.source = address("10.1.1.3"),
                    .group = address("239.0.10.101"),
                    .incoming = 0,
                    .outgoing = {},
                    .packets = 0,
                    .bytes = 0,
                    .wrong_interface_packets = 0}};
  result.changes = {{.interface = "eth1", .joins = 5, .leaves = 2},
                    {.interface = "eth1", .family = Family::kIpv6, .joins = 3, .leaves = 0}};
  return result;
}

std::vector<netlink::InterfaceActivity> igmp() {
  netlink::InterfaceActivity quiet;
  quiet.ifindex = 1;
  netlink::InterfaceActivity asked;
  asked.ifindex = 2;
  asked.querier.emplace();
  asked.querier->address = address("10.1.1.254");
  asked.querier->version = 3;
  asked.queries = 12;
  asked.last_query =
      netlink::MessageTimes{.monotonic = 5 * kSecond, .realtime = 1'700'000'000 * kSecond};
  asked.bad_messages = 2;
  asked.reports_sent = {0, 3, 40};
  netlink::InterfaceActivity mld;
  mld.ifindex = 2;
  mld.family = Family::kIpv6;
  mld.querier.emplace();
  mld.querier->address = address("fe80::9");
  mld.querier->version = 1;
  mld.queries = 6;
  mld.last_query =
      netlink::MessageTimes{.monotonic = 6 * kSecond, .realtime = 1'700'000'001 * kSecond};
  mld.invalid_queries = 4;
  mld.reports_sent = {8, 4, 0};
  return {quiet, asked, mld};
}

std::vector<findings::StreamFindings> findings() {
  using findings::Check;
  using findings::Verdict;
  findings::StreamFindings stream;
  stream.subject.stream = "video \"a\"";
  stream.findings = {{.check = Check::kInterfaceDown,
                      .verdict = Verdict::kFine,
                      .seen = "eth1 is up",
                      .meaning = "",
                      .remedy = ""},
                     {.check = Check::kReversePathFilter,
                      .verdict = Verdict::kFound,
                      .seen = "it is",
                      .meaning = "so it goes",
                      .remedy = "sysctl"},
                     {.check = Check::kNoQuerier,
                      .verdict = Verdict::kUnknown,
                      .seen = "nobody listened",
                      .meaning = "",
                      .remedy = ""}};
  findings::StreamFindings sender;
  sender.subject.stream = "tone";
  sender.subject.sending = findings::Sending{};
  sender.findings = {{.check = Check::kInterfaceDown,
                      .verdict = Verdict::kFound,
                      .seen = "eth1 has no carrier",
                      .meaning = "so it goes",
                      .remedy = "ip"},
                     {.check = Check::kNoRouteToGroup,
                      .verdict = Verdict::kFine,
                      .seen = "eth1 is named",
                      .meaning = "",
                      .remedy = ""}};
  return {stream, sender};
}

}  // namespace

std::string RichInput::text() const {
  return exporter::metrics_text({.probe = probe,
                                 .host = host,
                                 .igmp = igmp,
                                 .findings = findings,
                                 .agent = agent,
                                 .collectors = collectors,
                                 .undecodable = undecodable,
                                 .process = process});
}

RichInput rich_input() {
  RichInput input;
  input.probe.receivers = receivers();
  input.probe.senders = senders();
  input.probe.sockets = {
      {.port = 19'779, .family = Family::kIpv4, .drops = 6, .datagrams = 500, .not_joined = 4},
      {.port = 5'000, .family = Family::kIpv6, .drops = 0, .datagrams = 0, .not_joined = 0}};
  input.host = host();
  input.igmp = igmp();
  input.findings = findings();
  input.undecodable = {{.source = "host", .times = 0}, {.source = "igmp", .times = 2}};
  input.agent = {.version = "0.1.0",
                 .revision = "0123abc",
                 .compiler = "GCC 12.2.0",
                 .config_last_reload_successful = true,
                 .config_last_reload_success_timestamp_seconds = 1'700'000'000.5,
                 .igmp_socket_drops = 3};
  input.collectors = {{.collector = "probe", .duration_seconds = 0.0005, .success = true},
                      {.collector = "host", .duration_seconds = 0.125, .success = false}};
  input.process = {.cpu_seconds = 1.25,
                   .open_fds = 30,
                   .max_fds = 1'024,
                   .virtual_memory_bytes = 104'857'600,
                   .virtual_memory_max_bytes = 8'589'934'592,
                   .resident_memory_bytes = 10'485'760,
                   .threads = 6,
                   .start_time_seconds = 1'699'999'000.25};
  return input;
}

}  // namespace mcast::test
