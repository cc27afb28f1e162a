#include "probe/stream_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <tuple>
#include <utility>
#include <vector>

#include "probe/receive_stream.h"
#include "tests/unit/probe/stream_feed.h"

namespace mcast::test {
namespace {

using Key = StreamTable::Key;

class StreamTableTest : public ::testing::Test {
 protected:
  std::unique_ptr<ReceiveStream> make_stream(StreamId id) {
    return std::make_unique<ReceiveStream>(id, ReceiverSpec{}, events_);
  }
  // IDs of a key's chain, sorted.
  static std::vector<StreamId> ids(const StreamTable& table, const Key& key) {
    std::vector<StreamId> result;
    for (ReceiveStream* s = table.find(key); s != nullptr; s = s->next) result.push_back(s->id);
    std::ranges::sort(result);
    return result;
  }

  RecordedEvents events_;
  StreamTable table_;
};

constexpr Key kKey{.group = IpAddress::v4(0xEF000A65), .ifindex = 2, .port = 19779};

TEST_F(StreamTableTest, FindsNothingAtFirst) {
  EXPECT_EQ(table_.find(kKey), nullptr);
}

TEST_F(StreamTableTest, FindsAStreamByItsKeyAndByNoOther) {
  const auto stream = make_stream(1);
  table_.insert(kKey, *stream);
  EXPECT_EQ(table_.find(kKey), stream.get());
  Key other = kKey;
  other.group = kKey.group.plus(1);
  EXPECT_EQ(table_.find(other), nullptr);
  other = kKey;
  other.ifindex = 3;
  EXPECT_EQ(table_.find(other), nullptr);
  other = kKey;
  other.port = 19780;
  EXPECT_EQ(table_.find(other), nullptr);
}

TEST_F(StreamTableTest, TellsAnIpv6GroupFromTheIpv4GroupOfTheSameBytes) {
  const auto four = make_stream(4);
  const auto six = make_stream(6);
  std::array<std::uint8_t, 16> bytes{0xEF, 0x00, 0x0A, 0x65};
  const Key key6{.group = IpAddress::v6(bytes), .ifindex = 2, .port = 19779};
  table_.insert(kKey, *four);
  EXPECT_EQ(table_.find(key6), nullptr);
  table_.insert(key6, *six);
  EXPECT_EQ(table_.find(key6), six.get());
  EXPECT_EQ(table_.find(kKey), four.get());
}

TEST_F(StreamTableTest, ChainsStreamsOfTheSameKeyAndTakesAnyOfThemOut) {
  const auto one = make_stream(1);
  const auto two = make_stream(2);
  const auto three = make_stream(3);
  for (const auto* stream : {&one, &two, &three}) table_.insert(kKey, **stream);
  EXPECT_EQ(ids(table_, kKey), (std::vector<StreamId>{1, 2, 3}));
  table_.remove(kKey, *two);
  EXPECT_EQ(ids(table_, kKey), (std::vector<StreamId>{1, 3}));
  EXPECT_EQ(two->next, nullptr);
  table_.remove(kKey, *three);
  table_.remove(kKey, *one);
  EXPECT_EQ(table_.find(kKey), nullptr);
}

TEST_F(StreamTableTest, RemovingAStreamThatIsNotThereChangesNothing) {
  const auto one = make_stream(1);
  const auto stranger = make_stream(2);
  table_.remove(kKey, *stranger);
  table_.insert(kKey, *one);
  table_.remove(kKey, *stranger);
  EXPECT_EQ(table_.find(kKey), one.get());
}

TEST_F(StreamTableTest, EqualsAMultimapThroughRandomInsertsAndRemoves) {
  using Flat = std::tuple<IpAddress, int, std::uint16_t>;
  std::mt19937_64 random(7);
  std::vector<std::unique_ptr<ReceiveStream>> streams;
  std::vector<Key> keys;
  for (std::uint32_t i = 0; i < 1500; ++i) {
    streams.push_back(make_stream(i));
    // Few groups, interfaces and ports, so that keys share and slots collide.
    keys.push_back(
        Key{.group = IpAddress::v4(0xEF000000 + static_cast<std::uint32_t>(random() % 300)),
            .ifindex = 1 + static_cast<int>(random() % 3),
            .port = static_cast<std::uint16_t>(5000 + random() % 2)});
  }
  std::multimap<Flat, StreamId> model;
  std::vector<bool> inside(streams.size());
  const auto flat = [](const Key& key) { return Flat(key.group, key.ifindex, key.port); };
  const auto expected = [&](const Key& key) {
    std::vector<StreamId> result;
    const auto [from, to] = model.equal_range(flat(key));
    for (auto it = from; it != to; ++it) result.push_back(it->second);
    std::ranges::sort(result);
    return result;
  };
  for (int step = 0; step < 30'000; ++step) {
    // Fills up, then empties, then fills again: growing and holes both happen.
    const bool filling = (step / 3000) % 2 == 0;
    const std::size_t i = random() % streams.size();
    if (!inside[i] && (filling || random() % 4 == 0)) {
      table_.insert(keys[i], *streams[i]);
      model.emplace(flat(keys[i]), streams[i]->id);
      inside[i] = true;
    } else if (inside[i] && (!filling || random() % 4 == 0)) {
      table_.remove(keys[i], *streams[i]);
      auto it = model.lower_bound(flat(keys[i]));
      while (it->second != streams[i]->id) ++it;
      model.erase(it);
      inside[i] = false;
    }
    ASSERT_EQ(ids(table_, keys[i]), expected(keys[i])) << "step " << step;
    if (step % 500 == 0) {
      for (const Key& key : keys) ASSERT_EQ(ids(table_, key), expected(key)) << "step " << step;
    }
  }
}

}  // namespace
}  // namespace mcast::test
