#include <array>

#include "cli/arguments/command_description.h"

namespace mcast::cli {

std::span<const CommandDescription* const> documented_commands() {
  static const std::array commands{
      &send_description(),
      &receive_description(),
      &status_description(),
      &agent_description(),
  };
  return commands;
}

}  // namespace mcast::cli
