#include "cli/streams/command_main.h"
#include "cli/streams/receive_command.h"

int main(int argc, char** argv) {
  using mcast::cli::ReceiveOptions;
  return mcast::cli::command_main<ReceiveOptions>(
      "mcast-receive", argc, argv, mcast::cli::parse_receive_options,
      [](const ReceiveOptions& options) {
        return !options.quiet && !options.json && !options.events;
      },
      mcast::cli::run_receive);
}
