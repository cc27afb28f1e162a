#include "http/web_settings.h"

#include <crypt.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <vector>

#include "base/number.h"
#include "base/text.h"

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

constexpr std::size_t kHashBytes = 60;
constexpr std::size_t kCostAt = 4;  // "$2b$10$..."
constexpr std::string_view kBcryptDigits =
    "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

std::optional<std::string> decode_base64(std::string_view text) {
  while (text.ends_with('=')) text.remove_suffix(1);
  // OpenSSL takes both; text of one digit more than whole bytes has is none.
  if (text.size() % 4 == 1 || text.find_first_of("= \t\r\n") != std::string_view::npos) return {};
  const std::size_t bytes = text.size() * 3 / 4;
  std::string padded(text);
  padded.resize((text.size() + 3) / 4 * 4, '=');
  std::vector<unsigned char> out(padded.size() / 4 * 3);
  if (EVP_DecodeBlock(out.data(), reinterpret_cast<const unsigned char*>(padded.data()),
                      static_cast<int>(padded.size())) < 0) {
    return {};
  }
  return std::string(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(bytes));
}

bool bcrypt_fits(const std::string& password, const std::string& hash) {
  // 32 KiB, which the function wants zeroed.
  const auto memory = std::make_unique<crypt_data>();
  const char* made = ::crypt_r(password.c_str(), hash.c_str(), memory.get());
  const bool fits = made != nullptr && std::strlen(made) == hash.size() &&
                    CRYPTO_memcmp(made, hash.data(), hash.size()) == 0;
  OPENSSL_cleanse(memory.get(), sizeof(crypt_data));
  return fits;
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

std::optional<Credentials> parse_basic_credentials(std::string_view header) {
  constexpr std::string_view kScheme = "basic ";
  if (ascii_lower(header.substr(0, kScheme.size())) != kScheme) return std::nullopt;
  header.remove_prefix(kScheme.size());
  while (header.starts_with(' ')) header.remove_prefix(1);
  const auto text = decode_base64(header);
  if (!text) return std::nullopt;
  const std::size_t colon = text->find(':');
  // crypt_r would take a NUL for the end of the password.
  if (colon == std::string::npos || text->find('\0') != std::string::npos) return std::nullopt;
  return Credentials{.user = text->substr(0, colon), .password = text->substr(colon + 1)};
}

Result<void> check_bcrypt_form(std::string_view hash) {
  if (hash.size() != kHashBytes ||
      !(hash.starts_with("$2a$") || hash.starts_with("$2b$") || hash.starts_with("$2y$")) ||
      hash[6] != '$' || hash.find_first_not_of(kBcryptDigits, 7) != std::string_view::npos) {
    return fail("is not a bcrypt hash: $2y$, the cost and 53 characters, as 'htpasswd -nB' makes");
  }
  const auto cost = parse_number<unsigned>(hash.substr(kCostAt, 2));
  if (!cost) return fail("has no bcrypt cost");
  if (*cost < 4 || *cost > kMaxBcryptCost) {
    return fail("has bcrypt cost " + std::to_string(*cost) + "; 4 to " +
                std::to_string(kMaxBcryptCost) + " are possible, a check may take a second");
  }
  return {};
}

BasicAuth::BasicAuth(std::map<std::string, std::string> users) : users_(std::move(users)) {
  std::string cost = users_.empty() ? "10" : "04";
  for (const auto& [user, hash] : users_) cost = std::max(cost, hash.substr(kCostAt, 2));
  nobodys_hash_ = "$2b$" + cost + "$" + std::string(53, '.');
  // Without randomness the salt is empty, which makes the digests guessable only for
  // whoever reads this memory.
  (void)RAND_bytes(salt_.data(), static_cast<int>(salt_.size()));
}

BasicAuth::Guess BasicAuth::guess(Credentials credentials, std::string_view address) const {
  const auto user = users_.find(credentials.user);
  const std::string_view hash = user != users_.end() ? std::string_view(user->second) : "";
  std::string text(salt_.begin(), salt_.end());
  for (const std::string_view part : {address, std::string_view(credentials.user),
                                      std::string_view(credentials.password), hash}) {
    text += std::to_string(part.size()) + ":";
    text += part;
  }
  Digest out{};
  unsigned length = 0;
  (void)EVP_Digest(text.data(), text.size(), out.data(), &length, EVP_sha256(), nullptr);
  OPENSSL_cleanse(text.data(), text.size());
  return {std::move(credentials), out};
}

void BasicAuth::remember_as(const BasicAuth& before) {
  const std::scoped_lock lock(before.mutex_);
  // The hash is a part of each digest: what has changed fits nothing any more.
  salt_ = before.salt_;
  remembered_ = before.remembered_;
}

bool BasicAuth::remembers(const Guess& guess) const {
  const std::scoped_lock lock(mutex_);
  return std::ranges::any_of(remembered_, [&](const Digest& known) {
    return CRYPTO_memcmp(known.data(), guess.digest.data(), known.size()) == 0;
  });
}

bool BasicAuth::check(const Guess& guess, const std::stop_token& stop) {
  // It may have been found right while this one waited.
  if (remembers(guess)) return !stop.stop_requested();
  const auto user = users_.find(guess.credentials.user);
  const bool known = user != users_.end();
  const bool fits = bcrypt_fits(guess.credentials.password, known ? user->second : nobodys_hash_);
  if (!known || !fits || stop.stop_requested()) return false;
  const std::scoped_lock lock(mutex_);
  remembered_.push_back(guess.digest);
  if (remembered_.size() > kMaxRemembered) remembered_.pop_front();
  return true;
}

}  // namespace mcast::http
