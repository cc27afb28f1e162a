// Finds the receiver streams that a datagram is for: by group, interface and
// port; the source is then compared along the chain. Open addressing, so that a
// look-up touches one or two cache lines. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/address.h"

namespace mcast {

struct ReceiveStream;

class StreamTable {
 public:
  struct Key {
    IpAddress group;
    int ifindex = 0;
    std::uint16_t port = 0;
    friend bool operator==(const Key&, const Key&) = default;
  };

  StreamTable();

  // Fetches the memory that find() will look at.
  void prefetch(const Key& key) const { __builtin_prefetch(&slots_[home(key)]); }
  // First stream of the chain (ReceiveStream::next), or null.
  [[nodiscard]] ReceiveStream* find(const Key& key) const;

  // The stream is not in the table yet, and stays alive until it is removed.
  void insert(const Key& key, ReceiveStream& stream);
  void remove(const Key& key, ReceiveStream& stream);

 private:
  struct Slot {
    Key key;
    ReceiveStream* head = nullptr;  // null: free
  };

  [[nodiscard]] std::size_t home(const Key& key) const;
  [[nodiscard]] std::size_t slot_of(const Key& key) const;  // its slot, or the free one for it
  void grow();

  std::vector<Slot> slots_;  // a power of two, at most half full
  std::size_t used_ = 0;
};

}  // namespace mcast
