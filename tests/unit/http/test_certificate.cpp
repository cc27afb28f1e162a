#include "tests/unit/http/test_certificate.h"

#include <crypt.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <memory>

namespace mcast::http {
namespace {

template <auto kEnd>
struct End {
  template <typename T>
  void operator()(T* object) const {
    kEnd(object);
  }
};
using Bio = std::unique_ptr<BIO, End<BIO_free>>;

std::string text_of(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(size)};
}

TestCertificate certificate_for(EVP_PKEY* made_key) {
  constexpr long kDay = 24L * 60 * 60;
  const std::unique_ptr<EVP_PKEY, End<EVP_PKEY_free>> key(made_key);
  const std::unique_ptr<X509, End<X509_free>> certificate(X509_new());
  if (!key || !certificate) return {};
  X509* x509 = certificate.get();
  (void)X509_set_version(x509, 2);
  (void)ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
  (void)X509_gmtime_adj(X509_getm_notBefore(x509), -kDay);
  (void)X509_gmtime_adj(X509_getm_notAfter(x509), kDay);
  (void)X509_set_pubkey(x509, key.get());
  X509_NAME* name = X509_get_subject_name(x509);
  (void)X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                                   reinterpret_cast<const unsigned char*>("localhost"), -1, -1, 0);
  (void)X509_set_issuer_name(x509, name);
  const std::unique_ptr<X509_EXTENSION, End<X509_EXTENSION_free>> names(
      X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1"));
  if (!names || X509_add_ext(x509, names.get(), -1) != 1) return {};
  if (X509_sign(x509, key.get(), EVP_sha256()) == 0) return {};
  const Bio certificate_text(BIO_new(BIO_s_mem()));
  const Bio key_text(BIO_new(BIO_s_mem()));
  (void)PEM_write_bio_X509(certificate_text.get(), x509);
  (void)PEM_write_bio_PrivateKey(key_text.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  return {.certificate = text_of(certificate_text.get()), .key = text_of(key_text.get())};
}

}  // namespace

TestCertificate make_certificate() {
  return certificate_for(EVP_EC_gen("P-256"));
}

TestCertificate make_rsa_certificate() {
  return certificate_for(EVP_RSA_gen(4096));
}

std::string cheap_bcrypt(const std::string& password) {
  return bcrypt(password, "04");
}

std::string bcrypt(const std::string& password, const std::string& cost) {
  const auto memory = std::make_unique<crypt_data>();
  const std::string settings = "$2y$" + cost + "$abcdefghijklmnopqrstuu";
  const char* made = ::crypt_r(password.c_str(), settings.c_str(), memory.get());
  return made == nullptr ? "" : made;
}

}  // namespace mcast::http
