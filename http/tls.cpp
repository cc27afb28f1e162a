#include "http/tls.h"

#include <openssl/err.h>

#include <array>
#include <expected>
#include <utility>

namespace mcast::http {
namespace {

// The newest of OpenSSL's errors of this thread; all are taken away.
std::string openssl_error() {
  std::string text = "no reason given";
  for (unsigned long code = 0; (code = ERR_get_error()) != 0;) {
    if (const char* reason = ERR_reason_error_string(code); reason != nullptr) text = reason;
  }
  return text;
}

// OpenSSL would ask on the terminal.
int no_passphrase(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*data*/) {
  return 0;
}

int accept_any(int /*verified*/, X509_STORE_CTX* /*chain*/) {
  return 1;
}

std::unexpected<TlsContext::Failure> failure(TlsContext::Blamed blamed, std::string what) {
  return std::unexpected(
      TlsContext::Failure{.blamed = blamed, .message = std::move(what) + ": " + openssl_error()});
}

}  // namespace

std::expected<TlsContext, TlsContext::Failure> TlsContext::make(const TlsSettings& settings) {
  ERR_clear_error();
  SslContext context(SSL_CTX_new(TLS_server_method()));
  if (!context) return failure(Blamed::kOther, "cannot set TLS up");
  SSL_CTX* tls = context.get();
  SSL_CTX_set_default_passwd_cb(tls, no_passphrase);
  if (SSL_CTX_set_min_proto_version(tls, settings.lowest_version) != 1 ||
      SSL_CTX_set_max_proto_version(tls, settings.highest_version) != 1) {
    return failure(Blamed::kOther, "cannot set the TLS versions");
  }
  // Idle connections have buffers, too, and there may be a thousand.
  SSL_CTX_set_mode(tls, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                            SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_options(tls, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET |
                               SSL_OP_CIPHER_SERVER_PREFERENCE);
  // Nothing is resumed: a certificate that was replaced or refused counts at once.
  SSL_CTX_set_session_cache_mode(tls, SSL_SESS_CACHE_OFF);
  (void)SSL_CTX_set_num_tickets(tls, 0);

  if (SSL_CTX_use_certificate_chain_file(tls, settings.certificate_file.c_str()) != 1) {
    return failure(Blamed::kCertificate, "cannot use the certificate " + settings.certificate_file);
  }
  if (SSL_CTX_use_PrivateKey_file(tls, settings.key_file.c_str(), SSL_FILETYPE_PEM) != 1) {
    return failure(Blamed::kKey,
                   "cannot use the key " + settings.key_file + " for " + settings.certificate_file);
  }
  if (SSL_CTX_check_private_key(tls) != 1) {
    return failure(Blamed::kKey, "the key " + settings.key_file +
                                     " does not belong to the certificate " +
                                     settings.certificate_file);
  }
  if (!settings.client_ca_file.empty()) {
    STACK_OF(X509_NAME)* names = SSL_load_client_CA_file(settings.client_ca_file.c_str());
    if (names == nullptr ||
        SSL_CTX_load_verify_locations(tls, settings.client_ca_file.c_str(), nullptr) != 1) {
      sk_X509_NAME_pop_free(names, X509_NAME_free);
      return failure(Blamed::kClientCa,
                     "cannot use the client certificates' authority " + settings.client_ca_file);
    }
    SSL_CTX_set_client_CA_list(tls, names);  // takes them
  }
  using enum ClientCertificate;
  const ClientCertificate wanted = settings.client_certificate;
  const bool required = wanted == kRequireAny || wanted == kRequireAndVerify;
  const bool checked = wanted == kVerifyIfGiven || wanted == kRequireAndVerify;
  SSL_CTX_set_verify(tls,
                     (wanted == kNone ? SSL_VERIFY_NONE : SSL_VERIFY_PEER) |
                         (required ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0),
                     wanted == kNone || checked ? nullptr : accept_any);
  return TlsContext(std::move(context));
}

SslSession TlsContext::session(int socket) const {
  SslSession session(SSL_new(context_.get()));
  if (!session || SSL_set_fd(session.get(), socket) != 1) return nullptr;
  SSL_set_accept_state(session.get());
  return session;
}

}  // namespace mcast::http
