#include "bench/task_time.h"

#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "tests/netns/failure.h"

namespace mcast::bench {
namespace {

Nanoseconds read_schedstat(const std::filesystem::path& task) {
  std::ifstream file(task / "schedstat");
  Nanoseconds on_cpu = 0;
  if (!(file >> on_cpu)) test::fail_with("cannot read " + (task / "schedstat").string());
  return on_cpu;
}

std::filesystem::path tasks(pid_t process) {
  return "/proc/" + std::to_string(process) + "/task";
}

}  // namespace

pid_t this_thread() {
  return ::gettid();
}

pid_t thread_named(std::string_view name) {
  const auto named_so = [&] {
    std::vector<pid_t> found;
    for (const auto& task : std::filesystem::directory_iterator(tasks(::getpid()))) {
      std::ifstream file(task.path() / "comm");
      std::string comm;
      if (std::getline(file, comm) && comm == name) {
        found.push_back(std::stoi(task.path().filename().string()));
      }
    }
    return found;
  };
  // A thread names itself, so a new one may have no name yet.
  std::vector<pid_t> found;
  for (int attempt = 0; attempt < 1'000 && found.empty(); ++attempt) {
    // A thread gives itself its name a moment after it has started.
    if (attempt > 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    found = named_so();
  }
  if (found.size() != 1) {
    test::fail_with(std::to_string(found.size()) + " threads are named " + std::string(name));
  }
  return found.front();
}

Nanoseconds thread_time(pid_t thread) {
  return read_schedstat(tasks(::getpid()) / std::to_string(thread));
}

Nanoseconds process_time(pid_t process) {
  Nanoseconds sum = 0;
  for (const auto& task : std::filesystem::directory_iterator(tasks(process))) {
    sum += read_schedstat(task.path());
  }
  return sum;
}

double resident_bytes(pid_t process) {
  std::ifstream file("/proc/" + std::to_string(process) + "/status");
  std::string word;
  while (file >> word) {
    double kibibytes = 0;
    if (word == "VmRSS:" && file >> kibibytes) return kibibytes * 1024;
  }
  test::fail_with("no VmRSS of process " + std::to_string(process));
}

}  // namespace mcast::bench
