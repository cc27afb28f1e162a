#include "http/socket.h"

#include <gtest/gtest.h>

namespace mcast::http {
namespace {

TEST(ListenAddress, IsReadAsPrometheusExportersDo) {
  for (const char* text : {":19779", "127.0.0.1:0", "[::1]:19779", "localhost:9"}) {
    const auto address = parse_listen_address(text);
    ASSERT_TRUE(address) << text;
    EXPECT_EQ(address->to_string(), text);
  }
}

TEST(ListenAddress, ThatIsNoneIsRefusedAndNamed) {
  for (const char* text : {"", "19779", "127.0.0.1", ":", ":65536", ":-1", ":80x", "::1:80",
                           "http://host:80", "[::1]", "a b:80"}) {
    const auto address = parse_listen_address(text);
    ASSERT_FALSE(address) << text;
    EXPECT_NE(address.error().message.find("'" + std::string(text) + "'"), std::string::npos);
  }
}

}  // namespace
}  // namespace mcast::http
