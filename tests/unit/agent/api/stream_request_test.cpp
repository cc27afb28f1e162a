// What a POST may say, and how what is wrong is named.
#include "agent/api/api.h"

#include <gtest/gtest.h>

#include <string>

namespace mcast::agent {
namespace {

TEST(StreamRequest, NeedsAGroupAndNothingElse) {
  const auto request = parse_request<ReceiverSpec>(R"({"group": "239.0.10.101"})");
  ASSERT_TRUE(request) << request.error().message;
  EXPECT_EQ(request->name, "");
  EXPECT_FALSE(request->detach);
  ASSERT_EQ(request->streams.size(), 1U);
  EXPECT_EQ(request->streams.front().group.to_string(), "239.0.10.101");
  EXPECT_EQ(request->streams.front().origin, StreamOrigin::kClient);
  EXPECT_EQ(request->streams.front().port, kDefaultPort);
}

TEST(StreamRequest, OfAReceiverTakesTheKeysOfTheConfiguration) {
  const auto request = parse_request<ReceiverSpec>(
      R"({"name": "a b", "group": "232.1.1.1", "source": "10.1.1.1", "interface": "eth1",
          "port": 5004, "stall_timeout": "500ms", "loss_timeout": "2s", "igmp_version": 3,
          "labels": {"site": "Zürich", "number": 7}, "packets": 10, "detach": true, "count": 2})");
  ASSERT_TRUE(request) << request.error().message;
  EXPECT_EQ(request->name, "a b");
  EXPECT_TRUE(request->detach);
  ASSERT_EQ(request->streams.size(), 2U);
  const ReceiverSpec& spec = request->streams.back();
  EXPECT_EQ(spec.group.to_string(), "232.1.1.2");
  EXPECT_EQ(spec.source->to_string(), "10.1.1.1");
  EXPECT_EQ(spec.interface, "eth1");
  EXPECT_EQ(spec.port, 5004);
  EXPECT_EQ(spec.stall_timeout, 500 * kMillisecond);
  EXPECT_EQ(spec.loss_timeout, 2 * kSecond);
  EXPECT_EQ(spec.igmp_version, 3);
  EXPECT_EQ(spec.packet_limit, 10U);
  EXPECT_EQ(spec.origin, StreamOrigin::kDetached);
  EXPECT_EQ(spec.labels, (Labels{{"number", "7"}, {"site", "Zürich"}}));
}

TEST(StreamRequest, OfASenderTakesTheKeysOfTheConfiguration) {
  const auto request = parse_request<SenderSpec>(
      R"({"group": "239.1.1.1", "rate": "1.5Mbps", "size": 1316, "ttl": 3, "dscp": "ef",
          "loopback": false, "packets": 5, "duration": "1.5s"})");
  ASSERT_TRUE(request) << request.error().message;
  const SenderSpec& spec = request->streams.front();
  EXPECT_NEAR(spec.packets_per_second, 142.48, 0.01);
  EXPECT_EQ(spec.size, 1316U);
  EXPECT_EQ(spec.ttl, 3);
  EXPECT_EQ(spec.dscp, 46);
  EXPECT_FALSE(spec.loopback);
  EXPECT_EQ(spec.packet_limit, 5U);
  EXPECT_EQ(spec.duration, 1500 * kMillisecond);
}

// What the body leaves out is as the configuration has it.
TEST(StreamRequest, TakesTheDefaultsOfTheConfiguration) {
  const auto configuration = parse_configuration(R"(
defaults: {interface: eth1, port: 5004, rate: 100pps, stall_timeout: 7s, igmp_version: 2, labels: {site: x, a: b}}
receivers: [{name: r, group: 239.1.1.1}]
)");
  ASSERT_TRUE(configuration);
  const StreamEntry& defaults = configuration->defaults;
  const auto plain = parse_request<ReceiverSpec>(R"({"group": "239.1.1.9"})", defaults);
  ASSERT_TRUE(plain) << plain.error().message;
  EXPECT_EQ(plain->name, "");
  const ReceiverSpec& spec = plain->streams.at(0);
  EXPECT_EQ(spec.interface, "eth1");
  EXPECT_EQ(spec.port, 5004);
  EXPECT_EQ(spec.stall_timeout, 7 * kSecond);
  EXPECT_EQ(spec.igmp_version, 2);
  EXPECT_EQ(spec.labels, (Labels{{"a", "b"}, {"site", "x"}}));
  const auto own = parse_request<SenderSpec>(
      R"({"group": "239.1.1.9", "port": 6000, "labels": {"a": "c"}, "duration": 1.5})", defaults);
  ASSERT_TRUE(own) << own.error().message;
  EXPECT_EQ(own->streams.at(0).port, 6000);
  EXPECT_EQ(own->streams.at(0).packets_per_second, 100);
  EXPECT_EQ(own->streams.at(0).duration, 1500 * kMillisecond);
  EXPECT_EQ(own->streams.at(0).labels, (Labels{{"a", "c"}, {"site", "x"}}));
  // What does not go together with a default is the body's fault.
  const auto conflict =
      parse_request<ReceiverSpec>(R"({"group": "232.1.1.9", "source": "10.1.1.1"})", defaults);
  ASSERT_FALSE(conflict);
  EXPECT_EQ(conflict.error().field, "source");
}

struct Refusal {
  const char* body;
  const char* code;
  const char* field;
  const char* words;
};

class RefusedRequest : public testing::TestWithParam<Refusal> {};

TEST_P(RefusedRequest, NamesTheField) {
  const auto request = parse_request<ReceiverSpec>(GetParam().body);
  ASSERT_FALSE(request);
  EXPECT_EQ(request.error().status, 400);
  EXPECT_EQ(request.error().code, GetParam().code);
  EXPECT_EQ(request.error().field, GetParam().field);
  EXPECT_NE(request.error().message.find(GetParam().words), std::string::npos)
      << request.error().message;
}

INSTANTIATE_TEST_SUITE_P(
    AReceivers, RefusedRequest,
    testing::Values(
        Refusal{"", "bad_json", "", "JSON"}, Refusal{"{", "bad_json", "", "line 1, column 2"},
        Refusal{"[]", "bad_json", "", "object"}, Refusal{"null", "bad_json", "", "object"},
        Refusal{"{}", "bad_field", "group", "missing"},
        Refusal{R"({"name": "a"})", "bad_field", "group", "missing"},
        Refusal{R"({"group": "239.1.1.1"} x)", "bad_json", "", "JSON"},
        Refusal{R"({"group": "239.1.1.1", "colour": "red"})", "bad_field", "colour", "unknown key"},
        Refusal{R"({"group": "239.1.1.1", "stall_timout": "3s"})", "bad_field", "stall_timout",
                "did you mean 'stall_timeout'"},
        Refusal{R"({"group": "239.1.1.1", "rate": "3pps"})", "bad_field", "rate", "for senders"},
        Refusal{R"({"group": "239.1.1.1", "group": "239.1.1.2"})", "bad_field", "group", "twice"},
        Refusal{R"({"group": "239.1.1.1", "labels": {"a": "1", "a": "2"}})", "bad_field", "labels",
                "twice"},
        Refusal{R"({"group": "10.1.1.1"})", "bad_field", "group", "multicast"},
        Refusal{R"({"group": 5})", "bad_field", "group", "group"},
        Refusal{R"({"group": null})", "bad_field", "group", "no value"},
        Refusal{R"({"group": "239.1.1.1", "port": "5004"})", "bad_field", "port", "whole number"},
        Refusal{R"({"group": "239.1.1.1", "port": 65536})", "bad_field", "port", "65535"},
        Refusal{R"({"group": "239.1.1.1", "port": 1e3})", "bad_field", "port", "whole number"},
        Refusal{R"({"group": "239.1.1.1", "port": 1e999})", "bad_json", "", "JSON"},
        Refusal{R"({"group": "239.1.1.1", "detach": "yes"})", "bad_field", "detach", "true"},
        Refusal{R"({"group": "239.1.1.1", "name": "a/b"})", "bad_field", "name", "/"},
        Refusal{R"({"group": "239.1.1.1", "name": ""})", "bad_field", "name", "name"},
        Refusal{R"({"group": "239.1.1.1", "labels": {"a": [1]}})", "bad_field", "labels", "a"},
        Refusal{R"({"group": "239.1.1.1", "labels": {"stream": "x"}})", "bad_field", "labels",
                "stream"},
        Refusal{R"({"group": "239.1.1.1", "count": 10001})", "bad_field", "count", "10000"},
        Refusal{R"({"group": "239.255.255.255", "count": 2})", "bad_field", "count", "range"},
        Refusal{R"({"group": "232.1.1.1", "source": "10.1.1.1", "igmp_version": 2})", "bad_field",
                "igmp_version", "IGMPv3"},
        Refusal{"{\"group\": \"239.1.1.1\xff\"}", "bad_json", "", "UTF-8"},
        Refusal{R"([[[[[[[[[[[[)", "bad_json", "", "deep"}));

TEST(StreamRequest, OfManyStreamsWithLongLabelsIsRefused) {
  const std::string body = R"({"group": "239.1.1.1", "count": 10000, "labels": {"a": ")" +
                           std::string(900, 'x') + R"("}})";
  const auto request = parse_request<ReceiverSpec>(body);
  ASSERT_FALSE(request);
  EXPECT_EQ(request.error().field, "labels");
}

}  // namespace
}  // namespace mcast::agent
