#include "agent/configuration/configuration.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>
#include <utility>

#include "agent/configuration/entries.h"
#include "base/text.h"

namespace mcast::agent {
namespace {

constexpr std::size_t kMaxUsers = 1000;
constexpr std::size_t kMaxTextBytes = 4096;

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
    if (tree->root() != nullptr) {
      read_keys(
          *tree->root(), "the file",
          {{"tls_server_config", [this](const KeyedValue& tls) { read_tls(tls); }},
           {"basic_auth_users", [this](const KeyedValue& users) { read_users(*users.value); }},
           {"http_server_config", [this](const KeyedValue& http) { read_http(*http.value); }}},
          errors_);
    }
    if (!errors_.empty()) return std::unexpected(errors_.take(text_, "errors"));
    return std::move(result_);
  }

 private:
  std::optional<std::string> text_of(std::string_view key, const InputValue& node) {
    const std::string name(key);
    if (node.kind != InputValue::Kind::kScalar || node.text.empty()) {
      errors_.add(node.position, name + " must be text, not " + describe(node));
    } else if (node.text.size() > kMaxTextBytes) {
      errors_.add(node.position, name + " is too long: at most 4096 bytes");
    } else if (has_control_characters(node.text)) {
      errors_.add(node.position, name + " has a control character");
    } else {
      return node.text;
    }
    return std::nullopt;
  }

  InputKey path(std::string_view key, std::string& into) {
    return {key, [this, key, &into](const KeyedValue& given) {
              const auto text = text_of(key, *given.value);
              if (text) into = (std::filesystem::path(directory_) / *text).string();
            }};
  }

  template <typename Value>
  InputKey choice(std::string_view key, std::span<const Named<Value>> names, Value& chosen) {
    return {key, [this, key, names, &chosen](const KeyedValue& given) {
              const InputValue& value = *given.value;
              const auto found = std::ranges::find(names, value.text, &Named<Value>::name);
              if (value.kind == InputValue::Kind::kScalar && found != names.end()) {
                chosen = found->value;
                return;
              }
              std::string message = std::string(key) + " must be ";
              for (const auto& name : names) {
                if (&name != &names.front()) message += &name == &names.back() ? " or " : ", ";
                message += name.name;
              }
              errors_.add(value.position, message + ", not " + describe(value));
            }};
  }

  void read_tls(const KeyedValue& tls) {
    http::TlsSettings settings;
    const auto values = read_keys(
        *tls.value, "tls_server_config",
        {path("cert_file", settings.certificate_file), path("key_file", settings.key_file),
         choice<http::ClientCertificate>("client_auth_type", kClientCertificates,
                                         settings.client_certificate),
         path("client_ca_file", settings.client_ca_file),
         choice<int>("min_version", kVersions, settings.lowest_version),
         choice<int>("max_version", kVersions, settings.highest_version)},
        errors_, tls_hint);
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
    // In the order of TlsContext::Blamed.
    const std::array<std::pair<std::string_view, const std::string*>, 3> files{
        {{"cert_file", &settings.certificate_file},
         {"key_file", &settings.key_file},
         {"client_ca_file", &settings.client_ca_file}}};
    // The library would wait for the writer of a FIFO.
    for (const auto& [key, file] : files) {
      std::error_code ignored;
      const auto status = std::filesystem::status(*file, ignored);
      if (!exists(status) || is_regular_file(status)) continue;
      errors_.add(find_value(values, key)->value->position,
                  std::string(key) + " " + quote(*file) + ": is not a regular file");
    }
    // Only complete settings can be tried out.
    if (!errors_.empty()) return;
    auto context = http::TlsContext::make(settings);
    if (context) {
      result_.tls = std::make_shared<const http::TlsContext>(std::move(*context));
      return;
    }
    const auto number = static_cast<std::size_t>(context.error().blamed);
    const KeyedValue* const blamed =
        number < files.size() ? find_value(values, files[number].first) : nullptr;
    errors_.add(blamed == nullptr ? tls.position : blamed->value->position,
                context.error().message);
  }

  void read_users(const InputValue& node) {
    if (node.kind != InputValue::Kind::kMapping) {
      errors_.add(node.position,
                  "basic_auth_users must be a mapping (user: hash), not " + describe(node));
      return;
    }
    if (node.children.size() / 2 > kMaxUsers) {
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
    const auto read_http2 = [this](const KeyedValue& http2) {
      const auto wanted = read_value({.name = "http2", .parse = parse_boolean}, *http2.value);
      if (!wanted) {
        errors_.add(http2.value->position, wanted.error().message);
      } else if (std::get<bool>(*wanted)) {
        errors_.add(http2.value->position, "this agent speaks HTTP/1.1 alone: http2 can be false");
      }
    };
    const auto read_headers = [this](const KeyedValue& headers) {
      for (const auto& [name, value] :
           read_keys(*headers.value, {.what = "headers", .keys = kHeaderKeys}, errors_)) {
        if (!value.has_value()) continue;
        if (auto text = text_of(name, *value.value)) result_.headers.emplace(name, *text);
      }
    };
    read_keys(node, "http_server_config", {{"http2", read_http2}, {"headers", read_headers}},
              errors_);
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
