// --web.config.file: TLS, users and headers, in the format of the Prometheus exporter
// toolkit. docs/configuration.md describes every key.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "agent/configuration/configuration.h"
#include "http/server.h"

namespace mcast::agent {

// Everything that is wrong with the text. Certificates are read, too; relative paths
// are relative to `directory`.
[[nodiscard]] std::expected<http::WebSettings, ConfigurationErrors> parse_web_config(
    std::string_view yaml_text, const std::string& directory);

// The file may be empty: nothing is configured then.
[[nodiscard]] std::expected<http::WebSettings, ConfigurationErrors> load_web_config(
    const std::string& path);

}  // namespace mcast::agent
