#include "http/decision.h"

#include <gtest/gtest.h>

#include "http/access.h"
#include "http/body.h"

namespace mcast::agent {
namespace {

HttpHandler says(const std::string& text) {
  return [text](const HttpRequest&) { return HttpResponse{.body = text}; };
}

Routes some_routes() {
  Routes routes;
  routes.get("/", says("root"));
  routes.get("/api/v1/receivers", says("all"));
  routes.post("/api/v1/receivers", says("add"));
  routes.get("/api/v1/receivers/*", says("one"));
  routes.get("/api/v1/receivers/special", says("special"));
  routes.del("/api/v1/receivers/*", says("delete"));
  routes.post("/api/v1/receivers/*/renew", says("renew"));
  routes.post("/-/reload", says("reload"), Access::kAnybody);
  return routes;
}

class HttpDecisionTest : public testing::Test {
 protected:
  HttpDecision decide_on(const std::string& method, const std::string& path,
                         const std::string& headers = "", bool may_write = true) {
    const auto head =
        parse_head(method + " " + path + " HTTP/1.1\r\nHost: here:1\r\n" + headers + "\r\n");
    EXPECT_TRUE(head);
    const auto target = parse_target(head->target);
    EXPECT_TRUE(target);
    return decide(routes_, *head, *target, {.may_write = may_write, .socket = "/run/x.sock"});
  }
  // What the handler says, or the status of the refusal.
  std::string result(const std::string& method, const std::string& path,
                     const std::string& headers = "", bool may_write = true) {
    const HttpDecision decision = decide_on(method, path, headers, may_write);
    if (decision.refusal) return std::to_string(decision.refusal->status);
    return decision.entry->handler({}).body;
  }

  Routes routes_ = some_routes();
};

TEST_F(HttpDecisionTest, FindsTheHandlerOfAPattern) {
  EXPECT_EQ(result("GET", "/"), "root");
  EXPECT_EQ(result("HEAD", "/"), "root");
  EXPECT_EQ(result("GET", "/api/v1/receivers"), "all");
  EXPECT_EQ(result("POST", "/api/v1/receivers"), "add");
  EXPECT_EQ(result("GET", "/api/v1/receivers/a"), "one");
  EXPECT_EQ(result("GET", "/api/v1/receivers/special"), "special");
  EXPECT_EQ(result("DELETE", "/api/v1/receivers/a"), "delete");
  EXPECT_EQ(result("POST", "/api/v1/receivers/a/renew"), "renew");
}

TEST_F(HttpDecisionTest, GivesWhatTheStarStoodFor) {
  EXPECT_EQ(decide_on("GET", "/api/v1/receivers/a%20b").tail, "a b");
  EXPECT_EQ(decide_on("POST", "/api/v1/receivers/*/renew").tail, "*");
}

TEST_F(HttpDecisionTest, TellsMissingFromNotAllowed) {
  for (const char* path : {"/x", "/api/v1/receivers/", "/api/v1/receivers/a/b", "/api/v1",
                           "/api/v1/receivers/a/renew/", "//"}) {
    EXPECT_EQ(result("GET", path), "404") << path;
  }
  const HttpDecision decision = decide_on("PUT", "/api/v1/receivers/a");
  ASSERT_TRUE(decision.refusal);
  EXPECT_EQ(decision.refusal->status, 405);
  EXPECT_EQ(decision.refusal->headers.at("Allow"), "DELETE, GET, HEAD");
  EXPECT_EQ(decide_on("GET", "/-/reload").refusal->headers.at("Allow"), "POST");
}

TEST_F(HttpDecisionTest, WritesErrorsAsJsonBelowTheApiAlone) {
  const auto json = decide_on("GET", "/api/v1/nothing").refusal;
  EXPECT_EQ(json->content_type, "application/json");
  EXPECT_EQ(json->body,
            "{\"error\":{\"code\":\"not_found\",\"message\":\"not found: /api/v1/nothing\","
            "\"field\":null}}\n");
  const auto text = decide_on("GET", "/nothing").refusal;
  EXPECT_TRUE(text->content_type.starts_with("text/plain"));
  EXPECT_EQ(text->body, "not found: /nothing\n");
}

TEST_F(HttpDecisionTest, RefusesWritingToWhoMayNotAndSaysWhatToDo) {
  EXPECT_EQ(result("POST", "/api/v1/receivers", "", false), "403");
  EXPECT_EQ(result("DELETE", "/api/v1/receivers/a", "", false), "403");
  EXPECT_EQ(result("GET", "/api/v1/receivers/a", "", false), "one");
  EXPECT_EQ(result("POST", "/-/reload", "", false), "reload");
  const auto refusal = decide_on("POST", "/api/v1/receivers", "", false).refusal;
  EXPECT_TRUE(refusal->body.contains("TLS and basic_auth_users")) << refusal->body;
  EXPECT_TRUE(refusal->body.contains("/run/x.sock")) << refusal->body;
  EXPECT_FALSE(writing_refusal("").contains("socket"));
}

TEST_F(HttpDecisionTest, RefusesWhatAPageOfAnotherHostAsksFor) {
  const std::string path = "/-/reload";
  EXPECT_EQ(result("POST", path, "Origin: http://evil\r\n"), "403");
  EXPECT_EQ(result("POST", path, "Origin: http://here:2\r\n"), "403");
  EXPECT_EQ(result("POST", path, "Origin: null\r\n"), "403");
  EXPECT_EQ(result("POST", path, "Origin: http://here:1\r\nOrigin: http://evil\r\n"), "403");
  EXPECT_EQ(result("POST", path, "Sec-Fetch-Site: cross-site\r\n"), "403");
  EXPECT_EQ(result("POST", path, "Origin: http://HERE:1\r\nSec-Fetch-Site: same-origin\r\n"),
            "reload");
  EXPECT_EQ(result("GET", "/", "Origin: http://evil\r\n"), "root");
}

TEST_F(HttpDecisionTest, RefusesBodiesOfReadersAndThoseThatAreTooLarge) {
  EXPECT_EQ(result("GET", "/", "Content-Length: 1\r\n"), "400");
  EXPECT_EQ(result("GET", "/", "Transfer-Encoding: chunked\r\n"), "400");
  EXPECT_EQ(result("GET", "/", "Content-Length: 0\r\n"), "root");
  EXPECT_EQ(result("POST", "/-/reload", "Content-Length: 1048576\r\n"), "reload");
  EXPECT_EQ(result("POST", "/-/reload", "Content-Length: 1048577\r\n"), "413");
}

}  // namespace
}  // namespace mcast::agent
