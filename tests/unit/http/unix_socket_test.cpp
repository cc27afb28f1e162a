#include "http/socket.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>

#include "tests/unit/http/temporary_folder.h"

namespace mcast::http {
namespace {

class UnixSocketTest : public testing::Test {
 protected:
  [[nodiscard]] std::string path() const { return folder_.file("api.sock"); }
  [[nodiscard]] bool exists() const { return std::filesystem::exists(path()); }
  // Bound, and listening if asked for.
  static FileDescriptor bind_at(const std::string& where, bool listens) {
    FileDescriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::ranges::copy(where, std::begin(address.sun_path));
    EXPECT_EQ(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    if (listens) {
      EXPECT_EQ(::listen(socket.get(), 1), 0);
    }
    return socket;
  }
  // Nothing but the lock file is left beside the socket.
  void expect_tidy() const {
    for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) {
      const std::string name = entry.path().filename();
      EXPECT_TRUE(name == "api.sock" || name == ".api.sock.lock") << name;
    }
  }

  TemporaryFolder folder_;
};

TEST_F(UnixSocketTest, IsForItsGroupAndGoneAtTheEnd) {
  {
    const auto opened = UnixSocket::open(path(), std::to_string(::getegid()));
    ASSERT_TRUE(opened) << opened.error().message;
    struct stat status{};
    ASSERT_EQ(::lstat(path().c_str(), &status), 0);
    EXPECT_TRUE(S_ISSOCK(status.st_mode));
    EXPECT_EQ(status.st_mode & 07777U, 0660U);
    EXPECT_EQ(status.st_gid, ::getegid());
    EXPECT_EQ((*opened)->group(), ::getegid());
    expect_tidy();
  }
  EXPECT_FALSE(exists());
}

TEST_F(UnixSocketTest, MakesItsDirectoryForEverybodyToPass) {
  const mode_t before = ::umask(0077);
  const auto opened = UnixSocket::open(folder_.file("new/api.sock"), "");
  (void)::umask(before);
  ASSERT_TRUE(opened) << opened.error().message;
  struct stat status{};
  ASSERT_EQ(::stat(folder_.file("new").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0755U);
}

TEST_F(UnixSocketTest, ReplacesOneThatNobodyListensOn) {
  bind_at(path(), true).reset();
  ASSERT_TRUE(exists());
  const auto opened = UnixSocket::open(path(), "");
  ASSERT_TRUE(opened) << opened.error().message;
  expect_tidy();
}

TEST_F(UnixSocketTest, LeavesOneThatAnswersAlone) {
  const FileDescriptor other = bind_at(path(), true);
  const auto opened = UnixSocket::open(path(), "");
  ASSERT_FALSE(opened);
  EXPECT_TRUE(opened.error().message.contains("another agent answers on " + path()))
      << opened.error().message;
  EXPECT_TRUE(exists());
  expect_tidy();
}

TEST_F(UnixSocketTest, KnowsABusyOneFromAStaleOne) {
  const FileDescriptor other = bind_at(path(), true);
  // Its backlog is full, so the probe is not even taken.
  std::vector<FileDescriptor> waiting;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::ranges::copy(path(), std::begin(address.sun_path));
  for (int i = 0; i < 4; ++i) {
    waiting.emplace_back(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    (void)::connect(waiting.back().get(), reinterpret_cast<const sockaddr*>(&address),
                    sizeof address);
  }
  EXPECT_FALSE(UnixSocket::open(path(), ""));
}

TEST_F(UnixSocketTest, LeavesWhatIsNoSocketAlone) {
  folder_.write("api.sock", "precious");
  const auto opened = UnixSocket::open(path(), "");
  ASSERT_FALSE(opened);
  EXPECT_TRUE(opened.error().message.contains("no socket")) << opened.error().message;
  EXPECT_EQ(std::filesystem::file_size(path()), 8U);
}

TEST_F(UnixSocketTest, DoesNotRemoveTheOneOfItsSuccessor) {
  auto first = UnixSocket::open(path(), "");
  ASSERT_TRUE(first);
  std::filesystem::remove(path());
  const auto second = UnixSocket::open(path(), "");
  ASSERT_TRUE(second);
  first->reset();
  EXPECT_TRUE(exists());
}

TEST_F(UnixSocketTest, CannotBeMadeWithAPathOrGroupThatIsNone) {
  EXPECT_FALSE(UnixSocket::open(folder_.file(std::string(120, 'x')), ""));
  EXPECT_FALSE(UnixSocket::open(folder_.file("a/b/api.sock"), ""));
  EXPECT_FALSE(UnixSocket::open(folder_.path() + "/", ""));
  const auto group = UnixSocket::open(path(), "no-such-group");
  ASSERT_FALSE(group);
  EXPECT_TRUE(group.error().message.contains("no-such-group"));
  EXPECT_FALSE(exists());
}

TEST(SocketPeer, MayBeRootTheAgentItselfOrOfTheGroup) {
  EXPECT_FALSE(refuse_peer({.uid = 0, .groups = {}}, 7, 30));
  EXPECT_FALSE(refuse_peer({.uid = 7, .groups = {}}, 7, 30));
  EXPECT_FALSE(refuse_peer({.uid = 1000, .groups = {5, 30}}, 7, 30));
  const auto refused = refuse_peer({.uid = 1000, .groups = {5, 31}}, 7, 30);
  ASSERT_TRUE(refused);
  EXPECT_TRUE(refused->contains("uid 1000") && refused->contains("group 30")) << *refused;
}

TEST(SocketPeer, IsKnownByTheKernel) {
  std::array<int, 2> pair{};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()), 0);
  const FileDescriptor one(pair[0]);
  const FileDescriptor two(pair[1]);
  const auto peer = unix_peer(one.get());
  ASSERT_TRUE(peer) << peer.error().message;
  EXPECT_EQ(peer->uid, ::geteuid());
  EXPECT_EQ(peer->pid, ::getpid());
  EXPECT_NE(std::ranges::find(peer->groups, ::getegid()), peer->groups.end());
}

}  // namespace
}  // namespace mcast::http
