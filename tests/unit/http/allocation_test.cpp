// The server when memory is short: operator new of this program fails where it is told to.
#include <poll.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
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
// Those of Asio's operations, on all threads.
std::atomic<unsigned> operations = 0;
// Descriptors that were closed when they were closed already.
std::atomic<unsigned> closed_twice = 0;

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
extern "C" void* aligned_alloc(std::size_t alignment, std::size_t size) {
  ++operations;
  void* memory = nullptr;
  return ::posix_memalign(&memory, alignment, size) == 0 ? memory : nullptr;
}
extern "C" int close(int fd) {
  const auto result = static_cast<int>(::syscall(SYS_close, fd));
  if (result != 0 && errno == EBADF) ++closed_twice;
  return result;
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

TEST_F(HttpMemoryTest, ADescriptorIsClosedOnceWhateverFails) {
  for (unsigned every = 1; every <= 30; ++every) {
    // Much is made for a server's first connection only.
    start();
    closed_twice = 0;
    allocations = 0;
    fail_every = every;
    {
      HttpClient client = connect();
      (void)client.send(request("GET", "/fine"));
      pollfd polled{.fd = client.fd(), .events = POLLIN, .revents = 0};
      (void)::poll(&polled, 1, 20);
    }
    fail_every = 0;
    EXPECT_EQ(get("/fine").status, 200);
    EXPECT_EQ(closed_twice, 0U) << "every " << every;
  }
}

TEST_F(HttpMemoryTest, StopsInTimeThoughNoThreadHasAny) {
  auto web = std::make_shared<WebSettings>();
  web->auth = std::make_shared<BasicAuth>(
      std::map<std::string, std::string>{{"anna", bcrypt("geheim", "13")}});
  start({.web = web});
  HttpClient half = connect();
  ASSERT_TRUE(half.send("GET /fi"));
  HttpClient guessing = connect();
  ASSERT_TRUE(guessing.send(request("GET", "/fine", "Authorization: Basic YW5uYTpmYWxzY2g=\r\n")));
  // An answer, which takes longer than a thread needs to take it up.
  pollfd polled{.fd = guessing.fd(), .events = POLLIN, .revents = 0};
  EXPECT_EQ(::poll(&polled, 1, 50), 0) << "a password is being checked";
  const auto started = steady_clock::now();
  failing_threads = "";
  fail_every = 1;
  server_->stop();
  fail_every = 0;
  EXPECT_LT(steady_clock::now() - started, milliseconds(700));
}

TEST_F(HttpMemoryTest, NewsThatAStreamHasNotTakenYetAreToldOnce) {
  std::function<void()> tell;
  std::atomic<bool> asked = false;
  std::atomic<bool> may_return = false;
  Routes all = routes();
  all.get("/events", [&](const Request&) {
    return Response{.body = "hello\n",
                    .more =
                        [&] {
                          asked = true;
                          (void)eventually([&] { return may_return.load(); });
                          return std::optional<std::string>("");
                        },
                    .subscribe =
                        [&](std::function<void()> wake) {
                          tell = std::move(wake);
                          return std::make_shared<int>();
                        }};
  });
  start({}, all);
  HttpClient client = connect();
  ASSERT_TRUE(client.send(request("GET", "/events")));
  EXPECT_TRUE(eventually([&] { return asked.load(); }));
  operations = 0;
  for (int i = 0; i < 1000; ++i) tell();
  EXPECT_LT(operations, 100U);
  may_return = true;
  server_.reset();
}

}  // namespace
}  // namespace mcast::http
