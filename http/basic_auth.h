// Basic authentication (RFC 7617) against bcrypt hashes.
#pragma once

#include <array>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace mcast::agent {

struct Credentials {
  std::string user = {};
  std::string password = {};
};

// Of an Authorization header; nullopt where it has none of this kind.
[[nodiscard]] std::optional<Credentials> parse_basic_credentials(std::string_view header);

// "$2a$", "$2b$" or "$2y$", cost 4 to kMostBcryptCost, and the right length.
inline constexpr int kMostBcryptCost = 14;
[[nodiscard]] Result<void> check_bcrypt_form(std::string_view hash);

// Thread-safe. bcrypt is slow on purpose (50 ms and more), so what was right once is
// remembered, as a salted SHA-256 of user, password and hash.
class BasicAuth {
 public:
  // User to hash, each checked by check_bcrypt_form().
  explicit BasicAuth(std::map<std::string, std::string> users);

  [[nodiscard]] bool empty() const { return users_.empty(); }
  // Knows what `before` remembers, of users whose hash is still the same. Before anybody
  // else uses this.
  void remember_as(const BasicAuth& before);
  // Right, and known to be from an earlier check(). Takes microseconds.
  [[nodiscard]] bool remembers(const Credentials& credentials) const;
  // Takes as long for a user who is unknown.
  [[nodiscard]] bool check(const Credentials& credentials);

 private:
  using Digest = std::array<unsigned char, 32>;
  [[nodiscard]] Digest digest(const Credentials& credentials, std::string_view hash) const;

  static constexpr std::size_t kMostRemembered = 128;
  const std::map<std::string, std::string> users_;
  // Of a password that nobody knows, as expensive as the most expensive of the users'.
  std::string nobodys_hash_;
  std::array<unsigned char, 32> salt_{};
  mutable std::mutex mutex_;
  std::deque<Digest> remembered_;  // oldest first
};

}  // namespace mcast::agent
