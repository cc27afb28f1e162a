// TLS of the server: its settings, and sessions made of them. Thread-safe once made.
#pragma once

#include <openssl/ssl.h>

#include <cstdint>
#include <memory>
#include <string>

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

}  // namespace mcast::http
