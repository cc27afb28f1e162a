#include "exporter/families.h"

#include <optional>
#include <string_view>

namespace mcast::exporter {
namespace {

// A family of one series without labels; nothing when the value is not known.
void add_single(Kind kind, std::string_view name, std::string_view help,
                std::optional<double> value, Families& families) {
  FamilyBuilder family(families, kind, name, help);
  if (value) family.add(LabelSet{}, *value);
}
}  // namespace

void add_agent_families(const AgentFacts& agent, Families& families) {
  FamilyBuilder build(families, Kind::kGauge, "mcast_agent_build_info",
                      "What this agent was built from and with. Always 1.");
  LabelSet labels;
  labels.add("version", agent.version)
      .add("revision", agent.revision)
      .add("compiler", agent.compiler);
  build.add(labels, 1.0);

  add_single(Kind::kGauge, "mcast_agent_config_last_reload_successful",
             "1 if the configuration was read without an error the last time, else 0.",
             agent.config_last_reload_successful ? 1.0 : 0.0, families);
  const double reloaded = agent.config_last_reload_success_timestamp_seconds;
  add_single(Kind::kGauge, "mcast_agent_config_last_reload_success_timestamp_seconds",
             "When the configuration was last read without an error, since 1970.",
             reloaded > 0 ? std::optional(reloaded) : std::nullopt, families);
  add_single(Kind::kCounter, "mcast_agent_igmp_socket_drops_total",
             "IGMP messages that the kernel had no room for in this agent's sockets.",
             static_cast<double>(agent.igmp_socket_drops), families);
}

void add_collector_families(const std::vector<CollectorResult>& collectors, Families& families) {
  FamilyBuilder duration(families, Kind::kGauge, "mcast_collector_duration_seconds",
                         "Time that this source of numbers took in this scrape.");
  FamilyBuilder success(families, Kind::kGauge, "mcast_collector_success",
                        "1 if this source of numbers answered in this scrape, else 0.");
  for (const CollectorResult& result : collectors) {
    LabelSet labels("collector", result.collector);
    duration.add(labels, result.duration_seconds);
    success.add(labels, result.success ? 1.0 : 0.0);
  }
}

void add_undecodable_family(const std::vector<UndecodableCount>& counts, Families& families) {
  FamilyBuilder undecodable(families, Kind::kCounter, "mcast_agent_undecodable_total",
                            "What could not be read or decoded of this source, and was not "
                            "trusted.");
  for (const UndecodableCount& count : counts) {
    LabelSet labels("source", count.source);
    undecodable.add(labels, count.times);
  }
}

void add_process_families(const ProcessFacts& process, Families& families) {
  add_single(Kind::kCounter, "process_cpu_seconds_total",
             "User and system CPU time of this process.", process.cpu_seconds, families);
  add_single(Kind::kGauge, "process_open_fds", "Open file descriptors.", process.open_fds,
             families);
  add_single(Kind::kGauge, "process_max_fds", "File descriptors that may be open.", process.max_fds,
             families);
  add_single(Kind::kGauge, "process_virtual_memory_bytes", "Virtual memory.",
             process.virtual_memory_bytes, families);
  add_single(Kind::kGauge, "process_virtual_memory_max_bytes", "Virtual memory that is allowed.",
             process.virtual_memory_max_bytes, families);
  add_single(Kind::kGauge, "process_resident_memory_bytes", "Resident memory.",
             process.resident_memory_bytes, families);
  add_single(Kind::kGauge, "process_threads", "Threads.", process.threads, families);
  add_single(Kind::kGauge, "process_start_time_seconds", "When this process started, since 1970.",
             process.start_time_seconds, families);
}

}  // namespace mcast::exporter
