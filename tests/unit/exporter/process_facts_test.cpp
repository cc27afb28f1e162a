// Reading /proc, on files that the test has written.
#include "exporter/process_facts.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace mcast::test {
namespace {

namespace fs = std::filesystem;
using exporter::read_process_facts;

constexpr exporter::ProcUnits kUnits{.ticks_per_second = 100, .page_bytes = 4096};

constexpr const char* kStat =
    "4711 (mcast) agent ()) S 1 4711 4711 0 -1 4194560 2000 0 10 0 150 25 0 0 20 0 7 0 123400 "
    "104857600 2560 18446744073709551615 1 1 0 0 0 0 0 0 0 0 0 0 17 1 0 0 0 0 0 0 0 0 0 0 0 0 0\n";
constexpr const char* kLimits =
    "Limit                     Soft Limit           Hard Limit           Units     \n"
    "Max cpu time              unlimited            unlimited            seconds   \n"
    "Max open files            1024                 524288               files     \n"
    "Max address space         unlimited            unlimited            bytes     \n";

// A directory in the shape of /proc that goes away with the test.
class FakeProc : public ::testing::Test {
 protected:
  FakeProc() {
    std::string name = (fs::temp_directory_path() / "mcast-proc-XXXXXX").string();
    root_ = ::mkdtemp(name.data()) != nullptr ? fs::path(name) : fs::path();
    fs::create_directories(root_ / "self" / "fd");
    write("self/stat", kStat);
    write("self/statm", "25600 2560 1500 300 0 2000 0\n");
    write("self/limits", kLimits);
    write("stat", "cpu  1 2 3\nintr 5\nbtime 1700000000\nprocesses 9\n");
    for (const char* fd : {"0", "1", "2", "3"}) write(std::string("self/fd/") + fd, "");
  }
  ~FakeProc() override {
    std::error_code ignored;
    fs::remove_all(root_, ignored);
  }
  FakeProc(const FakeProc&) = delete;
  FakeProc& operator=(const FakeProc&) = delete;

  void write(const std::string& name, const std::string& text) const {
    std::ofstream(root_ / name, std::ios::binary) << text;
  }
  [[nodiscard]] std::string error() const {
    const auto facts = read_process_facts(root_, kUnits);
    return facts ? "no error" : facts.error().message;
  }

  fs::path root_;
};

TEST_F(FakeProc, GivesEveryValueInBaseUnits) {
  const auto facts = read_process_facts(root_, kUnits);
  ASSERT_TRUE(facts) << facts.error().message;
  EXPECT_EQ(facts->cpu_seconds, 1.75);
  EXPECT_EQ(facts->threads, 7);
  EXPECT_EQ(facts->start_time_seconds, 1'700'001'234.0);
  EXPECT_EQ(facts->virtual_memory_bytes, 25600.0 * 4096);
  EXPECT_EQ(facts->resident_memory_bytes, 2560.0 * 4096);
  EXPECT_EQ(facts->max_fds, 1024);
  EXPECT_EQ(facts->open_fds, 3);  // less the one that reads the directory
  EXPECT_FALSE(facts->virtual_memory_max_bytes);
}

TEST_F(FakeProc, GivesALimitOfAddressSpaceWhereThereIsOne) {
  write("self/limits", "Max open files 5 5 files\nMax address space 1048576 unlimited bytes\n");
  const auto facts = read_process_facts(root_, kUnits);
  ASSERT_TRUE(facts) << facts.error().message;
  EXPECT_EQ(facts->virtual_memory_max_bytes, 1048576);
}

TEST_F(FakeProc, NamesAFileThatIsNotThere) {
  fs::remove(root_ / "self" / "statm");
  EXPECT_NE(error().find("self/statm: No such file"), std::string::npos) << error();
}

TEST_F(FakeProc, RefusesAStatLineThatIsCutShort) {
  write("self/stat", "4711 (agent) S 1 2 3 4 5 6 7 8 9 10 11\n");
  EXPECT_NE(error().find("self/stat: no field stime"), std::string::npos) << error();
}

TEST_F(FakeProc, RefusesAStatLineWithoutAName) {
  write("self/stat", "4711 agent S 1 2 3\n");
  EXPECT_NE(error().find("self/stat: no process name"), std::string::npos) << error();
}

TEST_F(FakeProc, RefusesAFieldThatIsNoNumber) {
  for (const char* bad : {"12x 5 5", "-1 5 5", "0x10 5 5", "1.5 5", "99999999999999999999999 5"}) {
    write("self/statm", bad);
    EXPECT_NE(error().find("self/statm: field size is no number"), std::string::npos) << bad;
  }
}

TEST_F(FakeProc, RefusesLimitsWithoutTheLineThatItNeeds) {
  write("self/limits", "Soft Max open files 5 5 files\n");
  EXPECT_NE(error().find("self/limits: no line 'Max open files'"), std::string::npos) << error();
}

TEST_F(FakeProc, RefusesABootTimeThatIsMissing) {
  write("stat", "cpu 1 2 3\nxbtime 5\n");
  EXPECT_NE(error().find("stat: no btime"), std::string::npos) << error();
}

TEST_F(FakeProc, RefusesAFileWithoutEnd) {
  write("self/limits", std::string(3'000'000, 'x'));
  EXPECT_NE(error().find("self/limits is larger than"), std::string::npos) << error();
}

TEST(ProcessFactsOfThisProcess, AreReadFromTheRealProc) {
  const auto facts = read_process_facts("/proc");
  ASSERT_TRUE(facts) << facts.error().message;
  EXPECT_GT(facts->resident_memory_bytes.value_or(0), 100'000);
  EXPECT_GT(facts->start_time_seconds.value_or(0), 1'600'000'000);
  EXPECT_GE(facts->open_fds.value_or(0), 3);
  EXPECT_GE(facts->threads.value_or(0), 1);
}

}  // namespace
}  // namespace mcast::test
