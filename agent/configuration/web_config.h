// --web.config.file: TLS, users and headers, in the format of the Prometheus exporter
// toolkit. docs/configuration.md describes every key.
#pragma once

#include <expected>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "agent/configuration/configuration.h"
#include "http/basic_auth.h"
#include "http/tls.h"

namespace mcast::agent {

// Thread-safe; shared by the connections that began with it.
struct WebConfig {
  std::shared_ptr<const TlsContext> tls = {};  // null: none
  std::shared_ptr<BasicAuth> auth = {};        // null: everybody may read
  std::map<std::string, std::string> headers = {};

  // What writing over TCP needs.
  [[nodiscard]] bool allows_writing() const { return tls != nullptr && auth != nullptr; }
};

// Everything that is wrong with the text. Certificates are read, too; relative paths
// are relative to `directory`.
[[nodiscard]] std::expected<WebConfig, ConfigurationErrors> parse_web_config(
    std::string_view yaml_text, const std::string& directory);

// The file may be empty: nothing is configured then.
[[nodiscard]] std::expected<WebConfig, ConfigurationErrors> load_web_config(
    const std::string& path);

}  // namespace mcast::agent
