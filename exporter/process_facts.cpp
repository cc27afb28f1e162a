#include "exporter/process_facts.h"

#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string_view>
#include <utility>
#include <vector>

#include "base/file.h"
#include "base/number.h"

namespace mcast::exporter {
namespace {

// /proc/stat grows with processors and interrupts; the others fit in a page.
constexpr std::size_t kMaxFileSize = std::size_t{1} << 20U;

// Fields between single blanks, as stat and statm have them.
std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> fields;
  while (!text.empty()) {
    const std::size_t end = text.find_first_of(" \n");
    if (end != 0) fields.push_back(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return fields;
}

Result<double> field(const std::filesystem::path& path, const std::vector<std::string_view>& fields,
                     std::size_t index, std::string_view name) {
  if (index >= fields.size()) return fail(path.string() + ": no field " + std::string(name));
  const auto value = parse_number<std::uint64_t>(fields[index]);
  if (!value) {
    return fail(path.string() + ": field " + std::string(name) + " is no number: '" +
                std::string(fields[index].substr(0, 40)) + "'");
  }
  return static_cast<double>(*value);
}

Result<double> boot_time(const std::filesystem::path& path) {
  const auto text = read_file(path, kMaxFileSize);
  if (!text) return std::unexpected(text.error());
  constexpr std::string_view kKey = "btime ";
  std::size_t start = text->starts_with(kKey) ? 0 : text->find("\nbtime ");
  if (start == std::string::npos) return fail(path.string() + ": no btime");
  if (start > 0) ++start;
  std::string_view value = std::string_view(*text).substr(start + kKey.size());
  value = value.substr(0, value.find('\n'));
  return field(path, {value}, 0, "btime");
}

Result<void> read_stat(const std::filesystem::path& root, const ProcUnits& units,
                       ProcessFacts& facts) {
  const std::filesystem::path path = root / "self" / "stat";
  const auto text = read_file(path, kMaxFileSize);
  if (!text) return std::unexpected(text.error());
  // The second field is the program's name in parentheses and may hold anything,
  // parentheses and blanks included: what counts is the last one.
  const std::size_t name_end = text->rfind(')');
  if (name_end == std::string::npos) return fail(path.string() + ": no process name");
  // Field 3 of proc(5) is index 0 here.
  const std::vector<std::string_view> fields = split(std::string_view(*text).substr(name_end + 1));
  const auto utime = field(path, fields, 14 - 3, "utime");
  if (!utime) return std::unexpected(utime.error());
  const auto stime = field(path, fields, 15 - 3, "stime");
  if (!stime) return std::unexpected(stime.error());
  const auto threads = field(path, fields, 20 - 3, "num_threads");
  if (!threads) return std::unexpected(threads.error());
  const auto start = field(path, fields, 22 - 3, "starttime");
  if (!start) return std::unexpected(start.error());
  const auto booted = boot_time(root / "stat");
  if (!booted) return std::unexpected(booted.error());
  facts.cpu_seconds = (*utime + *stime) / units.ticks_per_second;
  facts.threads = *threads;
  facts.start_time_seconds = *booted + *start / units.ticks_per_second;
  return {};
}

Result<void> read_statm(const std::filesystem::path& root, const ProcUnits& units,
                        ProcessFacts& facts) {
  const std::filesystem::path path = root / "self" / "statm";
  const auto text = read_file(path, kMaxFileSize);
  if (!text) return std::unexpected(text.error());
  const std::vector<std::string_view> fields = split(*text);
  const auto size = field(path, fields, 0, "size");
  if (!size) return std::unexpected(size.error());
  const auto resident = field(path, fields, 1, "resident");
  if (!resident) return std::unexpected(resident.error());
  facts.virtual_memory_bytes = *size * units.page_bytes;
  facts.resident_memory_bytes = *resident * units.page_bytes;
  return {};
}

// The soft limit of one line of self/limits; no value when it is "unlimited".
Result<std::optional<double>> soft_limit(const std::filesystem::path& path, std::string_view text,
                                         std::string_view name) {
  const std::size_t line = text.find(name);
  if (line == std::string_view::npos || (line > 0 && text[line - 1] != '\n')) {
    return fail(path.string() + ": no line '" + std::string(name) + "'");
  }
  text = text.substr(line + name.size());
  const std::vector<std::string_view> fields = split(text.substr(0, text.find('\n')));
  if (!fields.empty() && fields[0] == "unlimited") return std::nullopt;
  const auto value = field(path, fields, 0, name);
  if (!value) return std::unexpected(value.error());
  return std::optional(*value);
}

Result<void> read_limits(const std::filesystem::path& root, ProcessFacts& facts) {
  const std::filesystem::path path = root / "self" / "limits";
  const auto text = read_file(path, kMaxFileSize);
  if (!text) return std::unexpected(text.error());
  const auto files = soft_limit(path, *text, "Max open files");
  if (!files) return std::unexpected(files.error());
  const auto memory = soft_limit(path, *text, "Max address space");
  if (!memory) return std::unexpected(memory.error());
  facts.max_fds = *files;
  facts.virtual_memory_max_bytes = *memory;
  return {};
}

Result<void> count_descriptors(const std::filesystem::path& root, ProcessFacts& facts) {
  const std::filesystem::path path = root / "self" / "fd";
  std::error_code error;
  std::uint64_t count = 0;
  for (std::filesystem::directory_iterator entry(path, error), end; !error && entry != end;
       entry.increment(error)) {
    ++count;
  }
  if (error) return fail_errno("read directory " + path.string(), error.value());
  // The descriptor that this loop itself had open is counted, and gone by now.
  facts.open_fds = static_cast<double>(count > 0 ? count - 1 : 0);
  return {};
}

}  // namespace

ProcUnits ProcUnits::of_this_system() {
  return {.ticks_per_second = static_cast<double>(::sysconf(_SC_CLK_TCK)),
          .page_bytes = static_cast<double>(::sysconf(_SC_PAGESIZE))};
}

Result<ProcessFacts> read_process_facts(const std::filesystem::path& proc_root, ProcUnits units) {
  ProcessFacts facts;
  if (auto done = read_stat(proc_root, units, facts); !done) return std::unexpected(done.error());
  if (auto done = read_statm(proc_root, units, facts); !done) return std::unexpected(done.error());
  if (auto done = read_limits(proc_root, facts); !done) return std::unexpected(done.error());
  if (auto done = count_descriptors(proc_root, facts); !done) {
    return std::unexpected(done.error());
  }
  return facts;
}

}  // namespace mcast::exporter
