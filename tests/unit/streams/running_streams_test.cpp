// Processes that publish joins, and processes that lie: real ones, found below the
// real /proc. Each child goes with its test.
#include "streams/running_streams.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <functional>

#include "base/file_descriptor.h"

namespace mcast {
namespace {

HeldJoin join(const std::string& name, std::uint32_t group = 0xEF010101) {
  return {.stream = name,
          .group = IpAddress::v4(group),
          .source = std::nullopt,
          .ifindex = 1,
          .port = 19779};
}

std::vector<HeldJoin> joins(std::uint32_t count) {
  std::vector<HeldJoin> result;
  result.reserve(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    result.push_back(join("stream-" + std::to_string(i), 0xEF000000 + i));
  }
  return result;
}

// A memfd with the right name and any content; it stays open.
int memfd(const std::string& content, int seals, off_t size = 0) {
  const int fd = ::memfd_create(kStreamRegisterName, MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (size > 0) (void)!::ftruncate(fd, size);
  (void)!::write(fd, content.data(), content.size());
  if (seals != 0) ::fcntl(fd, F_ADD_SEALS, seals);
  return fd;
}
constexpr int kSealed = F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK;

// A forked process with a program name of its own that does something, says that it
// is done, and waits for its end.
class Child {
 public:
  explicit Child(const std::function<void()>& work, const char* program = "mcast-fake") {
    std::array<int, 2> ends{};
    EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
    const FileDescriptor ready(ends[0]);
    FileDescriptor done(ends[1]);
    pid_ = ::fork();
    if (pid_ == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      ::prctl(PR_SET_NAME, program);
      work();
      done.reset();
      while (true) ::pause();
    }
    done.reset();
    pollfd wait{.fd = ready.get(), .events = POLLIN, .revents = 0};
    EXPECT_EQ(::poll(&wait, 1, 10'000), 1) << "the child did not get ready";
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  [[nodiscard]] pid_t pid() const { return pid_; }

 private:
  pid_t pid_ = -1;
};

// Other programs of ours may run on this host at the same time.
std::vector<RunningStream> streams_of(const Child& child) {
  const auto running = read_running_streams("/proc");
  EXPECT_TRUE(running) << running.error().message;
  std::vector<RunningStream> result;
  std::ranges::copy_if(running->streams, std::back_inserter(result),
                       [&](const RunningStream& stream) { return stream.pid == child.pid(); });
  return result;
}

std::size_t garbled() {
  return read_running_streams("/proc").value().garbled_programs;
}

TEST(RunningStreams, AreThoseThatAProcessPublishes) {
  const Child child([] { (void)StreamRegister(); });
  EXPECT_TRUE(streams_of(child).empty());
  const Child publisher([] {
    static StreamRegister streams;
    (void)streams.publish({.joins = {join("one"), join("two", 0xEF010102)}});
  });
  EXPECT_EQ(
      streams_of(publisher),
      (std::vector<RunningStream>{
          {.pid = publisher.pid(), .program = "mcast-fake", .join = join("one")},
          {.pid = publisher.pid(), .program = "mcast-fake", .join = join("two", 0xEF010102)}}));
}

TEST(RunningStreams, HaveSendersAndTheCommandThatStartedThem) {
  const HeldSender sender{.stream = "tone",
                          .group = IpAddress::v4(0xEF010101),
                          .source = IpAddress::v4(0x0A010101),
                          .ifindex = 2,
                          .port = 5004,
                          .origin = StreamOrigin::kDetached,
                          .ttl = 1,
                          .size = 1316,
                          .packets_per_second = 47.5};
  const Child publisher([&] {
    static StreamRegister streams;
    (void)streams.publish({.senders = {sender}});
  });
  const RunningStreams running = read_running_streams("/proc").value();
  const auto found = std::ranges::find(running.senders, publisher.pid(), &RunningSender::pid);
  ASSERT_NE(found, running.senders.end());
  EXPECT_EQ(found->sender, sender);
  EXPECT_TRUE(streams_of(publisher).empty());
  // The child is a copy of this process.
  EXPECT_NE(running.commands.at(publisher.pid()).at(0).find("streams_test"), std::string::npos);
}

TEST(RunningStreams, AreTheNewestListAndGoWithTheLastJoin) {
  const Child changed([] {
    static StreamRegister streams;
    for (const std::uint32_t count : {1U, 5U, 2U}) (void)streams.publish({.joins = joins(count)});
  });
  EXPECT_EQ(streams_of(changed).size(), 2U);
  const Child left([] {
    static StreamRegister streams;
    (void)streams.publish({.joins = joins(2)});
    (void)streams.publish({});
  });
  EXPECT_TRUE(streams_of(left).empty());
}

TEST(RunningStreams, OfAHundredThousandGroupsAreAllThere) {
  const Child child([] {
    static StreamRegister streams;
    (void)streams.publish({.joins = joins(100'000)});
  });
  EXPECT_EQ(streams_of(child).size(), 100'000U);
}

TEST(RunningStreams, AreNeverSeenHalfWrittenWhileTheirOwnerRewritesThem) {
  // The list alternates between two lengths as fast as it can, for ever.
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
  const FileDescriptor reading(ends[0]);
  FileDescriptor writing(ends[1]);
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::prctl(PR_SET_NAME, "mcast-fake");
    StreamRegister streams;
    (void)streams.publish({.joins = joins(300)});
    writing.reset();
    while (true) {
      (void)streams.publish({.joins = joins(500)});
      (void)streams.publish({.joins = joins(300)});
    }
  }
  writing.reset();
  char none = 0;
  ASSERT_EQ(::read(reading.get(), &none, 1), 0);
  int seen_300 = 0;
  int seen_500 = 0;
  for (int i = 0; i < 200; ++i) {
    const auto running = read_running_streams("/proc");
    ASSERT_TRUE(running);
    const auto count = std::ranges::count(running->streams, pid, &RunningStream::pid);
    seen_300 += count == 300 ? 1 : 0;
    seen_500 += count == 500 ? 1 : 0;
  }
  ::kill(pid, SIGKILL);
  ::waitpid(pid, nullptr, 0);
  EXPECT_EQ(seen_300 + seen_500, 200);
  EXPECT_GT(seen_300, 0);
  EXPECT_GT(seen_500, 0);
}

TEST(RunningStreams, OfAProgramWithAnotherNameAreNotLookedFor) {
  const Child child(
      [] {
        static StreamRegister streams;
        (void)streams.publish({.joins = joins(1)});
      },
      "not-mcast");
  EXPECT_TRUE(streams_of(child).empty());
}

TEST(RunningStreams, OfAListThatIsNotSealedAreNotTaken) {
  const Child child([] { memfd(encode_stream_register({.joins = joins(3)}), 0); });
  const Child half_sealed([] { memfd(encode_stream_register({.joins = joins(3)}), F_SEAL_GROW); });
  EXPECT_TRUE(streams_of(child).empty());
  EXPECT_TRUE(streams_of(half_sealed).empty());
}

TEST(RunningStreams, OfAProcessThatLiesAreCountedAndNotTaken) {
  const std::size_t before = garbled();
  const Child garbage([] { memfd(std::string(5000, '\xFF'), kSealed); });
  const Child empty([] { memfd("", kSealed); });
  const Child cut([] {
    const std::string text = encode_stream_register({.joins = joins(3)});
    memfd(text.substr(0, text.size() / 2), kSealed);
  });
  // 17 MiB, and a terabyte of nothing.
  const Child large([] { memfd("mcast-streams 2\n", kSealed, off_t{17} << 20U); });
  const Child huge([] { memfd("mcast-streams 2\n", kSealed, off_t{1} << 40U); });
  for (const Child* child : {&garbage, &empty, &cut, &large, &huge}) {
    EXPECT_TRUE(streams_of(*child).empty());
  }
  EXPECT_EQ(garbled(), before + 5);
}

TEST(RunningStreams, AreFoundBesideAnotherFileWithTheName) {
  const Child child([] {
    memfd("garbage", kSealed);
    memfd("unsealed", 0);
    static StreamRegister streams;
    (void)streams.publish({.joins = joins(2)});
  });
  EXPECT_EQ(streams_of(child).size(), 2U);
}

TEST(RunningStreams, OfAnotherNetworkNamespaceAreNotThere) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  const Child child([] {
    if (::unshare(CLONE_NEWNET) != 0) return;
    static StreamRegister streams;
    (void)streams.publish({.joins = joins(1)});
  });
  EXPECT_TRUE(streams_of(child).empty());
}

TEST(RunningStreams, OfAnotherUserAreCountedForWhoMayNotSeeThem) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  const Child child([] {
    static StreamRegister streams;
    (void)streams.publish({.joins = joins(1)});
  });
  const pid_t reader = ::fork();
  if (reader == 0) {
    if (::setuid(65'534) != 0) ::_exit(1);
    const auto running = read_running_streams("/proc");
    if (!running) ::_exit(2);
    if (std::ranges::count(running->streams, child.pid(), &RunningStream::pid) != 0) ::_exit(3);
    ::_exit(running->unreadable_programs > 0 ? 0 : 4);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(reader, &status, 0), reader);
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST(RunningStreams, WithoutAProcFolderAreAnErrorThatNamesIt) {
  const auto running = read_running_streams("/nonexistent");
  ASSERT_FALSE(running);
  EXPECT_NE(running.error().message.find("/nonexistent"), std::string::npos);
}

}  // namespace
}  // namespace mcast
