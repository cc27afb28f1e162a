// A key and a certificate for localhost and 127.0.0.1, signed by itself.
#pragma once

#include <string>

namespace mcast::http {

struct TestCertificate {
  std::string certificate;  // PEM
  std::string key;          // PEM
};

// Each one is another. Empty when OpenSSL cannot.
[[nodiscard]] TestCertificate make_certificate();
// With a key of RSA 4096, which makes handshakes expensive.
[[nodiscard]] TestCertificate make_rsa_certificate();

// A bcrypt hash with the lowest cost, so that tests do not wait for it.
[[nodiscard]] std::string cheap_bcrypt(const std::string& password);
// With this cost, two digits: each one more doubles its time.
[[nodiscard]] std::string bcrypt(const std::string& password, const std::string& cost);

}  // namespace mcast::http
