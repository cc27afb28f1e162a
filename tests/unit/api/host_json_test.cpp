#include "api/host_json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

namespace mcast::api {
namespace {

using findings::Check;
using findings::Finding;
using findings::Verdict;

const Finding kFound{.check = Check::kNoTraffic,
                     .verdict = Verdict::kFound,
                     .seen = "nothing came",
                     .meaning = "nobody sends",
                     .remedy = "look upstream",
                     .router_commands = {{.system = "IOS", .command = "show ip mroute"}}};
const Finding kFine{.check = Check::kNotJoined,
                    .verdict = Verdict::kFine,
                    .seen = "joined on eth1",
                    .meaning = "",
                    .remedy = ""};

TEST(RoutesJson, NameInterfacesAndSayNullOfAnySourceAndOfWhatIsUnresolved) {
  const IpAddress group = IpAddress::parse("239.1.1.1").value();
  netlink::HostSnapshot host;
  host.links = {{.index = 2, .name = "r0"}, {.index = 3, .name = "r1"}};
  host.routes = {{.source = IpAddress::parse("10.1.1.1").value(),
                  .group = group,
                  .incoming = 2,
                  .outgoing = {{.ifindex = 3, .ttl_threshold = 1}, {.ifindex = 9}},
                  .packets = 12,
                  .bytes = 2736,
                  .wrong_interface_packets = 5},
                 {.source = IpAddress::parse("0.0.0.0").value(), .group = group, .outgoing = {}}};
  EXPECT_EQ(
      routes_json(host),
      R"({"routes":[{"group":"239.1.1.1","family":"ipv4","source":"10.1.1.1","incoming":"r0",)"
      R"("outgoing":[{"interface":"r1","ttl_threshold":1},{"interface":"if9","ttl_threshold":0}],)"
      R"("packets":12,"bytes":2736,"wrong_interface_packets":5},)"
      R"({"group":"239.1.1.1","family":"ipv4","source":null,"incoming":null,"outgoing":[],)"
      R"("packets":0,"bytes":0,"wrong_interface_packets":0}]})");
  EXPECT_EQ(routes_json({}), R"({"routes":[]})");
}

TEST(FindingJson, HasMeaningAndRemedyWhereSomethingWasFoundAlone) {
  EXPECT_EQ(finding_json(kFound).dump(),
            R"({"check":"no_traffic","verdict":"found","seen":"nothing came",)"
            R"("meaning":"nobody sends","remedy":"look upstream",)"
            R"("router_commands":[{"system":"IOS","command":"show ip mroute"}]})");
  EXPECT_EQ(finding_json(kFine).dump(),
            R"({"check":"not_joined","verdict":"fine","seen":"joined on eth1"})");
}

TEST(FindingJson, IsValidUtf8WhateverWasSeen) {
  Finding bad = kFound;
  bad.seen = bad.meaning = bad.remedy = "\xff\xc3(";
  EXPECT_NO_THROW((void)finding_json(bad).dump());
}

TEST(FindingsJson, NameTheStreamAndWhenItWasExamined) {
  const findings::StreamFindings stream{.subject = {.stream = "video",
                                                    .group = IpAddress::parse("232.5.5.5").value(),
                                                    .source = IpAddress::parse("10.1.1.1").value(),
                                                    .interface = "eth1",
                                                    .port = 19779,
                                                    .expects_probe_packets = true},
                                        .examined = 1'700'000'000 * kSecond + 250 * kMillisecond,
                                        .findings = {kFound, kFine}};
  const std::string expected =
      R"({"findings":[{"kind":"receiver","stream":"video","group":"232.5.5.5","source":"10.1.1.1",)"
      R"("interface":"eth1","port":19779,"examined":"2023-11-14T22:13:20.250000Z","checks":[)" +
      finding_json(kFound).dump() + "," + finding_json(kFine).dump() + "]}]}";
  EXPECT_EQ(findings_json({stream}), expected);
}

TEST(FindingsJson, SayNullOfAnySourceAndOfAnUnknownPort) {
  findings::StreamFindings stream;
  stream.subject.stream = "vi\xff";
  stream.subject.group = IpAddress::parse("239.1.1.1").value();
  const auto json = nlohmann::ordered_json::parse(findings_json({stream})).at("findings").at(0);
  EXPECT_EQ(json.at("source"), nullptr);
  EXPECT_EQ(json.at("port"), nullptr);
  EXPECT_TRUE(json.at("checks").empty());
  EXPECT_NO_THROW((void)json.dump());
}

TEST(FindingsJson, AreAnEmptyListWhereEveryStreamArrives) {
  EXPECT_EQ(findings_json({}), R"({"findings":[]})");
}

}  // namespace
}  // namespace mcast::api
