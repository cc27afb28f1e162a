#include "exporter/process_facts.h"

#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/file.h"
#include "base/number.h"

namespace mcast::exporter {
namespace {

// /proc/stat grows with processors and interrupts; the others fit in a page.
constexpr std::size_t kMaxFileSize = std::size_t{1} << 20U;

// Between blanks, as stat and statm have them; "" where there are not so many.
std::string_view word_of(std::string_view text, std::size_t index) {
  constexpr const char* kBlanks = " \n";
  const auto skip = [&](std::size_t length) { text.remove_prefix(std::min(length, text.size())); };
  skip(text.find_first_not_of(kBlanks));
  for (; index > 0; --index) {
    skip(text.find_first_of(kBlanks));
    skip(text.find_first_not_of(kBlanks));
  }
  return text.substr(0, text.find_first_of(kBlanks));
}

// Reads files of /proc and keeps the first error: after one, what it returns means nothing.
class ProcReader {
 public:
  explicit ProcReader(std::filesystem::path root) : root_(std::move(root)) {}

  [[nodiscard]] std::string text(const char* file) {
    file_ = root_ / file;
    auto text = read_file(file_, kMaxFileSize);
    if (!text && !error_) error_ = text.error();
    return text.value_or("");
  }

  // The number that is field `index` of the newest text().
  [[nodiscard]] double field(std::string_view text, std::size_t index, const std::string& name) {
    const std::string_view word = word_of(text, index);
    if (word.empty()) refuse("no field " + name);
    const auto value = parse_number<std::uint64_t>(word);
    if (!value) {
      refuse("field " + name + " is no number: '" + std::string(word.substr(0, 40)) + "'");
    }
    return static_cast<double>(value.value_or(0));
  }

  // What follows `key` at the beginning of a line.
  [[nodiscard]] std::string_view line(std::string_view text, const std::string& key,
                                      const std::string& what) {
    if (!text.starts_with(key)) {
      const std::size_t found = text.find("\n" + key);
      if (found == std::string_view::npos) refuse("no " + what);
      text.remove_prefix(std::min(found, text.size() - 1) + 1);
    }
    text.remove_prefix(std::min(key.size(), text.size()));
    return text.substr(0, text.find('\n'));
  }

  // The soft limit of one line of self/limits; no value when it is "unlimited".
  [[nodiscard]] std::optional<double> soft_limit(std::string_view text, const std::string& name) {
    const std::string_view limit = line(text, name, "line '" + name + "'");
    if (word_of(limit, 0) == "unlimited") return std::nullopt;
    return field(limit, 0, name);
  }

  [[nodiscard]] double count_entries(const char* directory) {
    file_ = root_ / directory;
    std::error_code error;
    std::uint64_t count = 0;
    for (std::filesystem::directory_iterator entry(file_, error), end; !error && entry != end;
         entry.increment(error)) {
      ++count;
    }
    if (error && !error_) {
      error_ = fail_errno("read directory " + file_.string(), error.value()).error();
    }
    return static_cast<double>(count);
  }

  void refuse(const std::string& what) {
    if (!error_) error_ = Error{.message = file_.string() + ": " + what};
  }
  [[nodiscard]] const std::optional<Error>& error() const { return error_; }

 private:
  std::filesystem::path root_;
  std::filesystem::path file_;
  std::optional<Error> error_;
};

}  // namespace

ProcUnits ProcUnits::of_this_system() {
  return {.ticks_per_second = static_cast<double>(::sysconf(_SC_CLK_TCK)),
          .page_bytes = static_cast<double>(::sysconf(_SC_PAGESIZE))};
}

Result<ProcessFacts> read_process_facts(const std::filesystem::path& proc_root, ProcUnits units) {
  ProcReader proc(proc_root);
  ProcessFacts facts;
  const std::string stat = proc.text("self/stat");
  // The second field is the program's name in parentheses and may hold anything,
  // parentheses and blanks included: what counts is the last one.
  const std::size_t name_end = stat.rfind(')');
  if (name_end == std::string::npos) proc.refuse("no process name");
  // Field 3 of proc(5) is index 0 here.
  const auto after_name = std::string_view(stat).substr(name_end + 1);
  const double utime = proc.field(after_name, 14 - 3, "utime");
  const double stime = proc.field(after_name, 15 - 3, "stime");
  facts.cpu_seconds = (utime + stime) / units.ticks_per_second;
  facts.threads = proc.field(after_name, 20 - 3, "num_threads");
  const double start = proc.field(after_name, 22 - 3, "starttime");
  const std::string system = proc.text("stat");
  const double booted = proc.field(proc.line(system, "btime ", "btime"), 0, "btime");
  facts.start_time_seconds = booted + start / units.ticks_per_second;
  const std::string statm = proc.text("self/statm");
  facts.virtual_memory_bytes = proc.field(statm, 0, "size") * units.page_bytes;
  facts.resident_memory_bytes = proc.field(statm, 1, "resident") * units.page_bytes;
  const std::string limits = proc.text("self/limits");
  facts.max_fds = proc.soft_limit(limits, "Max open files");
  facts.virtual_memory_max_bytes = proc.soft_limit(limits, "Max address space");
  // The descriptor that the counting itself had open is counted, and gone by now.
  facts.open_fds = std::max(proc.count_entries("self/fd") - 1, 0.0);
  if (proc.error()) return std::unexpected(*proc.error());
  return facts;
}

}  // namespace mcast::exporter
