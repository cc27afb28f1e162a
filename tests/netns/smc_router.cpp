#include "tests/netns/smc_router.h"

#include <chrono>

#include "tests/netns/eventually.h"
#include "tests/netns/failure.h"

namespace mcast::test {

std::string smcroute_configuration(const std::vector<MulticastRoute>& routes) {
  std::string text;
  for (const MulticastRoute& route : routes) {
    const std::string source = route.source.empty() ? "" : " source " + route.source;
    text += "mgroup from " + route.from + " group " + route.group + source + "\n";
    text +=
        "mroute from " + route.from + " group " + route.group + source + " to " + route.to + "\n";
  }
  return text;
}

SmcRouter::SmcRouter(const Namespace& where, const std::string& configuration)
    : directory_(std::make_unique<TemporaryDirectory>()) {
  where.forward_ipv6();
  const std::string file = directory_->write("smcroute.conf", configuration);
  const std::string socket = directory_->path("smcroute.sock");
  process_ = std::make_unique<Process>(where.spawn(
      {"smcrouted", "-n", "-f", file, "-P", directory_->path("smcroute.pid"), "-u", socket}));
  const auto answers = [&] {
    if (!process_->running()) {
      fail_with("smcrouted in " + where.name() + " ended: " + process_->standard_error());
    }
    return where.try_run({"smcroutectl", "-p", "-u", socket, "show"}).exit_status == 0;
  };
  if (!eventually(std::chrono::seconds(10), answers)) {
    fail_with("smcrouted in " + where.name() + " does not answer: " + process_->standard_error());
  }
}

std::string SmcRouter::routes() const {
  // The socket is a file, so it is reached from any network namespace.
  Process show({"smcroutectl", "-p", "-u", directory_->path("smcroute.sock"), "show", "routes"});
  show.wait_exit(std::chrono::seconds(10));
  return show.standard_output();
}

}  // namespace mcast::test
