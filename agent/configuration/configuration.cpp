#include "agent/configuration/configuration.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <map>
#include <type_traits>
#include <utility>

#include "agent/configuration/entries.h"
#include "base/file_descriptor.h"

namespace mcast::agent {
namespace {

constexpr std::size_t kMaxWatched = 1000;
// Every stream has its own copy of its labels: a short file with a large `count`
// must not fill the memory.
constexpr std::size_t kMaxLabelBytes = std::size_t{64} << 20U;

constexpr std::string_view kDemonstration =
    "receivers: [{name: demo, group: 239.255.77.77, interface: lo}]\n"
    "senders: [{name: demo, group: 239.255.77.77, interface: lo}]\n";

class Parser {
 public:
  Parser(std::string_view text, HasInterface has_interface)
      : text_(text), has_interface_(has_interface) {}

  std::expected<Configuration, ConfigurationErrors> run() {
    const auto tree = parse_yaml(text_);
    if (!tree) return std::unexpected(tree.error());
    if (tree->root() != nullptr) read_root(*tree->root());
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
    int version;
    Position position;
  };

  void read_root(const InputValue& root) {
    StreamEntry defaults;
    const auto read_igmp = [this](const KeyedValue& igmp) {
      const auto watch = [this](const KeyedValue& given) { read_watch(*given.value); };
      read_keys(*igmp.value, "igmp", {{"watch", watch}}, errors_);
    };
    read_keys(root, "the file",
              {{"defaults",
                [&](const KeyedValue& given) {
                  defaults = read_stream(*given.value, kInDefaults, {}, errors_, warnings_);
                  result_.defaults = defaults;
                  for (auto& [name, setting] : result_.defaults.settings) setting.position = {};
                }},
               {"senders",
                [&](const KeyedValue& given) {
                  read_streams("senders", *given.value, defaults, result_.senders);
                }},
               {"receivers",
                [&](const KeyedValue& given) {
                  read_streams("receivers", *given.value, defaults, result_.receivers);
                }},
               {"igmp", read_igmp}},
              errors_);
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
  void read_streams(const std::string& key, const InputValue& list, const StreamEntry& defaults,
                    std::vector<Spec>& into) {
    constexpr bool kReceives = std::is_same_v<Spec, ReceiverSpec>;
    if (!is_list(key, list, kMaxStreams, "entries")) return;
    Places<std::string> names;
    std::size_t number = 0;
    for (const InputValue* value : list.children) {
      ++number;
      if (value->kind == InputValue::Kind::kNull) {
        errors_.add(value->position,
                    "entry " + std::to_string(number) + " of " + key + " is empty");
        continue;
      }
      const StreamEntry entry =
          read_stream(*value, kReceives ? kInReceiver : kInSender, defaults, errors_, warnings_);
      check_names(entry, names);
      if (const auto* interface = entry.value<std::string>("interface")) {
        check_interface(*interface, entry.find("interface")->position);
      }
      const auto spec = make_spec<Spec>(entry, errors_, warnings_);
      if constexpr (kReceives) {
        if (spec) check_forced_version(entry, *spec);
      }
      if (spec && fits(entry)) expand(*spec, entry.count(), into);
    }
  }

  void check_interface(const std::string& name, Position position) {
    if (has_interface_ == nullptr || has_interface_(name)) return;
    warnings_.add(position, "interface " + quote(name) + " does not exist on this host");
  }

  // An interface has one force_igmp_version, and one force_mld_version.
  void check_forced_version(const StreamEntry& entry, const ReceiverSpec& spec) {
    const auto& version = spec.wanted_version();
    if (!version || spec.interface.empty()) return;
    const std::string key = spec.group.is_v4() ? "igmp_version" : "mld_version";
    const Setting& setting = *entry.find(key);
    const Position position = setting.from_defaults ? entry.position : setting.position;
    const auto [first, is_new] =
        forced_versions_.try_emplace({spec.interface, spec.group.family()},
                                     ForcedVersion{.version = *version, .position = position});
    if (is_new || first->second.version == *version) return;
    errors_.add(position, key + " " + std::to_string(*version) + " on interface " + spec.interface +
                              ": the receiver on line " +
                              std::to_string(first->second.position.line) + " forces version " +
                              std::to_string(first->second.version) +
                              " there, and an interface has only one");
  }

  // Says no more than once for an entry that its names are taken.
  void check_names(const StreamEntry& entry, Places<std::string>& names) {
    const auto* base = entry.value<std::string>("name");
    if (base == nullptr || checked_names_ > kMaxStreams) return;
    if (entry.find("count") != nullptr && !entry.value<std::uint64_t>("count")) return;
    const Position position = entry.find("name")->position;
    checked_names_ += entry.count();
    for (std::uint64_t i = 1; i <= entry.count(); ++i) {
      if (!errors_.is_first(names, name_in_range(*base, i, entry.count()), position, "name"))
        return;
    }
  }

  bool fits(const StreamEntry& entry) {
    // One error is enough, and the next entry would have it, too.
    if (streams_ > kMaxStreams || label_bytes_ > kMaxLabelBytes) return false;
    streams_ += entry.count();
    label_bytes_ += entry.label_bytes();
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

  void read_watch(const InputValue& watch) {
    if (!is_list("watch", watch, kMaxWatched, "interfaces")) return;
    if (watch.children.empty()) {
      errors_.add(watch.position,
                  "watch is empty; leave the key out to watch every multicast interface");
    }
    Places<std::string> seen;
    for (const InputValue* entry : watch.children) {
      const auto read =
          read_value({.name = "an interface of watch", .parse = parse_interface}, *entry);
      if (!read) {
        errors_.add(entry->position, read.error().message);
      } else if (const auto& name = std::get<std::string>(*read);
                 errors_.is_first(seen, name, entry->position, "interface")) {
        check_interface(name, entry->position);
        result_.igmp_watch.push_back(name);
      }
    }
  }

  std::string_view text_;
  HasInterface has_interface_;
  ErrorList errors_;
  ErrorList warnings_;
  Configuration result_;
  std::map<std::pair<std::string, Family>, ForcedVersion> forced_versions_;
  std::uint64_t streams_ = 0;
  std::uint64_t checked_names_ = 0;
  std::uint64_t label_bytes_ = 0;
};

}  // namespace

std::expected<Configuration, ConfigurationErrors> parse_configuration(std::string_view yaml_text,
                                                                      HasInterface has_interface) {
  // A byte order mark is not a part of the text, and yaml-cpp does not count it.
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (yaml_text.starts_with(kByteOrderMark)) yaml_text.remove_prefix(kByteOrderMark.size());
  return Parser(yaml_text, has_interface).run();
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
                                                                     FileKind kind,
                                                                     HasInterface has_interface) {
  if (path.empty()) return parse_configuration(kDemonstration);
  const auto text = read_configuration_file(path, kind);
  return text ? parse_configuration(*text, has_interface) : std::unexpected(text.error());
}

}  // namespace mcast::agent
