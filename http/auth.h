// Basic authentication (RFC 7617) against bcrypt hashes.
#pragma once

#include <array>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/result.h"

namespace mcast::http {

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
  // Right, and known to be from an earlier check(). Takes microseconds.
  [[nodiscard]] bool remembers(const Credentials& credentials, std::string_view address) const;
  // Takes as long for a user who is unknown. With a stop it is false, and touches nothing of
  // OpenSSL any more: its thread may have outlived the program's end.
  [[nodiscard]] bool check(const Credentials& credentials, std::string_view address,
                           const std::stop_token& stop = {});

 private:
  using Digest = std::array<unsigned char, 32>;
  [[nodiscard]] Digest digest(const Credentials& credentials, std::string_view address,
                              std::string_view hash) const;

  static constexpr std::size_t kMaxRemembered = 128;
  const std::map<std::string, std::string> users_;
  // For a password that nobody knows, as expensive as the most expensive of the users'.
  std::string nobodys_hash_;
  std::array<unsigned char, 32> salt_{};
  mutable std::mutex mutex_;
  std::deque<Digest> remembered_;  // oldest first
};

}  // namespace mcast::http
