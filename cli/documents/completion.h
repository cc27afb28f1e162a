// Completions for bash and zsh from what a command's description says. Pure. What is
// on the host, interfaces above all, the shell looks up when somebody presses Tab.
#pragma once

#include <string>

#include "cli/arguments/command_description.h"

namespace mcast::cli {

// A file for share/bash-completion/completions/NAME; needs nothing of the
// bash-completion package but that it is read, and may be sourced by itself.
[[nodiscard]] std::string bash_completion(const CommandDescription& command);

// A file _NAME for a folder of zsh's $fpath.
[[nodiscard]] std::string zsh_completion(const CommandDescription& command);

}  // namespace mcast::cli
