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

// A bcrypt hash with the lowest cost, so that tests do not wait for it.
[[nodiscard]] std::string cheap_bcrypt(const std::string& password);

}  // namespace mcast::http
