#include "http/web_settings.h"

#include <gtest/gtest.h>

#include "tests/unit/http/test_certificate.h"

namespace mcast::http {
namespace {

constexpr std::string_view kAddress = "192.0.2.1";

TEST(BasicCredentials, AreReadFromTheHeader) {
  const auto right = parse_basic_credentials("Basic YW5uYTpnZTpoZWlt");
  ASSERT_TRUE(right);
  EXPECT_EQ(right->user, "anna");
  EXPECT_EQ(right->password, "ge:heim");
  EXPECT_EQ(parse_basic_credentials("basic  YTpi")->user, "a");
  EXPECT_EQ(parse_basic_credentials("Basic YTo=")->password, "");
}

TEST(BasicCredentials, AreNoneWithAnotherSchemeOrForm) {
  // The last two: no colon; a NUL, behind which crypt_r would not look.
  for (const char* header : {"", "Basic", "Basic ", "Bearer YTpi", "Basic Y!pi", "Basic YTpiY",
                             "Basic YWI=", "Basic YTpiAGM="}) {
    EXPECT_FALSE(parse_basic_credentials(header)) << header;
  }
}

TEST(BasicAuth, KnowsRightFromWrong) {
  BasicAuth auth({{"anna", cheap_bcrypt("geheim")}, {"otto", cheap_bcrypt("anders")}});
  EXPECT_TRUE(auth.check(auth.guess({.user = "anna", .password = "geheim"}, kAddress)));
  EXPECT_TRUE(auth.check(auth.guess({.user = "otto", .password = "anders"}, kAddress)));
  EXPECT_FALSE(auth.check(auth.guess({.user = "anna", .password = "anders"}, kAddress)));
  EXPECT_FALSE(auth.check(auth.guess({.user = "anna", .password = ""}, kAddress)));
  EXPECT_FALSE(auth.check(auth.guess({.user = "", .password = "geheim"}, kAddress)));
  EXPECT_FALSE(auth.check(auth.guess({.user = "eva", .password = "geheim"}, kAddress)));
}

TEST(BasicAuth, RemembersWhatWasRightAlone) {
  BasicAuth auth({{"anna", cheap_bcrypt("geheim")}});
  EXPECT_FALSE(auth.remembers(auth.guess({.user = "anna", .password = "geheim"}, kAddress)));
  EXPECT_TRUE(auth.check(auth.guess({.user = "anna", .password = "geheim"}, kAddress)));
  EXPECT_TRUE(auth.remembers(auth.guess({.user = "anna", .password = "geheim"}, kAddress)));
  EXPECT_FALSE(auth.check(auth.guess({.user = "anna", .password = "falsch"}, kAddress)));
  EXPECT_FALSE(auth.remembers(auth.guess({.user = "anna", .password = "falsch"}, kAddress)));
  EXPECT_FALSE(auth.remembers(auth.guess({.user = "eva", .password = "geheim"}, kAddress)));
}

TEST(BasicAuth, RemembersForTheAddressThatHasShownToKnow) {
  BasicAuth auth({{"anna", cheap_bcrypt("geheim")}});
  EXPECT_TRUE(auth.check(auth.guess({.user = "anna", .password = "geheim"}, kAddress)));
  EXPECT_FALSE(auth.remembers(auth.guess({.user = "anna", .password = "geheim"}, "192.0.2.2")));
}

TEST(BasicAuth, TellsNobodyWhoHasStoppedWaiting) {
  BasicAuth auth({{"anna", cheap_bcrypt("geheim")}});
  std::stop_source stop;
  stop.request_stop();
  EXPECT_FALSE(
      auth.check(auth.guess({.user = "anna", .password = "geheim"}, kAddress), stop.get_token()));
}

TEST(BasicAuth, TakesTheThreeFormsOfBcrypt) {
  for (const char* form : {"$2a$", "$2b$", "$2y$"}) {
    std::string hash = cheap_bcrypt("geheim");
    hash.replace(0, 4, form);
    ASSERT_TRUE(check_bcrypt_form(hash)) << hash;
    BasicAuth auth({{"anna", hash}});
    EXPECT_TRUE(auth.check(auth.guess({.user = "anna", .password = "geheim"}, kAddress))) << hash;
  }
}

TEST(BcryptForm, IsCheckedBeforeItIsUsed) {
  const std::string right = cheap_bcrypt("x");
  EXPECT_TRUE(check_bcrypt_form(right));
  EXPECT_FALSE(check_bcrypt_form(right + "x"));
  EXPECT_FALSE(check_bcrypt_form(right.substr(1)));
  for (const char* cost : {"03", "15", "31", "xx", "1 "}) {
    std::string wrong = right;
    wrong.replace(4, 2, cost);
    EXPECT_FALSE(check_bcrypt_form(wrong)) << wrong;
  }
  std::string wrong = right;
  wrong[30] = '*';
  EXPECT_FALSE(check_bcrypt_form(wrong));
}

}  // namespace
}  // namespace mcast::http
