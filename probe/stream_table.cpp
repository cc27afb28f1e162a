#include "probe/stream_table.h"

#include <cstring>
#include <utility>

#include "probe/receive_stream.h"

namespace mcast {
namespace {

// Any mixer with good low bits does; this is the finaliser of SplitMix64.
std::uint64_t mix(std::uint64_t x) {
  x = (x ^ (x >> 30U)) * 0xBF58476D1CE4E5B9U;
  x = (x ^ (x >> 27U)) * 0x94D049BB133111EBU;
  return x ^ (x >> 31U);
}

}  // namespace

StreamTable::StreamTable() : slots_(64) {}

std::size_t StreamTable::home(const Key& key) const {
  const std::uint64_t place =
      (std::uint64_t{static_cast<std::uint32_t>(key.ifindex)} << 16U) | key.port;
  std::uint64_t group = 0;
  if (key.group.is_v4()) {
    group = key.group.v4_host_order();
  } else {
    std::uint64_t high = 0;
    std::memcpy(&high, key.group.bytes().data(), sizeof high);
    std::memcpy(&group, key.group.bytes().data() + sizeof high, sizeof group);
    group ^= mix(high);
  }
  return mix(group ^ mix(place)) & (slots_.size() - 1);
}

std::size_t StreamTable::slot_of(const Key& key) const {
  std::size_t i = home(key);
  while (slots_[i].head != nullptr && slots_[i].key != key) i = (i + 1) & (slots_.size() - 1);
  return i;
}

ReceiveStream* StreamTable::find(const Key& key) const {
  return slots_[slot_of(key)].head;
}

void StreamTable::insert(const Key& key, ReceiveStream& stream) {
  if ((used_ + 1) * 2 > slots_.size()) grow();
  Slot& slot = slots_[slot_of(key)];
  if (slot.head == nullptr) {
    slot.key = key;
    ++used_;
  }
  stream.next = std::exchange(slot.head, &stream);
}

void StreamTable::remove(const Key& key, ReceiveStream& stream) {
  std::size_t i = slot_of(key);
  ReceiveStream** link = &slots_[i].head;
  while (*link != nullptr && *link != &stream) link = &(*link)->next;
  if (*link == nullptr) return;
  *link = std::exchange(stream.next, nullptr);
  if (slots_[i].head != nullptr) return;

  // The slot fell free: entries behind it whose home lies at or before it move
  // up, so that no search stops short of them.
  --used_;
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t j = (i + 1) & mask; slots_[j].head != nullptr; j = (j + 1) & mask) {
    const std::size_t distance_from_home = (j - home(slots_[j].key)) & mask;
    if (distance_from_home >= ((j - i) & mask)) {
      slots_[i] = std::exchange(slots_[j], Slot{});
      i = j;
    }
  }
}

void StreamTable::grow() {
  std::vector<Slot> old = std::exchange(slots_, std::vector<Slot>(slots_.size() * 2));
  for (const Slot& slot : old) {
    if (slot.head != nullptr) slots_[slot_of(slot.key)] = slot;
  }
}

}  // namespace mcast
