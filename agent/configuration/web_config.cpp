#include "agent/configuration/web_config.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>
#include <utility>

#include "agent/configuration/input_tree.h"
#include "agent/configuration/stream_entry.h"
#include "agent/configuration/yaml.h"
#include "base/text.h"

namespace mcast::agent {
namespace {

constexpr std::size_t kMostUsers = 1000;
constexpr std::size_t kMostTextBytes = 4096;

template <typename Value>
struct Named {
  std::string_view name;
  Value value;
};

constexpr std::array kClientCertificates{
    Named{"NoClientCert", http::ClientCertificate::kNone},
    Named{"RequestClientCert", http::ClientCertificate::kRequest},
    Named{"RequireAnyClientCert", http::ClientCertificate::kRequireAny},
    // The toolkit's older word for it.
    Named{"RequireClientCert", http::ClientCertificate::kRequireAny},
    Named{"VerifyClientCertIfGiven", http::ClientCertificate::kVerifyIfGiven},
    Named{"RequireAndVerifyClientCert", http::ClientCertificate::kRequireAndVerify}};

// TLS 1.0 and 1.1 are not offered: OpenSSL refuses them at its usual security level.
constexpr std::array kVersions{Named{"TLS12", TLS1_2_VERSION}, Named{"TLS13", TLS1_3_VERSION}};

constexpr std::array<std::string_view, 3> kTopKeys{"tls_server_config", "basic_auth_users",
                                                   "http_server_config"};
constexpr std::array<std::string_view, 6> kTlsKeys{
    "cert_file", "key_file", "client_auth_type", "client_ca_file", "min_version", "max_version"};
constexpr std::array<std::string_view, 2> kHttpKeys{"http2", "headers"};
constexpr std::array<std::string_view, 5> kHeaderKeys{"Content-Security-Policy", "X-Frame-Options",
                                                      "X-Content-Type-Options", "X-XSS-Protection",
                                                      "Strict-Transport-Security"};

std::string tls_hint(std::string_view key) {
  constexpr std::array<std::string_view, 6> kNotHere{"cipher_suites",
                                                     "curve_preferences",
                                                     "prefer_server_cipher_suites",
                                                     "client_allowed_sans",
                                                     "cert",
                                                     "key"};
  if (std::ranges::find(kNotHere, key) == kNotHere.end()) return "";
  return "the exporter toolkit knows it, this agent does not; remove it";
}

class Reader {
 public:
  Reader(std::string_view text, std::string directory)
      : text_(text), directory_(std::move(directory)) {}

  std::expected<http::WebSettings, ConfigurationErrors> run() {
    const auto tree = parse_yaml(text_);
    if (!tree) return std::unexpected(tree.error());
    if (const InputValue* root = tree->root();
        root != nullptr && root->kind != InputValue::Kind::kNull) {
      const auto top = read_keys(*root, {.what = "the file", .keys = kTopKeys}, errors_);
      if (const auto* tls = find_value(top, "tls_server_config")) read_tls(*tls);
      if (const auto* users = find_value(top, "basic_auth_users")) read_users(*users->value);
      if (const auto* http = find_value(top, "http_server_config")) read_http(*http->value);
    }
    if (!errors_.empty()) return std::unexpected(errors_.take(text_, "errors"));
    return std::move(result_);
  }

 private:
  std::optional<std::string> text_of(std::string_view key, const InputValue& node) {
    const std::string name(key);
    if (node.kind != InputValue::Kind::kScalar || node.text.empty()) {
      errors_.add(node.position, name + " must be text, not " + describe(node));
    } else if (node.text.size() > kMostTextBytes) {
      errors_.add(node.position, name + " is too long: at most 4096 bytes");
    } else if (has_control_characters(node.text)) {
      errors_.add(node.position, name + " has a control character");
    } else {
      return node.text;
    }
    return std::nullopt;
  }

  std::string path_of(const KeyedValues& values, std::string_view key) {
    const KeyedValue* value = find_value(values, key);
    if (value == nullptr) return "";
    const auto text = text_of(key, *value->value);
    return text ? (std::filesystem::path(directory_) / *text).string() : "";
  }

  template <typename Value, std::size_t kSize>
  void choose(const KeyedValues& values, std::string_view key,
              const std::array<Named<Value>, kSize>& names, Value& chosen) {
    const KeyedValue* value = find_value(values, key);
    if (value == nullptr) return;
    const auto found = std::ranges::find(names, value->value->text, &Named<Value>::name);
    if (value->value->kind == InputValue::Kind::kScalar && found != names.end()) {
      chosen = found->value;
      return;
    }
    std::string message = std::string(key) + " must be ";
    for (const auto& name : names) {
      if (&name != &names.front()) message += &name == &names.back() ? " or " : ", ";
      message += name.name;
    }
    errors_.add(value->value->position, message + ", not " + describe(*value->value));
  }

  void read_tls(const KeyedValue& tls) {
    const auto values = read_keys(
        *tls.value, {.what = "tls_server_config", .keys = kTlsKeys, .hint = tls_hint}, errors_);
    http::TlsSettings settings;
    settings.certificate_file = path_of(values, "cert_file");
    settings.key_file = path_of(values, "key_file");
    settings.client_ca_file = path_of(values, "client_ca_file");
    choose(values, "client_auth_type", kClientCertificates, settings.client_certificate);
    choose(values, "min_version", kVersions, settings.lowest_version);
    choose(values, "max_version", kVersions, settings.highest_version);
    for (const std::string_view key : {"cert_file", "key_file"}) {
      if (!values.contains(key)) {
        errors_.add(tls.position, "tls_server_config needs " + std::string(key));
      }
    }
    if (settings.highest_version != 0 && settings.highest_version < settings.lowest_version) {
      errors_.add(find_value(values, "max_version")->position, "max_version is below min_version");
    }
    const bool verifies = settings.client_certificate == http::ClientCertificate::kVerifyIfGiven ||
                          settings.client_certificate == http::ClientCertificate::kRequireAndVerify;
    if (const KeyedValue* ca = find_value(values, "client_ca_file"); ca != nullptr && !verifies) {
      errors_.add(ca->position,
                  "client_ca_file does nothing without client_auth_type "
                  "RequireAndVerifyClientCert or VerifyClientCertIfGiven");
    } else if (const KeyedValue* type = find_value(values, "client_auth_type");
               type != nullptr && verifies && ca == nullptr) {
      errors_.add(type->position, "this client_auth_type needs client_ca_file");
    }
    // The library would wait for the writer of a FIFO.
    for (const auto& [key, path] : {std::pair{"cert_file", settings.certificate_file},
                                    std::pair{"key_file", settings.key_file},
                                    std::pair{"client_ca_file", settings.client_ca_file}}) {
      if (path.empty()) continue;
      if (const auto regular = expect_regular_file(path); !regular) {
        errors_.add(find_value(values, key)->value->position,
                    std::string(key) + " " + quote(path) + ": " + regular.error().message);
      }
    }
    // Only complete settings can be tried out.
    if (!errors_.empty()) return;
    auto context = http::TlsContext::make(settings);
    if (context) {
      result_.tls = std::make_shared<const http::TlsContext>(std::move(*context));
      return;
    }
    std::string_view key;
    switch (context.error().blamed) {
      case http::TlsContext::Blamed::kCertificate:
        key = "cert_file";
        break;
      case http::TlsContext::Blamed::kKey:
        key = "key_file";
        break;
      case http::TlsContext::Blamed::kClientCa:
        key = "client_ca_file";
        break;
      case http::TlsContext::Blamed::kOther:
        break;
    }
    const KeyedValue* blamed = key.empty() ? nullptr : find_value(values, key);
    errors_.add(blamed == nullptr ? tls.position : blamed->value->position,
                context.error().message);
  }

  void read_users(const InputValue& node) {
    if (node.kind != InputValue::Kind::kMapping) {
      errors_.add(node.position,
                  "basic_auth_users must be a mapping (user: hash), not " + describe(node));
      return;
    }
    if (node.children.size() / 2 > kMostUsers) {
      errors_.add(node.position, "more than 1000 users");
      return;
    }
    std::map<std::string, std::string> users;
    for (std::size_t i = 0; i + 1 < node.children.size(); i += 2) {
      const InputValue& user = *node.children[i];
      const InputValue& hash = *node.children[i + 1];
      const auto name = text_of("a user's name", user);
      if (!name) continue;
      if (name->find(':') != std::string::npos) {
        errors_.add(user.position, "a user's name cannot have a ':', as " + quote(*name) + " has");
      } else if (const auto form = hash.kind == InputValue::Kind::kScalar
                                       ? http::check_bcrypt_form(hash.text)
                                       : fail("is not a bcrypt hash");
                 !form) {
        // Not the value itself: it may be a password.
        errors_.add(hash.position,
                    "the value of user " + quote(*name) + " " + form.error().message);
      } else if (!users.emplace(*name, hash.text).second) {
        errors_.add(user.position, "duplicate user " + quote(*name));
      }
    }
    if (!users.empty()) result_.auth = std::make_shared<http::BasicAuth>(std::move(users));
  }

  void read_http(const InputValue& node) {
    const auto values = read_keys(node, {.what = "http_server_config", .keys = kHttpKeys}, errors_);
    if (const KeyedValue* http2 = find_value(values, "http2")) {
      const auto text = single_value("http2", *http2->value);
      const auto wanted = text ? parse_boolean("http2", *text, http2->value->quoted)
                               : std::unexpected(text.error());
      if (!wanted) {
        errors_.add(http2->value->position, wanted.error().message);
      } else if (*wanted) {
        errors_.add(http2->value->position, "this agent speaks HTTP/1.1 alone: http2 can be false");
      }
    }
    const KeyedValue* headers = find_value(values, "headers");
    if (headers == nullptr) return;
    for (const auto& [name, value] :
         read_keys(*headers->value, {.what = "headers", .keys = kHeaderKeys}, errors_)) {
      if (!value.has_value()) continue;
      if (auto text = text_of(name, *value.value)) result_.headers.emplace(name, *text);
    }
  }

  std::string_view text_;
  std::string directory_;
  ErrorList errors_;
  http::WebSettings result_;
};

}  // namespace

std::expected<http::WebSettings, ConfigurationErrors> parse_web_config(
    std::string_view yaml_text, const std::string& directory) {
  return Reader(yaml_text, directory).run();
}

std::expected<http::WebSettings, ConfigurationErrors> load_web_config(const std::string& path) {
  const auto text = read_configuration_file(path, FileKind::kRegular);
  if (!text) return std::unexpected(text.error());
  return parse_web_config(*text, std::filesystem::path(path).parent_path().string());
}

}  // namespace mcast::agent
