// What --web.config.file asks for: TLS, users with their passwords (basic authentication, RFC 7617,
// against bcrypt hashes) and headers.
#pragma once

#include <openssl/ssl.h>

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace mcast::http {

// As the exporter toolkit calls them.
enum class ClientCertificate : std::uint8_t {
  kNone,             // NoClientCert
  kRequest,          // RequestClientCert: asked for, may be missing, is not checked
  kRequireAny,       // RequireAnyClientCert: must be there, is not checked
  kVerifyIfGiven,    // VerifyClientCertIfGiven
  kRequireAndVerify  // RequireAndVerifyClientCert
};

struct TlsSettings {
  std::string certificate_file = {};  // PEM, may hold a chain
  std::string key_file = {};          // PEM, without a passphrase
  std::string client_ca_file = {};
  ClientCertificate client_certificate = ClientCertificate::kNone;
  int lowest_version = TLS1_2_VERSION;
  int highest_version = 0;  // 0: the newest
};

struct SslContextEnd {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
struct SslEnd {
  void operator()(SSL* session) const { SSL_free(session); }
};
using SslContext = std::unique_ptr<SSL_CTX, SslContextEnd>;
using SslSession = std::unique_ptr<SSL, SslEnd>;

// Reads the files. Sessions keep alive what they need of it, so it can be replaced
// while they go on. Thread-safe once made.
class TlsContext {
 public:
  // Which of the files an error is about.
  enum class Blamed : std::uint8_t { kCertificate, kKey, kClientCa, kOther };
  struct Failure {
    Blamed blamed = Blamed::kOther;
    std::string message = {};
  };
  [[nodiscard]] static std::expected<TlsContext, Failure> make(const TlsSettings& settings);

  // The server's side of a session on this socket, which stays the caller's; null
  // when memory is short.
  [[nodiscard]] SslSession session(int socket) const;

 private:
  explicit TlsContext(SslContext context) : context_(std::move(context)) {}
  SslContext context_;
};

struct Credentials {
  std::string user = {};
  std::string password = {};
};

// What an Authorization header says; nullopt where it has none of this kind.
[[nodiscard]] std::optional<Credentials> parse_basic_credentials(std::string_view header);

// "$2a$", "$2b$" or "$2y$", cost 4 to kMaxBcryptCost, and the right length.
inline constexpr unsigned kMaxBcryptCost = 14;
[[nodiscard]] Result<void> check_bcrypt_form(std::string_view hash);

// Thread-safe. bcrypt is slow on purpose (50 ms and more), so what was right once is
// remembered, as a salted SHA-256 of the client's address, user, password and hash: what
// one address has shown to know helps no other to guess.
class BasicAuth {
 public:
  // User to hash, each checked by check_bcrypt_form().
  explicit BasicAuth(std::map<std::string, std::string> users);

  [[nodiscard]] bool empty() const { return users_.empty(); }
  // Knows what `before` remembers, of users whose hash is still the same. Before anybody
  // else uses this.
  void remember_as(const BasicAuth& before);

  using Digest = std::array<unsigned char, 32>;
  // What somebody says to be right, and by what it is remembered.
  struct Guess {
    Credentials credentials = {};
    Digest digest = {};
  };
  [[nodiscard]] Guess guess(Credentials credentials, std::string_view address) const;
  // Right, and known to be from an earlier check().
  [[nodiscard]] bool remembers(const Guess& guess) const;
  // Takes as long for a user who is unknown. With a stop it is false. Touches nothing that
  // OpenSSL takes away when the program ends: its thread may be left behind.
  [[nodiscard]] bool check(const Guess& guess, const std::stop_token& stop = {});

 private:
  static constexpr std::size_t kMaxRemembered = 128;
  const std::map<std::string, std::string> users_;
  // For a password that nobody knows, as expensive as the most expensive of the users'.
  std::string nobodys_hash_;
  std::array<unsigned char, 32> salt_{};
  mutable std::mutex mutex_;
  std::deque<Digest> remembered_;  // oldest first
};

// Thread-safe; shared by the connections that began with it.
struct WebSettings {
  std::shared_ptr<const TlsContext> tls = {};  // null: none
  std::shared_ptr<BasicAuth> auth = {};        // null: everybody may read
  std::map<std::string, std::string> headers = {};

  // What writing over TCP needs.
  [[nodiscard]] bool allows_writing() const { return tls != nullptr && auth != nullptr; }
};

}  // namespace mcast::http
