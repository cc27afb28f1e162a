// The server when memory is short: operator new of this program fails where it is told to.
#include <poll.h>
#include <pthread.h>

#include <cstdlib>
#include <new>

#include "tests/unit/http/http_server_fixture.h"

namespace {

// Every so many allocations of the server's threads fail; 0: none.
std::atomic<unsigned> fail_every = 0;
std::atomic<unsigned> allocations = 0;
std::atomic<unsigned> failures = 0;
// The threads that they fail on.
std::atomic<const char*> failing_threads = "http-";

bool is_of_the_server() {
  std::array<char, 16> name{};
  (void)::pthread_getname_np(::pthread_self(), name.data(), name.size());
  return std::string_view(name.data()).starts_with(failing_threads.load());
}

}  // namespace

// NOLINTBEGIN(cppcoreguidelines-no-malloc, cppcoreguidelines-owning-memory)
[[gnu::noinline]] void* operator new(std::size_t size) {
  if (const unsigned every = fail_every; every != 0 && is_of_the_server()) {
    if (++allocations % every == 0) {
      ++failures;
      throw std::bad_alloc();
    }
  }
  void* const memory = std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
[[gnu::noinline]] void operator delete(void* memory) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t /*size*/) noexcept {
  std::free(memory);
}
// NOLINTEND(cppcoreguidelines-no-malloc, cppcoreguidelines-owning-memory)

namespace mcast::http {
namespace {

class HttpMemoryTest : public HttpServerFixture {
 protected:
  void TearDown() override {
    fail_every = 0;
    failing_threads = "http-";
    HttpServerFixture::TearDown();
  }
};

TEST_F(HttpMemoryTest, AServerThatHasNoneLosesRequestsAndGoesOn) {
  start();
  for (const unsigned every : {1U, 2U, 3U, 5U, 7U, 11U, 17U, 31U}) {
    failures = 0;
    fail_every = every;
    for (int i = 0; i < 10; ++i) {
      HttpClient client = connect();
      (void)client.send(request("POST", "/-/reload", "", "x"));
      // Until it is answered, or let go, or nobody hears it while there is no memory at all.
      pollfd polled{.fd = client.fd(), .events = POLLIN, .revents = 0};
      (void)::poll(&polled, 1, 20);
    }
    fail_every = 0;
    EXPECT_GT(failures, 0U);
    EXPECT_EQ(get("/fine").status, 200) << "every " << every;
  }
}

TEST_F(HttpMemoryTest, APasswordIsNotCheckedWithoutMemory) {
  auto web = std::make_shared<WebSettings>();
  web->auth = std::make_shared<BasicAuth>(
      std::map<std::string, std::string>{{"anna", cheap_bcrypt("geheim")}});
  start({.web = web});
  const std::string right = request("GET", "/fine", "Authorization: Basic YW5uYTpnZWhlaW0=\r\n");
  failing_threads = "http-password";
  fail_every = 1;
  EXPECT_EQ(ask(right).status, 401);
  fail_every = 0;
  EXPECT_EQ(ask(right).status, 200);
}

}  // namespace
}  // namespace mcast::http
