#include "agent/configuration/configuration.h"

#include <array>
#include <map>
#include <unordered_map>
#include <utility>

#include "agent/configuration/configuration_errors.h"
#include "agent/configuration/configuration_file.h"
#include "agent/configuration/configuration_keys.h"
#include "agent/configuration/configuration_stream.h"
#include "agent/configuration/configuration_values.h"
#include "agent/configuration/configuration_yaml.h"
#include "base/result.h"

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
    const auto document = parse_yaml(text_);
    if (!document) return std::unexpected(document.error());
    const YamlNode* root = document->root();
    if (root != nullptr && root->kind != YamlNode::Kind::kNull) read_root(*root);
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
  // The first stream of each name, and the first receiver that forces a version.
  using Names = std::unordered_map<std::string, Place>;
  struct ForcedVersion {
    std::uint64_t version;
    Place place;
  };

  void read_root(const YamlNode& root) {
    constexpr std::array<std::string_view, 4> kKeys{"defaults", "senders", "receivers", "igmp"};
    const KeyedValues values = read_keys(root, {.what = "the file", .keys = kKeys}, errors_);
    const auto value = [&](std::string_view key) -> const YamlNode* {
      const auto found = values.find(key);
      return found == values.end() || !found->second.has_value() ? nullptr : found->second.value;
    };
    StreamSettings defaults;
    if (const auto* node = value("defaults")) {
      defaults = read_stream(*node, Section::kDefaults, {}, errors_);
    }
    if (const auto* node = value("senders")) read_senders(*node, defaults);
    if (const auto* node = value("receivers")) read_receivers(*node, defaults);
    if (const auto* node = value("igmp")) read_igmp(*node);
  }

  bool is_list(std::string_view key, const YamlNode& node) {
    if (node.kind == YamlNode::Kind::kList) return true;
    errors_.add(node.place, std::string(key) + " must be a list, not " + describe(node));
    return false;
  }

  // The entries of `senders` and `receivers`, each with the defaults filled in.
  template <typename Read>
  void read_streams(std::string_view key, const YamlNode& list, Section section,
                    const StreamSettings& defaults, Read read) {
    if (!is_list(key, list)) return;
    if (list.children.size() > kMaxStreams) {
      errors_.add(list.place,
                  std::string(key) + " has more than " + std::to_string(kMaxStreams) + " entries");
      return;
    }
    Names names;
    std::size_t number = 0;
    for (const YamlNode* node : list.children) {
      ++number;
      if (node->kind == YamlNode::Kind::kNull) {
        errors_.add(node->place,
                    "entry " + std::to_string(number) + " of " + std::string(key) + " is empty");
        continue;
      }
      const StreamSettings settings = read_stream(*node, section, defaults, errors_);
      check_names(settings, names);
      read(settings);
    }
  }

  void read_senders(const YamlNode& list, const StreamSettings& defaults) {
    read_streams("senders", list, Section::kSender, defaults, [&](const StreamSettings& settings) {
      const auto spec = make_sender(settings, errors_, warnings_);
      if (spec) add(*spec, settings, result_.senders);
    });
  }

  void read_receivers(const YamlNode& list, const StreamSettings& defaults) {
    read_streams("receivers", list, Section::kReceiver, defaults,
                 [&](const StreamSettings& settings) {
                   check_forced_version(settings);
                   const auto spec = make_receiver(settings, errors_, warnings_);
                   if (spec) add(*spec, settings, result_.receivers);
                 });
  }

  // An interface has one force_igmp_version.
  void check_forced_version(const StreamSettings& settings) {
    const auto& version = settings.igmp_version;
    if (!version.value || !settings.interface.value) return;
    const Place place = version.from_defaults ? settings.place : *version.place;
    const auto [first, is_new] = forced_versions_.try_emplace(
        *settings.interface.value, ForcedVersion{.version = *version.value, .place = place});
    if (is_new || first->second.version == *version.value) return;
    errors_.add(place, "igmp_version " + std::to_string(*version.value) + " on interface " +
                           *settings.interface.value + ": the receiver on line " +
                           std::to_string(first->second.place.line) + " forces version " +
                           std::to_string(first->second.version) +
                           " there, and an interface has only one");
  }

  // Says no more than once for an entry that its names are taken.
  void check_names(const StreamSettings& settings, Names& names) {
    if (!settings.name.value || checked_names_ > kMaxStreams) return;
    if (settings.count.place && !settings.count.value) return;
    const std::uint64_t count = settings.count.value.value_or(1);
    checked_names_ += count;
    for (std::uint64_t i = 1; i <= count; ++i) {
      const std::string name = name_in_range(*settings.name.value, i, count);
      const auto [first, is_new] = names.emplace(name, *settings.name.place);
      if (is_new) continue;
      errors_.add(*settings.name.place, "duplicate name " + quoted(name) +
                                            ": it is already on line " +
                                            std::to_string(first->second.line));
      return;
    }
  }

  template <typename Spec>
  void add(const Spec& spec, const StreamSettings& settings, std::vector<Spec>& into) {
    const std::uint64_t count = settings.count.value.value_or(1);
    if (!fits(spec.labels, count, settings.count.place.value_or(settings.place))) return;
    expand(spec, count, into);
  }

  bool fits(const Labels& labels, std::uint64_t count, Place place) {
    const bool fitted = streams_ <= kMaxStreams && label_bytes_ <= kMaxLabelBytes;
    streams_ += count;
    for (const auto& [name, value] : labels) label_bytes_ += (name.size() + value.size()) * count;
    if (!fitted) return false;
    if (streams_ > kMaxStreams) {
      errors_.add(place, "more than " + std::to_string(kMaxStreams) +
                             " senders and receivers from here on");
      return false;
    }
    if (label_bytes_ > kMaxLabelBytes) {
      errors_.add(place, "the labels of all streams together exceed 64 MiB from here on");
      return false;
    }
    return true;
  }

  void read_igmp(const YamlNode& node) {
    constexpr std::array<std::string_view, 1> kKeys{"watch"};
    const KeyedValues values = read_keys(node, {.what = "igmp", .keys = kKeys}, errors_);
    const auto watch = values.find("watch");
    if (watch == values.end() || !watch->second.has_value()) return;
    const YamlNode& list = *watch->second.value;
    if (!is_list("watch", list)) return;
    if (list.children.empty()) {
      errors_.add(list.place,
                  "watch is empty; leave the key out to watch every multicast interface");
    }
    if (list.children.size() > kMaxWatched) {
      errors_.add(list.place, "watch has more than " + std::to_string(kMaxWatched) + " interfaces");
      return;
    }
    std::map<std::string, Place> seen;
    for (const YamlNode* entry : list.children) {
      auto name = parse_interface("an interface of watch", *entry);
      if (!name) {
        errors_.add(entry->place, name.error().message);
        continue;
      }
      const auto [first, is_new] = seen.emplace(*name, entry->place);
      if (is_new) {
        result_.igmp_watch.push_back(std::move(*name));
      } else {
        errors_.add(entry->place, "duplicate interface " + quoted(*name) +
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

std::expected<Configuration, ConfigurationErrors> load_configuration(const std::string& path,
                                                                     FileKind kind) {
  const auto text = read_configuration_file(path, kind);
  if (!text) {
    return std::unexpected(
        ConfigurationErrors{{.line = 0, .column = 0, .message = text.error().message}});
  }
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
