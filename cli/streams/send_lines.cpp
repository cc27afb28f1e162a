#include "cli/streams/send_lines.h"

#include <algorithm>

#include "api/json_values.h"
#include "base/dscp.h"
#include "base/text.h"
#include "cli/terminal/line_text.h"

namespace mcast::cli {
namespace {

std::uint64_t packets_of(const std::vector<SenderSnapshot>& streams) {
  std::uint64_t sum = 0;
  for (const SenderSnapshot& stream : streams) sum += stream.packets;
  return sum;
}

std::string errors_text(const std::vector<SenderSnapshot>& streams) {
  const std::uint64_t errors = send_errors(streams);
  std::string text = std::to_string(errors) + (errors == 1 ? " error" : " errors");
  const auto failing = std::ranges::find_if(
      streams, [](const SenderSnapshot& stream) { return !stream.error.empty(); });
  if (failing != streams.end()) text += " (" + printable(failing->error, 300) + ")";
  return text;
}

}  // namespace

std::string sending_line(const std::vector<SenderSnapshot>& streams) {
  const SenderSnapshot& first = streams.front();
  const SenderSpec& spec = first.spec;
  std::string text = "sending to " + spec.group.to_string();
  if (streams.size() > 1) text += " to " + streams.back().spec.group.to_string();
  text += " port " + std::to_string(spec.port);
  if (first.local_address) text += " from " + first.local_address->to_string();
  text += " on " + printable(first.interface) + ": " + plain_number(spec.packets_per_second) +
          " pps of " + std::to_string(spec.size) + " bytes";
  if (streams.size() > 1) text += " to each";
  return text + ", TTL " + std::to_string(spec.ttl) + ", DSCP " + describe_dscp(spec.dscp) +
         ", sender ID " + api::sender_id_text(first.sender_id);
}

std::string status_line(const std::vector<SenderSnapshot>& streams, double pps) {
  return "sending: " + std::to_string(packets_of(streams)) + " packets, " + decimal_text(pps, 1) +
         " pps, " + errors_text(streams);
}

std::string summary_lines(const SendResult& result) {
  const double elapsed = to_seconds(result.elapsed);
  const auto packets = packets_of(result.senders);
  std::uint64_t bytes = 0;
  for (const SenderSnapshot& stream : result.senders) bytes += stream.bytes;
  return "sent " + std::to_string(packets) + " packets (" + std::to_string(bytes) + " bytes) in " +
         decimal_text(elapsed, 1) + " s, " + errors_text(result.senders);
}

}  // namespace mcast::cli
