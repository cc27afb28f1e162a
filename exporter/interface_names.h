// Names of interfaces by index, for labels. The kernel's tables are read one after
// the other, so that an index may be of an interface that came or went in between.
// Internal to this folder.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "netlink/types.h"

namespace mcast::exporter {

class InterfaceNames {
 public:
  explicit InterfaceNames(const std::vector<netlink::Link>& links) {
    for (const netlink::Link& link : links) names_.emplace(link.index, link.name);
  }
  // "if7" for one that is not known.
  [[nodiscard]] std::string of(int index) const {
    const auto found = names_.find(index);
    return found != names_.end() ? found->second : "if" + std::to_string(index);
  }

 private:
  std::map<int, std::string> names_;
};

}  // namespace mcast::exporter
