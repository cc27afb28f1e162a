#include "cli/streams/command_main.h"
#include "cli/streams/send_command.h"

int main(int argc, char** argv) {
  using mcast::cli::SendOptions;
  return mcast::cli::command_main<SendOptions>(
      "mcast-send", argc, argv, mcast::cli::parse_send_options,
      [](const SendOptions& options) { return !options.quiet && !options.json; },
      mcast::cli::run_send);
}
