// The API of an agent that runs: every answer as it is described, ad hoc streams and their
// end, events.
//
//   sender eth1 --- eth1 receiver
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "tests/netns/agent.h"
#include "tests/netns/eventually.h"
#include "tests/netns/json_schema.h"
#include "tests/netns/topology.h"

namespace mcast::test {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using testing::HasSubstr;

class ApiOf : public testing::Test {
 protected:
  explicit ApiOf(Net net) : net_(std::move(net)) {
    connect(sender_, "eth1", addresses(1, 1), receiver_, "eth1", addresses(1, 2));
  }

  static json parsed(const HttpAnswer& answer, int status) {
    EXPECT_EQ(answer.status, status) << answer.body;
    return answer.body.empty() ? json() : json::parse(answer.body);
  }
  [[nodiscard]] static bool has_receiver(const Agent& agent, const std::string& name) {
    return agent.api("GET", "/api/v1/receivers/" + name).status == 200;
  }
  // One event's data from a stream of them; null while it is not there.
  static json event_in(const std::string& text, const std::string& name) {
    const std::string head = "event: " + name + "\ndata: ";
    const auto at = text.find(head);
    const auto end = at == std::string::npos ? at : text.find("\n\n", at);
    if (end == std::string::npos) return {};
    return json::parse(text.substr(at + head.size(), end - at - head.size()));
  }

  const Net net_;
  Namespace sender_{"sender"};
  Namespace receiver_{"receiver"};
};

class Api : public ApiOf, public testing::WithParamInterface<Net> {
 protected:
  Api() : ApiOf(GetParam()) {}
};
class AdHoc : public Api {};
class Events : public Api {};

// Of names, time and rights: no family takes part.
class ApiAlone : public ApiOf {
 protected:
  ApiAlone() : ApiOf(ipv4()) {}
};

TEST_P(Api, GivesEveryAnswerAsItIsDescribed) {
  const Agent sender(sender_, sender_configuration(
                                  {.group = net_.group, .more = "dscp: ef, labels: {site: lab1}"}));
  const std::string version = std::to_string(net_.newest_version);
  const std::string senders = sender_configuration({.name = "back", .group = net_.other_group});
  const Agent agent(receiver_,
                    "receivers:\n"
                    "  - {name: video, interface: eth1, labels: {a: b}, group: " +
                        quoted(net_.group) +
                        "}\n"
                        "  - {name: silent, interface: eth1, group: " +
                        quoted(net_.ssm_group) + ", source: " + quoted(net_.host(1, 77)) + ", " +
                        net_.version_key + ": " + version +
                        "}\n"
                        "  - {name: lost, interface: nowhere, group: " +
                        quoted(net_.group_plus(9)) + "}\n" + senders);
  ASSERT_TRUE(eventually(10s, [&] {
    return agent.metrics().value("mcast_receiver_packets_total", {{"stream", "video"}}) > 0 &&
           json::parse(agent.get("/api/v1/findings")).at("findings").size() == 2;
  }));
  const json description = json::parse(agent.get("/api/v1/openapi.json"));
  const auto check = [&](const std::string& path, const std::string& described) {
    const json answer = parsed(agent.api("GET", path), 200);
    EXPECT_EQ(misfit(answer, answer_schema(description, described), description), "") << path;
    return answer;
  };
  check("/api/v1/status", "/api/v1/status");
  const json index = check("/api/v1/", "/api/v1/");
  EXPECT_EQ(parsed(agent.api("GET", "/api/v1"), 200), index);
  EXPECT_THAT(index.dump(), HasSubstr(R"({"method":"delete","path":"/api/v1/receivers/{name}")"));
  const json list = check("/api/v1/receivers", "/api/v1/receivers");
  EXPECT_EQ(list.at("receivers").size(), 3U);
  check("/api/v1/receivers?detail=true", "/api/v1/receivers");
  EXPECT_EQ(check("/api/v1/receivers?name=vid*", "/api/v1/receivers").at("receivers").size(), 1U);
  check("/api/v1/senders?detail=true", "/api/v1/senders");
  check("/api/v1/senders/back", "/api/v1/senders/{name}");
  check("/api/v1/memberships", "/api/v1/memberships");
  check("/api/v1/routes", "/api/v1/routes");
  check("/api/v1/findings", "/api/v1/findings");
  const json one = check("/api/v1/receivers/video", "/api/v1/receivers/{name}");
  EXPECT_EQ(one.at("state"), "receiving");
  EXPECT_EQ(one.at("senders").at(0).at("source"), net_.host(1, 1));
  EXPECT_EQ(one.at("senders").at(0).at("sent_dscp"), 46);
  EXPECT_EQ(check("/api/v1/receivers/lost", "/api/v1/receivers/{name}").at("state"), "failed");
  EXPECT_EQ(check("/api/v1/receivers/silent", "/api/v1/receivers/{name}").at(net_.version_key),
            net_.newest_version);

  for (const auto& [method, path, status] : std::vector<std::tuple<std::string, std::string, int>>{
           {"GET", "/api/v1/receivers/none", 404},
           {"GET", "/api/v1/nothing", 404},
           {"GET", "/api/v1/receivers?nome=a", 400},
           {"GET", "/api/v1/status?x=1", 400},
           {"DELETE", "/api/v1/status", 405},
           {"DELETE", "/api/v1/receivers/video", 409},
           {"POST", "/api/v1/receivers", 400}}) {
    const json error = parsed(agent.api(method, path), status);
    EXPECT_EQ(misfit(error, description.at("components").at("schemas").at("Error"), description),
              "")
        << method << path << error;
  }
}

TEST_P(AdHoc, AStreamIsThereAtOnceAndGoneWhenItIsDeleted) {
  const Agent agent(receiver_, kWatchesAlone);
  const Agent sender(sender_, sender_configuration({.group = net_.group, .more = "rate: 100pps"}));
  const json made = parsed(agent.api("POST", "/api/v1/receivers",
                                     R"({"group": ")" + net_.group +
                                         R"(", "interface": "eth1", "labels": {"who": "me"}})"),
                           201);
  const json description = json::parse(agent.get("/api/v1/openapi.json"));
  EXPECT_EQ(
      misfit(made, answer_schema(description, "/api/v1/receivers", "post", "201"), description),
      "");
  EXPECT_EQ(made.at("name"), net_.group);
  EXPECT_EQ(made.at("renew_within_s"), 10);
  // Packets come all the time.
  EXPECT_THAT(made.at("state").get<std::string>(), testing::AnyOf("waiting", "receiving"));
  EXPECT_EQ(made.at("error"), nullptr);
  EXPECT_TRUE(eventually(5s, [&] {
    return agent.metrics().value("mcast_receiver_packets_total", {{"stream", net_.group}}) > 0;
  }));
  EXPECT_EQ(agent.metrics().count("mcast_receiver_info", {{"who", "me"}}), 1U);
  EXPECT_EQ(agent.metrics().value("mcast_membership_users", {{"group", net_.group}}), 1);

  // One that cannot start says so, and is tried again.
  const json failed =
      parsed(agent.api("POST", "/api/v1/senders",
                       R"({"group": ")" + net_.group_plus(7) + R"(", "interface": "nope"})"),
             201);
  EXPECT_EQ(failed.at("state"), "failed");
  EXPECT_EQ(failed.at("error"), "interface 'nope' does not exist");

  // The name is taken until it is gone.
  const std::string again =
      R"({"group": ")" + net_.group + R"(", "name": ")" + net_.group + R"("})";
  EXPECT_EQ(parsed(agent.api("POST", "/api/v1/receivers", again), 409).at("error").at("field"),
            "name");
  EXPECT_EQ(agent.api("DELETE", "/api/v1/receivers/" + net_.group).status, 204);
  EXPECT_FALSE(has_receiver(agent, net_.group));
  EXPECT_EQ(agent.metrics().count("mcast_receiver_info", {{"who", "me"}}), 0U);
  EXPECT_EQ(agent.metrics().value("mcast_membership_users", {{"group", net_.group}}), 0);
  EXPECT_EQ(agent.api("DELETE", "/api/v1/receivers/" + net_.group).status, 404);
}

TEST_F(ApiAlone, AStreamEndsTenSecondsAfterItsNewestRenewalUnlessItIsDetached) {
  const Agent agent(receiver_, kWatchesAlone);
  const auto post = [&](const char* name, bool detach) {
    const json body{{"name", name}, {"group", net_.group}, {"detach", detach}};
    return parsed(agent.api("POST", "/api/v1/receivers", body.dump()), 201);
  };
  EXPECT_TRUE(post("left alone", true).at("renew_within_s").is_null());
  const auto began = std::chrono::steady_clock::now();
  post("forgotten", false);
  post("kept", false);
  ASSERT_TRUE(eventually(15s, [&] {
    EXPECT_EQ(agent.api("POST", "/api/v1/receivers/kept/renew").status, 200);
    return !has_receiver(agent, "forgotten");
  }));
  const auto lived = std::chrono::steady_clock::now() - began;
  EXPECT_GE(lived, 10s);
  EXPECT_LE(lived, 12s);
  EXPECT_TRUE(has_receiver(agent, "kept"));
  EXPECT_TRUE(has_receiver(agent, "left%20alone"));
}

TEST_P(AdHoc, ASenderSendsAsManyPacketsAsItIsAskedFor) {
  const Agent receiver(receiver_, receiver_configuration({.group = net_.group, .more = ""}));
  const Agent sender(sender_, kWatchesAlone);
  parsed(sender.api("POST", "/api/v1/senders",
                    R"({"group": ")" + net_.group +
                        R"(", "interface": "eth1", "packets": 10, "rate": "100pps",
                            "name": "ten", "detach": true})"),
         201);
  EXPECT_TRUE(eventually(5s, [&] {
    const json ten = parsed(sender.api("GET", "/api/v1/senders/ten"), 200);
    return ten.at("state") == "finished" && ten.at("packets") == 10;
  }));
  EXPECT_TRUE(
      eventually(5s, [&] { return receiver.metrics().sum("mcast_receiver_packets_total") == 10; }));
}

TEST_F(ApiAlone, NothingIsWrittenOverTcpWithoutTlsAndAUser) {
  const Agent agent(receiver_, kWatchesAlone);
  const std::string body = R"({"group": "239.1.1.1"})";
  const HttpAnswer answer = http_exchange(connect_to(receiver_, 19779),
                                          "POST /api/v1/receivers HTTP/1.1\r\nHost: localhost\r\n"
                                          "Connection: close\r\nContent-Length: " +
                                              std::to_string(body.size()) + "\r\n\r\n" + body);
  const json error = parsed(answer, 403).at("error");
  EXPECT_EQ(error.at("code"), "forbidden");
  EXPECT_THAT(error.at("message").get<std::string>(), HasSubstr("TLS"));
  EXPECT_THAT(error.at("message").get<std::string>(), HasSubstr(agent.api_socket()));
  EXPECT_FALSE(has_receiver(agent, "239.1.1.1"));
}

TEST_P(Events, TellOfStreamsMembershipsStallsAndReloads) {
  Agent agent(receiver_, kWatchesAlone);
  const json description = json::parse(agent.get("/api/v1/openapi.json"));
  {
    Agent sender(sender_, sender_configuration({.group = net_.group, .more = "rate: 100pps"}));
    parsed(agent.api("POST", "/api/v1/receivers",
                     R"({"group": ")" + net_.group +
                         R"(", "interface": "eth1", "name": "video", "stall_timeout": "200ms",
                             "detach": true})"),
           201);
    ASSERT_TRUE(
        eventually(5s, [&] { return agent.metrics().value("mcast_receiver_packets_total") > 10; }));
    // Killed, it does not say that it ends.
    sender.process().signal(SIGKILL);
  }
  ASSERT_TRUE(eventually(5s, [&] {
    return agent.metrics().value("mcast_receiver_stalls_total", {{"stream", "video"}}) == 1;
  }));
  agent.process().signal(SIGHUP);
  ASSERT_EQ(agent.api("DELETE", "/api/v1/receivers/video").status, 204);
  const auto everything = [&](const std::string& so_far) {
    return !event_in(so_far, "stream-removed").is_null() && !event_in(so_far, "leave").is_null() &&
           !event_in(so_far, "stall").is_null() && !event_in(so_far, "reload").is_null();
  };
  // A listener that has missed all of it, and says so. X-Rest takes the rest of the line.
  const std::string text =
      read_events(connect_to(agent.api_socket()),
                  "/api/v1/events HTTP/1.1\r\nLast-Event-ID: 0\r\nX-Rest: ", everything);
  for (const char* name :
       {"stream-added", "join", "first-packet", "stall", "reload", "leave", "stream-removed"}) {
    const json event = event_in(text, name);
    ASSERT_FALSE(event.is_null()) << name << "\n" << text;
    EXPECT_EQ(event.at("event"), name);
    EXPECT_EQ(misfit(event, description.at("components").at("schemas").at("Event"), description),
              "")
        << event;
  }
  EXPECT_EQ(event_in(text, "stall").at("stream"), "video");
  EXPECT_THAT(agent.log(), HasSubstr("msg=stalled stream=video"));
  EXPECT_THAT(agent.log(), HasSubstr("group=" + net_.group));
}

TEST_F(ApiAlone, EventsOfOtherStreamsAreLeftOut) {
  const Agent agent(receiver_, kWatchesAlone);
  const auto post = [&](const std::string& name) {
    parsed(agent.api("POST", "/api/v1/receivers",
                     R"({"group": ")" + net_.group + R"(", "name": ")" + name + "\"}"),
           201);
  };
  post("audio");
  post("video-1");
  const std::string text = read_events(
      connect_to(agent.api_socket()),
      "/api/v1/events?stream=video-* HTTP/1.1\r\nLast-Event-ID: 0\r\nX-Rest: ",
      [](const std::string& so_far) { return so_far.find("video-1") != std::string::npos; });
  EXPECT_EQ(text.find("audio"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(, Api, both_families(), net_name);
INSTANTIATE_TEST_SUITE_P(, AdHoc, both_families(), net_name);
INSTANTIATE_TEST_SUITE_P(, Events, both_families(), net_name);

}  // namespace
}  // namespace mcast::test
