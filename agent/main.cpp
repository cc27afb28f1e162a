// mcast-agent. The one place where the parts are put together, in the order in
// which they start.
#include <net/if.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <variant>

#include "agent/api/api.h"
#include "agent/configuration/configuration.h"
#include "agent/events/event_feed.h"
#include "agent/events/event_hub.h"
#include "agent/logfmt_log.h"
#include "agent/options.h"
#include "agent/run/decode_errors.h"
#include "agent/run/main_loop.h"
#include "agent/run/network_watch.h"
#include "agent/run/reload.h"
#include "agent/run/stream_set.h"
#include "base/clock.h"
#include "base/command_queue.h"
#include "base/crash_handler.h"
#include "base/signals.h"
#include "base/version.h"
#include "base/wake_up.h"
#include "http/server.h"
#include "http/socket.h"
#include "netlink/forcing/forced_versions.h"
#include "netlink/host.h"
#include "netlink/rtnetlink/link_monitor.h"
#include "probe/event_queue.h"
#include "probe/receive_engine.h"
#include "probe/send_engine.h"
#include "streams/running_streams.h"
#include "streams/stream_supervisor.h"

namespace mcast::agent {
namespace {

constexpr int kSuccess = 0;
constexpr int kFailed = 1;
constexpr int kWrongUse = 2;

void print(std::FILE* stream, const std::string& text) {
  (void)std::fputs(text.c_str(), stream);
}

// What was read; or every error of the file is printed as file:line:column.
template <typename T>
std::optional<T> or_print(std::expected<T, ConfigurationErrors> read, const std::string& file) {
  if (read) return std::move(*read);
  for (const ConfigurationError& error : read.error()) print(stderr, error.to_string(file) + "\n");
  return std::nullopt;
}

// Null: none is wanted, or the usual one cannot be had, as without root, or where an
// agent of another network namespace has it already.
Result<std::unique_ptr<http::UnixSocket>> open_api_socket(const Options& options, Log& log) {
  if (options.api_socket.empty()) return nullptr;
  auto opened = http::UnixSocket::open(options.api_socket, options.api_socket_group);
  if (opened || options.api_socket_given) return opened;
  log.warning("no Unix socket for the API", {{"reason", opened.error().message}});
  return nullptr;
}

std::string host_name() {
  std::array<char, 256> name{};
  // Without its end where it is too long.
  if (::gethostname(name.data(), name.size() - 1) != 0) return "";
  return name.data();
}

int fail_start(Log& log, const char* what, const Error& error) {
  log.error(what, {{"reason", error.message}});
  return kFailed;
}

// As many descriptors as are allowed: connections may take more than the usual soft limit
// of 1,024, which is there for programs that use select().
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  (void)::setrlimit(RLIMIT_NOFILE, &limit);
}

int run(int argc, const char* const* argv) {
  const auto parsed = parse_options(argc, argv);
  if (const auto* end = std::get_if<EndNow>(&parsed); end != nullptr) {
    print(end->code == 0 ? stdout : stderr, end->text);
    return end->code;
  }
  const Options& options = std::get<Options>(parsed);

  // A running agent says of each stream what it lacks.
  const HasInterface has_interface =
      options.config_check
          ? [](const std::string& name) { return ::if_nametoindex(name.c_str()) != 0; }
          : HasInterface{};
  const auto configuration = or_print(
      load_configuration(options.config_file, FileKind::kAny, has_interface), options.config_file);
  if (!configuration) return kWrongUse;
  for (ConfigurationError warning : configuration->warnings) {
    warning.message.insert(0, "warning: ");
    print(stderr, warning.to_string(options.config_file) + "\n");
  }
  http::WebSettings web;
  if (!options.web_config_file.empty()) {
    auto read = or_print(load_web_config(options.web_config_file), options.web_config_file);
    if (!read) return kWrongUse;
    web = std::move(*read);
  }
  if (options.config_check) {
    const std::size_t warnings = configuration->warnings.size();
    print(stdout, options.config_file + ": fine" +
                      (warnings == 0   ? ""
                       : warnings == 1 ? ", with 1 warning"
                                       : ", with " + std::to_string(warnings) + " warnings") +
                      ": " + std::to_string(configuration->senders.size()) + " senders, " +
                      std::to_string(configuration->receivers.size()) + " receivers\n");
    return kSuccess;
  }

  LogfmtLog log(options.log_level);
  const SystemClock clock;
  raise_descriptor_limit();

  // Before any thread: threads inherit what is blocked here.
  auto signals = Signals::block({SIGTERM, SIGINT, SIGHUP, SIGPIPE});
  if (!signals) return fail_start(log, "cannot handle signals", signals.error());

  // The network as the kernel sees it, for the main loop.
  auto host = netlink::Host::open();
  if (!host) return fail_start(log, "cannot ask the kernel", host.error());
  if (!host->has_netlink()) {
    log.warning("netlink is not available here", {{"reason", host->what_is_unknown()}});
  }
  // Without it the interfaces are looked at every second.
  std::optional<netlink::LinkMonitor> link_monitor;
  if (host->has_netlink()) {
    auto opened = netlink::LinkMonitor::open();
    if (!opened) return fail_start(log, "cannot watch the interfaces", opened.error());
    link_monitor = std::move(*opened);
  }
  netlink::ForcedVersions forced_versions("/proc", netlink::kStateDirectory);
  put_back_versions(forced_versions, log);
  const CrashHandler crash_handler;
  restore_in_a_crash(forced_versions);
  DecodeErrors decode_errors(log, clock);

  // What happens, for the API and the log; readable when the main loop has to look.
  EventHub event_hub(static_cast<std::uint64_t>(clock.realtime() / kMicrosecond));
  EventFeed feed(event_hub, log, clock);
  const auto events_wake = WakeUp::create();
  if (!events_wake) return fail_start(log, "cannot start", events_wake.error());

  // The engines: idle until streams are added.
  EventQueue events(events_wake->fd());
  auto receivers = ReceiveEngine::start(clock, events);
  if (!receivers) return fail_start(log, "cannot start receiving", receivers.error());
  std::random_device random;
  auto senders = SendEngine::start(clock, [&random] { return random(); });
  if (!senders) return fail_start(log, "cannot start sending", senders.error());

  auto network = NetworkWatch::start(
      {.receivers = **receivers,
       .senders = **senders,
       .decode_errors = decode_errors,
       .clock = clock,
       .log = log,
       .origin =
           [&options](StreamOrigin origin) {
             return origin == StreamOrigin::kConfigured && !options.config_file.empty()
                        ? findings::Origin{.file = options.config_file}
                        : ad_hoc_origin(options.api_socket);
           },
       .on_membership =
           [&](const netlink::MembershipEvent& event, const std::string& interface) {
             feed.on_membership(event, interface);
           }},
      configuration->igmp_watch);
  if (!network) return fail_start(log, "cannot watch the network", network.error());

  StreamRegister stream_register;
  StreamSupervisor supervisor(StreamSupervisor::network_of(*host),
                              {.receive_engine = **receivers,
                               .send_engine = **senders,
                               .forced_versions = forced_versions,
                               .log = log,
                               .stream_register = &stream_register});
  StreamSet streams(supervisor, [&](const StreamChange& change) { feed.on_stream_change(change); });
  Reload reload(
      {.streams = streams, .network = **network, .feed = feed, .clock = clock, .log = log},
      options.config_file, configuration->defaults);
  // How HTTP threads have something done here.
  auto main_loop = CommandQueue::create();
  if (!main_loop) return fail_start(log, "cannot start", main_loop.error());

  // HTTP before the streams: a port in use is found before a group is joined.
  std::atomic<bool> ready = false;
  const AgentParts agent{.receivers = **receivers,
                         .senders = **senders,
                         .network = **network,
                         .decode_errors = decode_errors,
                         .event_hub = event_hub,
                         .clock = clock,
                         .log = log,
                         .main_loop = **main_loop,
                         .streams = streams,
                         .supervisor = supervisor,
                         .feed = feed,
                         .reload = reload,
                         .signals = *signals,
                         .link_monitor = link_monitor ? &*link_monitor : nullptr,
                         .events = events,
                         .events_wake = *events_wake};
  http::Routes routes;
  add_page(routes);
  add_metrics(agent, routes);
  add_reading(agent,
              {.version = std::string(version()),
               .revision = std::string(revision()),
               .compiler = std::string(compiler()),
               .host = options.host_name.empty() ? host_name() : options.host_name,
               .pid = ::getpid(),
               .started = clock.realtime(),
               .config_file = options.config_file},
              routes);
  add_writing(agent, routes);
  routes.get("/-/healthy",
             [](const http::Request&) { return http::Response{.body = "healthy\n"}; });
  routes.get("/-/ready", [&](const http::Request&) {
    if (!ready) return http::Response{.status = 503, .body = "starting\n"};
    return http::Response{.body = "ready\n"};
  });
  auto api_socket = open_api_socket(options, log);
  if (!api_socket) return fail_start(log, "cannot open the API's socket", api_socket.error());
  if (*api_socket) log.info("listening", {{"socket", (*api_socket)->path()}});
  auto server =
      http::Server::listen({.addresses = options.listen_addresses,
                            .unix_socket = std::move(*api_socket),
                            .web = std::make_shared<const http::WebSettings>(std::move(web)),
                            .error_json =
                                [](int status, std::string_view message) {
                                  return api::error_json(api::error_code(status), message);
                                }},

                           routes, [&log](std::string_view what) {
                             log.error("HTTP handler failed", {{"reason", std::string(what)}});
                           });
  if (!server) return fail_start(log, "cannot listen", server.error());
  reload.set_web_server(**server, options.web_config_file);
  for (const std::string& address : (*server)->bound())
    log.info("listening", {{"address", address}});

  // The first reading is the base line for joins and leaves.
  if (const auto read = (*network)->read_host(); !read) {
    log.warning("cannot read memberships", {{"reason", read.error().message}});
  }
  log.info("memberships", {{"source", std::string(to_string((*network)->membership_source()))}});
  (void)streams.apply(*configuration);
  (*main_loop)->open();
  ready = true;
  log.info("started", {{"version", std::string(version())},
                       {"senders", std::to_string(configuration->senders.size())},
                       {"receivers", std::to_string(configuration->receivers.size())}});

  MainLoop(agent).run();

  log.info("stopping");
  // Nobody may wait for this loop any longer, nor for events.
  (*main_loop)->abandon();
  event_hub.close();
  // Scrapes use the engines, so they end first; groups are left with the engine,
  // forced IGMP versions are put back with the supervisor.
  (*server)->stop();
  network->reset();
  senders->reset();
  receivers->reset();
  log.info("stopped");
  return kSuccess;
}

}  // namespace
}  // namespace mcast::agent

int main(int argc, char** argv) {
  try {
    return mcast::agent::run(argc, argv);
  } catch (const std::exception& error) {
    // Out of memory, or a bug: nothing in here throws on purpose.
    (void)std::fprintf(stderr, "mcast-agent: %s\n", error.what());
    return EXIT_FAILURE;
  }
}
