#include "api/membership_json.h"

#include <algorithm>
#include <array>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "api/json_reader.h"
#include "api/json_writer.h"

namespace mcast::api {
namespace {

constexpr std::array kModes{FilterMode::kInclude, FilterMode::kExclude};
constexpr int kMaxInt = std::numeric_limits<int>::max();

}  // namespace

// Its group and interface are those of the membership.
void fields(auto& io, Like<RunningStream> auto& holder) {
  io("program", holder.program);
  io("pid", within(holder.pid, 0, kMaxInt));
  io("stream", holder.join.stream);
  io("source", holder.join.source);
  io("port", holder.join.port);
}

void fields(auto& io, Like<HeldMembership> auto& membership) {
  io("group", membership.group);
  io.written("family", to_string(membership.group.family()));
  io.written("class", multicast_class(membership.group));
  io("users", membership.users);
  io("filter_mode", one_of(membership.mode, kModes));
  io("sources", membership.sources);
  io("joined_sources", membership.joined_sources);
  io("streams", membership.holders);
}

void fields(auto& io, Like<InterfaceMemberships> auto& interface) {
  io("name", interface.name);
  io("ifindex", within(interface.ifindex, 0, kMaxInt));
  io("igmp_version", within(interface.igmp_version, 0, 3));
  io("forced_version", within(interface.forced_version, 0, 3));
  io("memberships", interface.memberships);
}

void fields(auto& io, const netlink::IgmpQuerier& querier) {
  io("address", querier.address);
  io("version", querier.version);
  io("last_query", time_or_null(querier.last_query.realtime));
}

// As the agent shows it, with what it hears there.
struct HeardInterface {
  InterfaceMemberships interface = {};
  std::optional<netlink::IgmpQuerier> querier = {};
};

void fields(auto& io, Like<HeardInterface> auto& heard) {
  fields(io, heard.interface);
  io("loopback", heard.interface.loopback);
  io.written("querier", heard.querier);
}

void add_membership(nlohmann::ordered_json& json, const HeldMembership& membership) {
  json.update(tree_of(membership));
}

nlohmann::ordered_json interface_json(const InterfaceMemberships& interface) {
  return tree_of(interface);
}

nlohmann::ordered_json memberships_json(const MembershipReport& report,
                                        const std::vector<netlink::IgmpInterfaceActivity>& igmp) {
  std::vector<HeardInterface> interfaces;
  for (const InterfaceMemberships& interface : report.interfaces) {
    const auto activity =
        std::ranges::find(igmp, interface.ifindex, &netlink::IgmpInterfaceActivity::ifindex);
    interfaces.push_back({.interface = interface,
                          .querier = activity == igmp.end() ? std::nullopt : activity->querier});
  }
  return tree_of(object([&](auto& io) {
    io("interfaces", interfaces);
    io("unreadable_programs", report.unreadable_programs);
  }));
}

Result<MembershipReport> parse_memberships(std::string_view text) {
  return read_json<MembershipReport>(text, [](const JsonReader& json, MembershipReport& report) {
    std::vector<HeardInterface> interfaces;
    json("interfaces", interfaces);
    for (HeardInterface& heard : interfaces) {
      report.interfaces.push_back(std::move(heard.interface));
    }
    json("unreadable_programs", report.unreadable_programs);
  });
}

}  // namespace mcast::api
