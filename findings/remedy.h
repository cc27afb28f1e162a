// Remedies that change how a stream was asked for: the person's own command line, or a key of
// their configuration file, with one thing changed. Pure functions, any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "findings/evidence.h"

namespace mcast::findings {

// What can be changed of a stream: a key of the configuration, with its options of commands.
enum class Setting : std::uint8_t {
  kInterface,
  kSource,
  kPort,
  kIgmpVersion,
  kMldVersion,
  kRate,
  kSize
};

// The command line with that value, as words of the shell; or "set `port: 5000` in receiver video
// of lab.yml". Of a subject that nobody asked for as a stream: a command that receives it.
[[nodiscard]] std::string change(const Subject& subject, Setting setting, const std::string& value);
// Whether the person's command line says the interface: as an option, or as the group's zone.
// nullopt: there is none to see it in.
[[nodiscard]] std::optional<bool> names_interface(const Subject& subject);
// What already runs, once more: the command line as it is, "" where there is none.
[[nodiscard]] std::string again(const Subject& subject);

}  // namespace mcast::findings
