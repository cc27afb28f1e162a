// Which streams run: reloads and ad hoc streams, on engines that are attached to nothing.
#include "agent/run/stream_set.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>

#include "base/clock.h"
#include "netlink/forcing/forced_versions.h"
#include "probe/event_queue.h"

namespace mcast::agent {
namespace {

class SilentLog final : public Log {
 public:
  void write(LogLevel /*level*/, std::string_view /*message*/, Fields /*fields*/) override {}
};

ReceiverSpec receiver(const std::string& name, std::uint32_t group = 1) {
  ReceiverSpec spec;
  spec.name = name;
  spec.group = IpAddress::v4(0xEF000000 + group);
  return spec;
}

SenderSpec sender(const std::string& name) {
  SenderSpec spec;
  spec.name = name;
  spec.group = IpAddress::v4(0xEF000001);
  return spec;
}

StreamRequest<ReceiverSpec> request(const std::string& name, std::uint32_t count = 1,
                                    bool detach = false) {
  StreamRequest<ReceiverSpec> request{.name = name, .detach = detach, .streams = {}};
  for (std::uint32_t i = 1; i <= count; ++i) {
    ReceiverSpec spec = receiver("", i);
    spec.origin = detach ? StreamOrigin::kDetached : StreamOrigin::kClient;
    request.streams.push_back(spec);
  }
  return request;
}

class StreamSetTest : public testing::Test {
 protected:
  [[nodiscard]] std::vector<std::string> names() {
    std::vector<std::string> names;
    for (const auto& snapshot : receive_->snapshot()) names.push_back(snapshot.spec.name);
    std::ranges::sort(names);
    return names;
  }
  using Names = std::vector<std::string>;

  SilentLog log_;
  SystemClock clock_;
  EventQueue events_;
  std::unique_ptr<ReceiveEngine> receive_ = *ReceiveEngine::start(clock_, events_);
  std::unique_ptr<SendEngine> send_ = *SendEngine::start(clock_, [] { return 7U; });
  netlink::ForcedVersions forced_versions_{"/nowhere", "/nowhere"};
  StreamSupervisor supervisor_{
      {.links = [] { return std::vector<netlink::Link>{}; },
       .addresses = [] { return std::vector<netlink::InterfaceAddress>{}; },
       .route = [](const IpAddress&, const std::optional<IpAddress>&) -> Result<netlink::Route> {
         return fail("no route");
       }},
      {.receive_engine = *receive_,
       .send_engine = *send_,
       .forced_versions = forced_versions_,
       .log = log_}};
  std::vector<StreamChange> changes_;
  StreamSet set_{supervisor_, [this](const StreamChange& change) { changes_.push_back(change); }};
};

TEST_F(StreamSetTest, AppliesTheDifferenceAndLeavesTheRestAlone) {
  Configuration configuration;
  configuration.receivers = {receiver("a"), receiver("b"), receiver("c"), receiver("d")};
  configuration.senders = {sender("a")};
  EXPECT_EQ(set_.apply(configuration).added, 5U);

  configuration.receivers[1].labels = {{"site", "lab1"}};        // b: goes on
  configuration.receivers[2].stall_timeout = kSecond;            // c: goes on
  configuration.receivers[3].group = IpAddress::v4(0xEF000009);  // d: another stream
  configuration.receivers.erase(configuration.receivers.begin());
  configuration.receivers.push_back(receiver("e"));
  changes_.clear();
  const auto difference = set_.apply(configuration);
  EXPECT_EQ(difference.removed, 1U);
  EXPECT_EQ(difference.added, 1U);
  EXPECT_EQ(difference.updated, 2U);
  EXPECT_EQ(difference.replaced, 1U);
  EXPECT_EQ(difference.unchanged, 1U);
  EXPECT_EQ(names(), (Names{"b", "c", "d", "e"}));
  // Only what came and went is told of.
  Names told;
  for (const StreamChange& change : changes_)
    told.push_back((change.added ? "+" : "-") + change.name);
  EXPECT_EQ(told, (Names{"-a", "-d", "+d", "+e"}));
  const auto snapshots = receive_->snapshot();
  const auto b = std::ranges::find(snapshots, "b", [](const auto& s) { return s.spec.name; });
  EXPECT_EQ(b->spec.labels.at("site"), "lab1");
}

TEST_F(StreamSetTest, ASenderWithAnotherRateIsAnotherSender) {
  Configuration configuration;
  configuration.senders = {sender("a"), sender("b")};
  (void)set_.apply(configuration);
  configuration.senders[0].packets_per_second = 50;
  configuration.senders[1].labels = {{"site", "lab1"}};
  const auto difference = set_.apply(configuration);
  EXPECT_EQ(difference.replaced, 1U);
  EXPECT_EQ(difference.updated, 1U);
}

TEST_F(StreamSetTest, AnAdHocStreamEndsWhenNobodyRenewsIt) {
  ASSERT_TRUE(set_.add(request("x"), 0));
  set_.expire(StreamSet::kRenewWithin - 1);
  EXPECT_EQ(names(), Names{"x"});
  ASSERT_TRUE(set_.renew<ReceiverSpec>("x", StreamSet::kRenewWithin - 1));
  set_.expire(2 * StreamSet::kRenewWithin - 2);
  EXPECT_EQ(names(), Names{"x"});
  set_.expire(2 * StreamSet::kRenewWithin - 1);
  EXPECT_EQ(names(), Names{});
  EXPECT_EQ(set_.renew<ReceiverSpec>("x", 0).error().status, 404);
}

TEST_F(StreamSetTest, ADetachedStreamStays) {
  const auto made = set_.add(request("x", 1, true), 0);
  ASSERT_TRUE(made);
  EXPECT_FALSE(made->renew_within);
  set_.expire(1000 * StreamSet::kRenewWithin);
  EXPECT_EQ(names(), Names{"x"});
  EXPECT_TRUE(set_.remove<ReceiverSpec>("x"));
  EXPECT_EQ(names(), Names{});
}

TEST_F(StreamSetTest, ARangeIsRenewedAndRemovedAsOne) {
  const auto made = set_.add(request("x", 3), 0);
  ASSERT_TRUE(made);
  EXPECT_EQ(made->streams, (Names{"x-1", "x-2", "x-3"}));
  EXPECT_TRUE(set_.remove<ReceiverSpec>("x-2"));
  EXPECT_EQ(names(), (Names{"x-1", "x-3"}));
  EXPECT_EQ(set_.renew<ReceiverSpec>("x", 5)->streams, (Names{"x-1", "x-3"}));
  EXPECT_TRUE(set_.remove<ReceiverSpec>("x"));
  EXPECT_EQ(names(), Names{});
  EXPECT_EQ(set_.remove<ReceiverSpec>("x").error().code, "not_found");
}

TEST_F(StreamSetTest, NamesAreTakenOnce) {
  Configuration configuration;
  configuration.receivers = {receiver("a"), receiver("x-2")};
  (void)set_.apply(configuration);
  for (const auto& [name, count] :
       std::vector<std::pair<std::string, std::uint32_t>>{{"a", 1}, {"x", 3}, {"a", 2}}) {
    const auto made = set_.add(request(name, count), 0);
    ASSERT_FALSE(made) << name;
    EXPECT_EQ(made.error().status, 409);
    EXPECT_EQ(made.error().code, "name_exists");
    EXPECT_EQ(made.error().field, "name");
  }
  // Nothing of the refused ones is left.
  EXPECT_EQ(names(), (Names{"a", "x-2"}));
  // A sender may have the name of a receiver.
  StreamRequest<SenderSpec> sending{.name = "a", .detach = false, .streams = {sender("")}};
  EXPECT_TRUE(set_.add(std::move(sending), 0));
}

TEST_F(StreamSetTest, AnInterfaceHasOneForcedIgmpVersion) {
  Configuration configuration;
  configuration.receivers = {receiver("a")};
  configuration.receivers[0].interface = "eth1";
  configuration.receivers[0].igmp_version = 3;
  (void)set_.apply(configuration);
  auto other = request("b");
  other.streams[0].interface = "eth1";
  other.streams[0].igmp_version = 2;
  auto elsewhere = other;
  elsewhere.streams[0].interface = "eth2";
  auto same = other;
  same.streams[0].igmp_version = 3;
  const auto refused = set_.add(other, 0);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().status, 409);
  EXPECT_EQ(refused.error().field, "igmp_version");
  EXPECT_TRUE(set_.add(same, 0));
  elsewhere.name = "c";
  EXPECT_TRUE(set_.add(elsewhere, 0));
}

TEST_F(StreamSetTest, AConfiguredNameEndsTheRequestThatHasIt) {
  ASSERT_TRUE(set_.add(request("x", 2, true), 0));
  Configuration configuration;
  configuration.receivers = {receiver("x", 5)};
  (void)set_.apply(configuration);
  EXPECT_EQ(names(), Names{"x"});
  EXPECT_EQ(set_.remove<ReceiverSpec>("x").error().code, "configured");
}

TEST_F(StreamSetTest, AStreamWithoutANameGetsThatOfItsGroup) {
  EXPECT_EQ(set_.add(request(""), 0)->name, "239.0.0.1");
  EXPECT_EQ(set_.add(request(""), 0)->name, "239.0.0.1#2");
  EXPECT_EQ(set_.add(request(""), 0)->name, "239.0.0.1#3");
  EXPECT_TRUE(set_.remove<ReceiverSpec>("239.0.0.1#2"));
  EXPECT_EQ(names(), (Names{"239.0.0.1", "239.0.0.1#3"}));
}

TEST_F(StreamSetTest, StreamsOfARangeWithoutANameGetThoseOfTheirGroups) {
  const auto first = set_.add(request("", 3), 0);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->name, "239.0.0.1-239.0.0.3");
  EXPECT_EQ(first->streams, (std::vector<std::string>{"239.0.0.1", "239.0.0.2", "239.0.0.3"}));
  // One that is taken, and all are the second of their group.
  const auto second = set_.add(request("", 2), 0);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->name, "239.0.0.1-239.0.0.2#2");
  EXPECT_EQ(second->streams, (std::vector<std::string>{"239.0.0.1#2", "239.0.0.2#2"}));
  // A group's name ends that one alone, that of the range what is left of it.
  EXPECT_TRUE(set_.remove<ReceiverSpec>("239.0.0.1"));
  EXPECT_EQ(names(), (Names{"239.0.0.1#2", "239.0.0.2", "239.0.0.2#2", "239.0.0.3"}));
  EXPECT_TRUE(set_.renew<ReceiverSpec>("239.0.0.1-239.0.0.3", 0));
  EXPECT_TRUE(set_.remove<ReceiverSpec>("239.0.0.1-239.0.0.3"));
  EXPECT_EQ(names(), (Names{"239.0.0.1#2", "239.0.0.2#2"}));
}

TEST_F(StreamSetTest, AConfiguredStreamIsNobodyElsesToEnd) {
  Configuration configuration;
  configuration.receivers = {receiver("a")};
  (void)set_.apply(configuration);
  EXPECT_EQ(set_.remove<ReceiverSpec>("a").error().code, "configured");
  EXPECT_EQ(set_.renew<ReceiverSpec>("a", 0).error().code, "configured");
  EXPECT_EQ(names(), Names{"a"});
}

TEST_F(StreamSetTest, AReloadLeavesAdHocStreamsAloneSaveThatOfAConfiguredName) {
  ASSERT_TRUE(set_.add(request("x"), 0));
  ASSERT_TRUE(set_.add(request("y"), 0));
  Configuration configuration;
  configuration.receivers = {receiver("x", 5)};
  EXPECT_EQ(set_.apply(configuration).replaced, 1U);
  EXPECT_EQ(names(), (Names{"x", "y"}));
  EXPECT_EQ(set_.renew<ReceiverSpec>("x", 0).error().code, "configured");
  set_.expire(2 * StreamSet::kRenewWithin);
  EXPECT_EQ(names(), Names{"x"});
}

TEST_F(StreamSetTest, ThereIsAnEndToAdHocRequests) {
  for (std::size_t i = 0; i < StreamSet::kMaxRequests; ++i) {
    ASSERT_TRUE(set_.add(request("x" + std::to_string(i)), 0));
  }
  const auto made = set_.add(request("one too many"), 0);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().status, 429);
}

}  // namespace
}  // namespace mcast::agent
