#include "agent/configuration/configuration.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <map>
#include <unordered_map>
#include <utility>

#include "agent/configuration/input_tree.h"
#include "agent/configuration/stream_entry.h"
#include "agent/configuration/yaml.h"
#include "base/file_descriptor.h"
#include "base/text.h"

namespace mcast::agent {
namespace {

constexpr std::size_t kMaxWatched = 1000;
// Every stream has its own copy of its labels: a short file with a large `count`
// must not fill the memory.
constexpr std::size_t kMaxLabelBytes = std::size_t{64} << 20U;

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  std::expected<Configuration, ConfigurationErrors> run() {
    const auto tree = parse_yaml(text_);
    if (!tree) return std::unexpected(tree.error());
    const InputValue* root = tree->root();
    if (root != nullptr && root->kind != InputValue::Kind::kNull) read_root(*root);
    // A router is watched without a stream of its own; an empty file is a mistake.
    if (errors_.empty() && result_.senders.empty() && result_.receivers.empty() &&
        result_.igmp_watch.empty()) {
      errors_.add({}, "no senders, no receivers and no interfaces to watch");
    }
    if (!errors_.empty()) return std::unexpected(errors_.take(text_, "errors"));
    result_.warnings = warnings_.take(text_, "warnings");
    return std::move(result_);
  }

 private:
  // The first receiver that forces a version.
  struct ForcedVersion {
    std::uint64_t version;
    Position position;
  };

  void read_root(const InputValue& root) {
    constexpr std::array<std::string_view, 4> kKeys{"defaults", "senders", "receivers", "igmp"};
    const KeyedValues values = read_keys(root, {.what = "the file", .keys = kKeys}, errors_);
    StreamEntry defaults;
    if (const auto* given = find_value(values, "defaults")) {
      defaults = read_stream(*given->value, kInDefaults, {}, errors_);
    }
    if (const auto* given = find_value(values, "senders")) {
      read_streams("senders", *given->value, kInSender, defaults, result_.senders);
    }
    if (const auto* given = find_value(values, "receivers")) {
      read_streams("receivers", *given->value, kInReceiver, defaults, result_.receivers);
    }
    if (const auto* given = find_value(values, "igmp")) read_igmp(*given->value);
  }

  // Whether it is a list, and not longer than `most`.
  bool is_list(std::string_view key, const InputValue& value, std::size_t most,
               std::string_view entries) {
    if (value.kind != InputValue::Kind::kList) {
      errors_.add(value.position, std::string(key) + " must be a list, not " + describe(value));
    } else if (value.children.size() > most) {
      errors_.add(value.position, std::string(key) + " has more than " + std::to_string(most) +
                                      " " + std::string(entries));
    } else {
      return true;
    }
    return false;
  }

  // The entries of `senders` or `receivers`, each with the defaults filled in.
  template <typename Spec>
  void read_streams(std::string_view key, const InputValue& list, Section section,
                    const StreamEntry& defaults, std::vector<Spec>& into) {
    if (!is_list(key, list, kMaxStreams, "entries")) return;
    std::unordered_map<std::string, Position> names;
    std::size_t number = 0;
    for (const InputValue* value : list.children) {
      ++number;
      if (value->kind == InputValue::Kind::kNull) {
        errors_.add(value->position,
                    "entry " + std::to_string(number) + " of " + std::string(key) + " is empty");
        continue;
      }
      const StreamEntry entry = read_stream(*value, section, defaults, errors_);
      check_names(entry, names);
      if (section == kInReceiver) check_forced_version(entry);
      const auto spec = make_spec<Spec>(entry, errors_, warnings_);
      if (spec && fits(*spec, entry)) expand(*spec, entry.count(), into);
    }
  }

  // An interface has one force_igmp_version.
  void check_forced_version(const StreamEntry& entry) {
    const auto* version = entry.value<std::uint64_t>("igmp_version");
    const auto* interface = entry.value<std::string>("interface");
    if (version == nullptr || interface == nullptr) return;
    const Setting& setting = *entry.find("igmp_version");
    const Position position = setting.from_defaults ? entry.position : setting.position;
    const auto [first, is_new] = forced_versions_.try_emplace(
        *interface, ForcedVersion{.version = *version, .position = position});
    if (is_new || first->second.version == *version) return;
    errors_.add(position, "igmp_version " + std::to_string(*version) + " on interface " +
                              *interface + ": the receiver on line " +
                              std::to_string(first->second.position.line) + " forces version " +
                              std::to_string(first->second.version) +
                              " there, and an interface has only one");
  }

  // Says no more than once for an entry that its names are taken.
  void check_names(const StreamEntry& entry, std::unordered_map<std::string, Position>& names) {
    const auto* base = entry.value<std::string>("name");
    if (base == nullptr || checked_names_ > kMaxStreams) return;
    if (entry.find("count") != nullptr && !entry.value<std::uint64_t>("count")) return;
    const Position position = entry.find("name")->position;
    checked_names_ += entry.count();
    for (std::uint64_t i = 1; i <= entry.count(); ++i) {
      const std::string name = name_in_range(*base, i, entry.count());
      const auto [first, is_new] = names.emplace(name, position);
      if (is_new) continue;
      errors_.add(position, "duplicate name " + quote(name) + ": it is already on line " +
                                std::to_string(first->second.line));
      return;
    }
  }

  template <typename Spec>
  bool fits(const Spec& spec, const StreamEntry& entry) {
    // One error is enough, and the next entry would have it, too.
    if (streams_ > kMaxStreams || label_bytes_ > kMaxLabelBytes) return false;
    streams_ += entry.count();
    for (const auto& [name, value] : spec.labels) {
      label_bytes_ += (name.size() + value.size()) * entry.count();
    }
    const Setting* const count = entry.find("count");
    const Position position = count == nullptr ? entry.position : count->position;
    if (streams_ > kMaxStreams) {
      errors_.add(position, "more than " + std::to_string(kMaxStreams) +
                                " senders and receivers from here on");
      return false;
    }
    if (label_bytes_ > kMaxLabelBytes) {
      errors_.add(position, "the labels of all streams together exceed 64 MiB from here on");
      return false;
    }
    return true;
  }

  void read_igmp(const InputValue& value) {
    constexpr std::array<std::string_view, 1> kKeys{"watch"};
    const KeyedValues values = read_keys(value, {.what = "igmp", .keys = kKeys}, errors_);
    const KeyedValue* watch = find_value(values, "watch");
    if (watch == nullptr || !is_list("watch", *watch->value, kMaxWatched, "interfaces")) return;
    if (watch->value->children.empty()) {
      errors_.add(watch->value->position,
                  "watch is empty; leave the key out to watch every multicast interface");
    }
    std::map<std::string, Position> seen;
    for (const InputValue* entry : watch->value->children) {
      constexpr std::string_view kWhat = "an interface of watch";
      const auto text = single_value(kWhat, *entry);
      const auto name = text ? parse_interface(kWhat, *text) : std::unexpected(text.error());
      if (!name) {
        errors_.add(entry->position, name.error().message);
        continue;
      }
      const auto [first, is_new] = seen.emplace(*name, entry->position);
      if (is_new) {
        result_.igmp_watch.push_back(*name);
      } else {
        errors_.add(entry->position, "duplicate interface " + quote(*name) +
                                         ": it is already on line " +
                                         std::to_string(first->second.line));
      }
    }
  }

  std::string_view text_;
  ErrorList errors_;
  ErrorList warnings_;
  Configuration result_;
  std::map<std::string, ForcedVersion> forced_versions_;
  std::uint64_t streams_ = 0;
  std::uint64_t checked_names_ = 0;
  std::uint64_t label_bytes_ = 0;
};

}  // namespace

std::string ConfigurationError::to_string(std::string_view file) const {
  std::string text(file);
  if (line > 0) text += ":" + std::to_string(line) + ":" + std::to_string(column);
  return text + ": " + message;
}

std::expected<Configuration, ConfigurationErrors> parse_configuration(std::string_view yaml_text) {
  // A byte order mark is not a part of the text, and yaml-cpp does not count it.
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (yaml_text.starts_with(kByteOrderMark)) yaml_text.remove_prefix(kByteOrderMark.size());
  return Parser(yaml_text).run();
}

Result<void> expect_regular_file(const std::string& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode)) {
    return fail("is not a regular file");
  }
  return {};
}

std::expected<std::string, ConfigurationErrors> read_configuration_file(const std::string& path,
                                                                        FileKind kind) {
  const auto refuse = [](const std::unexpected<Error>& error) {
    return std::unexpected(
        ConfigurationErrors{{.line = 0, .column = 0, .message = error.error().message}});
  };
  // O_NONBLOCK: opening a FIFO does not wait for its writer.
  const int flags = O_RDONLY | O_CLOEXEC | (kind == FileKind::kRegular ? O_NONBLOCK : 0);
  const FileDescriptor file(::open(path.c_str(), flags));
  if (!file) return refuse(fail_errno("cannot open the file", errno));
  struct stat status{};
  if (kind == FileKind::kRegular &&
      (::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode))) {
    return refuse(fail("is not a regular file; a running agent reads nothing else"));
  }
  std::string text;
  std::array<char, 65'536> part{};
  for (;;) {
    const ssize_t size = ::read(file.get(), part.data(), part.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return refuse(fail_errno("cannot read the file", errno));
    if (size == 0) return text;
    text.append(part.data(), static_cast<std::size_t>(size));
    if (text.size() > kMaxConfigurationBytes) return refuse(fail("the file is larger than 16 MiB"));
  }
}

std::expected<Configuration, ConfigurationErrors> load_configuration(const std::string& path,
                                                                     FileKind kind) {
  const auto text = read_configuration_file(path, kind);
  if (!text) return std::unexpected(text.error());
  return parse_configuration(*text);
}

Configuration demonstration() {
  const IpAddress group = IpAddress::v4(0xEFFF4D4D);  // 239.255.77.77
  Configuration configuration;
  ReceiverSpec receiver;
  receiver.name = "demo";
  receiver.group = group;
  receiver.interface = "lo";
  configuration.receivers.push_back(std::move(receiver));
  SenderSpec sender;
  sender.name = "demo";
  sender.group = group;
  sender.interface = "lo";
  configuration.senders.push_back(std::move(sender));
  return configuration;
}

}  // namespace mcast::agent
