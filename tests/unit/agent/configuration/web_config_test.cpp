#include "agent/configuration/configuration.h"

#include <gtest/gtest.h>

#include "tests/unit/http/temporary_folder.h"
#include "tests/unit/http/test_certificate.h"

namespace mcast::agent {
namespace {

using http::cheap_bcrypt;
using http::make_certificate;
using http::TemporaryFolder;
using http::TestCertificate;

class WebConfigTest : public testing::Test {
 protected:
  void SetUp() override {
    const TestCertificate right = make_certificate();
    folder_.write("cert.pem", right.certificate);
    folder_.write("key.pem", right.key);
    folder_.write("other.pem", make_certificate().key);
    folder_.write("no.pem", "nothing\n");
  }

  // The first error as it is printed; "" if there is none. There is exactly one.
  std::string error_of(const std::string& text) {
    const auto parsed = parse_web_config(text, folder_.path());
    if (parsed) return "";
    EXPECT_EQ(parsed.error().size(), 1U) << text;
    for (const auto& error : parsed.error()) last_ += error.to_string("f") + "\n";
    return parsed.error().front().to_string("f");
  }
  static std::string tls(const std::string& more) {
    return "tls_server_config:\n  cert_file: cert.pem\n  key_file: key.pem\n" + more;
  }

  TemporaryFolder folder_;
  std::string last_;
};

TEST_F(WebConfigTest, OfNothingIsFine) {
  for (const char* text : {"", "# nothing\n", "{}"}) {
    const auto config = parse_web_config(text, folder_.path());
    ASSERT_TRUE(config) << text;
    EXPECT_FALSE(config->tls);
    EXPECT_FALSE(config->auth);
    EXPECT_FALSE(config->allows_writing());
  }
}

TEST_F(WebConfigTest, AllowsWritingWithBothTlsAndUsers) {
  const std::string users = "basic_auth_users:\n  anna: " + cheap_bcrypt("x") + "\n";
  const auto both = parse_web_config(tls("") + users, folder_.path());
  ASSERT_TRUE(both) << both.error().front().message;
  EXPECT_TRUE(both->allows_writing());
  EXPECT_FALSE(parse_web_config(tls(""), folder_.path())->allows_writing());
  EXPECT_FALSE(parse_web_config(users, folder_.path())->allows_writing());
}

TEST_F(WebConfigTest, IsReadFromAFileWithPathsBesideIt) {
  const std::string file = folder_.write("web.yml", tls(""));
  const auto config = load_web_config(file);
  ASSERT_TRUE(config) << config.error().front().message;
  EXPECT_TRUE(config->tls);
  const auto missing = load_web_config(folder_.file("missing.yml"));
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().front().line, 0U);
}

TEST_F(WebConfigTest, TakesVersionsAndWhatClientsMustShow) {
  EXPECT_EQ(error_of(tls("  min_version: TLS13\n  max_version: TLS13\n")), "");
  EXPECT_EQ(error_of(tls("  client_auth_type: RequireAnyClientCert\n")), "");
  EXPECT_EQ(error_of(tls("  client_auth_type: RequireAndVerifyClientCert\n"
                         "  client_ca_file: cert.pem\n")),
            "");
}

TEST_F(WebConfigTest, TakesTheHeadersOfTheToolkit) {
  const auto config = parse_web_config(
      "http_server_config:\n  http2: false\n  headers:\n    X-Frame-Options: deny\n", "");
  ASSERT_TRUE(config);
  EXPECT_EQ(config->headers.at("X-Frame-Options"), "deny");
}

TEST_F(WebConfigTest, RefusesWhatIsWrongWithItsPlace) {
  struct Case {
    std::string text;
    std::string error;
  };
  const std::string users = "basic_auth_users:\n  anna: ";
  for (const Case& wrong : {
           Case{"tls:\n", "f:1:1: unknown key 'tls' in the file"},
           Case{"basic_auth_user: {}",
                "f:1:1: unknown key 'basic_auth_user' in the file; did you "
                "mean 'basic_auth_users'?"},
           Case{"- a", "f:1:1: the file must be a mapping"},
           Case{"tls_server_config:\n", "f:1:1: 'tls_server_config' in the file has no value"},
           Case{"tls_server_config:\n  cert_file: cert.pem\n",
                "f:1:1: tls_server_config needs key_file"},
           Case{tls("  cipher_suites: [a]\n"),
                "f:4:3: unknown key 'cipher_suites' in tls_server_config; the exporter toolkit "
                "knows it, this agent does not"},
           Case{tls("  min_version: TLS11\n"), "f:4:16: min_version must be TLS12 or TLS13"},
           Case{tls("  min_version: TLS13\n  max_version: TLS12\n"),
                "f:5:3: max_version is below min_version"},
           Case{tls("  client_auth_type: Yes\n"), "f:4:21: client_auth_type must be NoClientCert"},
           Case{tls("  client_auth_type: RequireAndVerifyClientCert\n"),
                "f:4:3: this client_auth_type needs client_ca_file"},
           Case{tls("  client_ca_file: cert.pem\n"), "f:4:3: client_ca_file does nothing"},
           Case{"tls_server_config:\n  cert_file: [a]\n  key_file: key.pem\n",
                "f:2:14: cert_file must be text, not a list"},
           Case{users + "geheim\n", "f:2:9: the value of user 'anna' is not a bcrypt hash"},
           Case{users + "$1$abcdefgh$abcdefghijklmnopqrstuv\n",
                "f:2:9: the value of user 'anna' is not a bcrypt hash"},
           Case{users + "$2y$31$abcdefghijklmnopqrstuuabcdefghijklmnopqrstuuabcdefghi\n",
                "f:2:9: the value of user 'anna' has bcrypt cost 31"},
           Case{"basic_auth_users: [a]", "f:1:19: basic_auth_users must be a mapping"},
           Case{"basic_auth_users:\n  'a:b': " + cheap_bcrypt("x"),
                "f:2:3: a user's name cannot have a ':'"},
           Case{users + cheap_bcrypt("x") + "\n  anna: " + cheap_bcrypt("x"),
                "f:3:3: duplicate user 'anna'"},
           Case{"http_server_config:\n  http2: true\n", "f:2:10: this agent speaks HTTP/1.1 alone"},
           Case{"http_server_config:\n  headers:\n    X-Other: a\n",
                "f:3:5: unknown key 'X-Other' in headers"},
       }) {
    EXPECT_TRUE(error_of(wrong.text).starts_with(wrong.error))
        << error_of(wrong.text) << "\nbut not " << wrong.error;
  }
}

TEST_F(WebConfigTest, RefusesCertificatesAndKeysThatDoNotDo) {
  const auto files = [](const std::string& certificate, const std::string& key) {
    return "tls_server_config:\n  cert_file: " + certificate + "\n  key_file: " + key + "\n";
  };
  EXPECT_EQ(error_of(files("cert.pem", "key.pem")), "");
  EXPECT_TRUE(error_of(files("missing.pem", "key.pem")).starts_with("f:2:14: cannot use the cert"));
  EXPECT_TRUE(error_of(files("no.pem", "key.pem")).starts_with("f:2:14: cannot use the cert"));
  EXPECT_TRUE(error_of(files("cert.pem", "missing.pem")).starts_with("f:3:13: cannot use the key"));
  const std::string mismatch = error_of(files("cert.pem", "other.pem"));
  EXPECT_TRUE(mismatch.starts_with("f:3:13: ") && mismatch.contains("key")) << mismatch;
  EXPECT_TRUE(error_of(tls("  client_auth_type: RequireAndVerifyClientCert\n"
                           "  client_ca_file: no.pem\n"))
                  .starts_with("f:5:19: cannot use the client"));
}

TEST_F(WebConfigTest, DoesNotPrintWhatMayBeAPassword) {
  EXPECT_FALSE(error_of("basic_auth_users:\n  anna: geheim\n").contains("geheim"));
}

}  // namespace
}  // namespace mcast::agent
