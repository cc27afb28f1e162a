#include "agent/configuration/entries.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "base/rate.h"
#include "base/text.h"

namespace mcast::agent {
namespace {

using Kind = InputValue::Kind;

// Insertions, deletions, replacements and swaps of neighbours (optimal string
// alignment); both words are short.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> cost(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) cost[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) cost[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      cost[i][j] = std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1,
                             cost[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0U : 1U)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
      }
    }
  }
  return cost[a.size()][b.size()];
}

std::string_view nearest(std::string_view key, std::span<const std::string_view> keys) {
  if (key.size() > 40) return {};
  // So that Stall-Timeout is near as well.
  std::string word = ascii_lower(key);
  std::ranges::replace_if(word, [](char c) { return c == '-' || c == ' '; }, '_');
  std::string_view best;
  // Two slips, but not more than a third of the word.
  std::size_t best_distance = 3;
  for (const std::string_view candidate : keys) {
    const std::size_t distance = edit_distance(word, candidate);
    if (distance < best_distance && distance * 3 <= std::max(word.size(), candidate.size())) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

// "name:a" and "group 239.1.1.1", which are no keys with values yet.
std::string hint_for_colon(std::string_view text, std::span<const std::string_view> keys) {
  for (const std::string_view key : keys) {
    if (!text.starts_with(key) || text.size() <= key.size() + 1) continue;
    const char next = text[key.size()];
    if (next != ':' && next != ' ') continue;
    const std::string_view value = text.substr(key.size() + 1);
    return std::string(next == ':' ? "a space after the colon" : "a colon after the key") +
           " is missing: " +
           quote(std::string(key) + ": " + std::string(value.substr(0, value.find(' '))));
  }
  return "";
}

std::string describe_unknown(std::string_view key, const AllowedKeys& allowed) {
  std::string hint = allowed.hint == nullptr ? "" : allowed.hint(key);
  if (hint.empty() && key == "<<") hint = "YAML merge keys are not supported; use defaults";
  if (hint.empty()) hint = hint_for_colon(key, allowed.keys);
  if (const auto near = nearest(key, allowed.keys); hint.empty() && !near.empty()) {
    hint = "did you mean '" + std::string(near) + "'?";
  }
  std::string message = "unknown key " + quote(key) + " in " + std::string(allowed.what);
  if (!hint.empty()) message += "; " + hint;
  message += " (allowed:";
  for (const std::string_view name : allowed.keys) {
    message += name == allowed.keys.front() ? " " : ", ";
    message += name;
  }
  return message + ")";
}

std::string hint_for_defaults(std::string_view key) {
  const bool own = key == "name" || key == "group";
  return own ? "each stream has its own" : "";
}
std::string hint_for_streams(std::string_view name) {
  const auto key = std::ranges::find(stream_keys(), name, &StreamKey::name);
  if (key == stream_keys().end()) return "";
  if ((key->sections & kInReceiver) != 0) return "it is for receivers";
  return (key->sections & kInReceiverRequest) != 0 ? "it is for ad hoc streams"
                                                   : "it is for senders";
}

std::string_view name_of(Section section) {
  if (section == kInDefaults) return "defaults";
  return section == kInSender || section == kInSenderRequest ? "a sender" : "a receiver";
}

// A stream's own labels stand beside those of the defaults and win over them.
void read_labels(Labels& labels, const InputValue& mapping, ErrorList& errors,
                 ErrorList& warnings) {
  if (mapping.kind != Kind::kMapping) {
    errors.add(mapping.position,
               "labels must be a mapping (name: value), not " + describe(mapping));
    return;
  }
  Labels own;
  for (std::size_t i = 0; i + 1 < mapping.children.size(); i += 2) {
    const InputValue& key = *mapping.children[i];
    const InputValue& value = *mapping.children[i + 1];
    const auto parsed = read_value({.name = "label name", .parse = parse_label_name}, key);
    const auto* name = parsed ? std::get_if<std::string>(&*parsed) : nullptr;
    if (name == nullptr) {
      errors.add(key.position, parsed.error().message);
    } else if (value.kind == Kind::kNull) {
      errors.add(key.position, "label " + quote(*name) + " has no value");
    } else if (value.kind != Kind::kScalar) {
      errors.add(value.position,
                 "label " + quote(*name) + " must be a single value, not " + describe(value));
    } else if (auto text = parse_label_value(*name, value.text); !text) {
      errors.add(value.position, text.error().message);
    } else if (!own.emplace(*name, std::move(*text)).second) {
      errors.add(key.position, "duplicate label " + quote(*name));
    } else if (*name == "instance" || *name == "job") {
      warnings.add(key.position, "label " + quote(*name) + ": Prometheus sets it itself and " +
                                     "renames this one to exported_" + *name);
    }
  }
  own.merge(labels);
  labels = std::move(own);
  if (labels.size() > kMaxLabels) {
    errors.add(mapping.position, std::to_string(labels.size()) + " labels, at most " +
                                     std::to_string(kMaxLabels) + " are allowed");
  }
}

// Where to report a conflict between two settings: at the one that the stream gives itself, so
// that the place is not far from what has to be changed.
Position position_of_conflict(const StreamEntry& entry, std::string_view first,
                              std::string_view second) {
  const Setting* const a = entry.find(first);
  const Setting* const b = entry.find(second);
  if (a != nullptr && !a->from_defaults) return a->position;
  if (b != nullptr && !b->from_defaults) return b->position;
  if (a != nullptr) return a->position;
  return b != nullptr ? b->position : entry.position;
}

// Where the range of groups ends, and whether its name with the number fits.
void check_range(const StreamEntry& entry, ErrorList& errors, ErrorList& warnings) {
  const std::uint64_t count = entry.count();
  const auto* name = entry.value<std::string>("name");
  if (name != nullptr && name_in_range(*name, count, count).size() > kMaxStreamNameBytes) {
    errors.add(entry.find("name")->position,
               "name is too long to have -" + std::to_string(count) + " appended");
  }
  const auto* zoned = entry.value<ZonedAddress>("group");
  if (zoned == nullptr) return;
  const IpAddress& group = zoned->address;
  if (const std::uint64_t groups = groups_from(group); count > groups) {
    errors.add(position_of_conflict(entry, "count", "group"),
               "count " + std::to_string(count) + " leaves the multicast range: from " +
                   group.to_string() + " to " + last_group_from(group).to_string() + " there are " +
                   std::to_string(groups) + " groups");
  }
  if (group.is_never_routed()) {
    warnings.add(
        entry.find("group")->position,
        "group " + group.to_string() +
            (group.is_v4() ? " is link-local (224.0.0.0/24): no router forwards it, no "
                             "switch prunes it"
                           : " is of " + multicast_class(group) + ": no router forwards it"));
  }
}

void check(const StreamEntry& entry, SenderSpec& spec, ErrorList& errors, ErrorList& /*warnings*/) {
  const auto* rate = entry.value<std::string>("rate");
  // A fault of the size is not also one of the rate.
  if (rate == nullptr || (entry.find("size") != nullptr && !entry.value<std::uint64_t>("size"))) {
    return;
  }
  if (const auto pps = parse_rate(*rate, spec.size)) {
    spec.packets_per_second = *pps;
  } else {
    errors.add(position_of_conflict(entry, "rate", "size"), pps.error().message);
  }
}

void check(const StreamEntry& entry, ReceiverSpec& spec, ErrorList& /*errors*/,
           ErrorList& warnings) {
  if (!entry.value<std::string>("name") || !entry.value<ZonedAddress>("group")) return;
  const IpAddress last = spec.group.plus(static_cast<std::uint32_t>(entry.count() - 1));
  const bool is_v4 = spec.group.is_v4();
  const bool reaches_ssm =
      is_v4 ? last >= IpAddress::v4(0xE8000000) && spec.group <= IpAddress::v4(0xE8FFFFFF)
            : spec.group.is_ssm();
  if (entry.find("source") == nullptr && reaches_ssm) {
    warnings.add(entry.find("group")->position, "group " + spec.group.to_string() +
                                                    " is of the SSM range (" +
                                                    (is_v4 ? "232.0.0.0/8" : "ff3x::/32") +
                                                    "), but the receiver has no source: routers "
                                                    "forward nothing for such a join (RFC 4607)");
  }
}

}  // namespace

const KeyedValue* find_value(const KeyedValues& values, std::string_view key) {
  const auto found = values.find(key);
  return found == values.end() || !found->second.has_value() ? nullptr : &found->second;
}

KeyedValues read_keys(const InputValue& value, const AllowedKeys& allowed, ErrorList& errors) {
  KeyedValues values;
  const std::string what(allowed.what);
  if (value.kind != Kind::kMapping) {
    std::string message = what + " must be a mapping (key: value), not " + describe(value);
    if (const auto hint = hint_for_colon(value.text, allowed.keys); !hint.empty()) {
      message += "; " + hint;
    }
    errors.add(value.position, message);
    return values;
  }
  const std::string in = " in " + what;
  Places<std::string_view> seen;
  for (std::size_t i = 0; i + 1 < value.children.size(); i += 2) {
    const InputValue& key = *value.children[i];
    if (key.kind != Kind::kScalar) {
      errors.add(key.position, "a key" + in + " must be a single word, not " + describe(key));
    } else if (!errors.is_first<std::string_view>(seen, key.text, key.position, "key", in)) {
      continue;
    } else if (std::ranges::find(allowed.keys, key.text) == allowed.keys.end()) {
      errors.add(key.position, describe_unknown(key.text, allowed));
    } else {
      const KeyedValue keyed{.position = key.position, .value = value.children[i + 1]};
      if (!keyed.has_value()) errors.add(key.position, quote(key.text) + in + " has no value");
      values.emplace(key.text, keyed);
    }
  }
  return values;
}

KeyedValues read_keys(const InputValue& value, std::string_view what,
                      std::initializer_list<InputKey> keys, ErrorList& errors, KeyHint hint) {
  std::vector<std::string_view> names;
  for (const InputKey& key : keys) names.push_back(key.name);
  KeyedValues values = read_keys(value, {.what = what, .keys = names, .hint = hint}, errors);
  for (const InputKey& key : keys) {
    const KeyedValue* given = find_value(values, key.name);
    if (given != nullptr && key.read) key.read(*given);
  }
  return values;
}

Result<SettingValue> read_value(const StreamKey& key, const InputValue& value) {
  // Nothing but a label's value has a reason to be longer.
  constexpr std::size_t kMaxBytes = 256;
  const std::string what(key.name);
  if (value.kind != Kind::kScalar) {
    return fail(what + " must be a single value, not " + describe(value));
  }
  if (value.text.size() > kMaxBytes) {
    return fail(what + " is too long: " + std::to_string(value.text.size()) + " bytes, at most " +
                std::to_string(kMaxBytes));
  }
  return key.parse(key, value.text, value.quoted);
}

const Setting* StreamEntry::find(std::string_view key) const {
  const auto found = settings.find(key);
  return found == settings.end() ? nullptr : &found->second;
}

std::uint64_t StreamEntry::count() const {
  const auto* given = value<std::uint64_t>("count");
  return given == nullptr ? 1 : *given;
}

std::uint64_t StreamEntry::label_bytes() const {
  std::uint64_t bytes = 0;
  for (const auto& [name, text] : labels) bytes += name.size() + text.size();
  return bytes * count();
}

StreamEntry read_stream(const InputValue& value, Section section, const StreamEntry& defaults,
                        ErrorList& errors, ErrorList& warnings) {
  std::vector<std::string_view> allowed;
  for (const StreamKey& key : stream_keys()) {
    if ((key.sections & section) != 0) allowed.push_back(key.name);
  }
  const bool in_defaults = section == kInDefaults;
  StreamEntry entry = defaults;
  entry.position = value.position;
  std::set<std::string_view> seen;
  for (const auto& [name, keyed] :
       read_keys(value,
                 {.what = name_of(section),
                  .keys = allowed,
                  .hint = in_defaults ? hint_for_defaults : hint_for_streams},
                 errors)) {
    const StreamKey& key = stream_key(name);
    if (key.parse == nullptr) {
      if (keyed.has_value()) read_labels(entry.labels, *keyed.value, errors, warnings);
      continue;
    }
    const std::string_view stored = key.stands_for.empty() ? key.name : key.stands_for;
    Setting& setting = entry.settings[stored];
    if (!seen.insert(stored).second) {
      errors.add(keyed.value->position,
                 std::string(key.name) + " and " +
                     (key.stands_for.empty() ? "its other name" : std::string(stored)) +
                     " are the same: leave one out");
      continue;
    }
    setting = {.value = {}, .position = keyed.value->position, .from_defaults = in_defaults};
    if (!keyed.has_value()) continue;
    if (auto parsed = read_value(key, *keyed.value)) {
      setting.value = std::move(*parsed);
    } else {
      errors.add(setting.position, parsed.error().message);
    }
  }
  if ((section & (kInSender | kInReceiver)) != 0 && value.kind == Kind::kMapping) {
    for (const std::string_view key : {"name", "group"}) {
      if (entry.find(key) != nullptr) continue;
      errors.add(value.position,
                 std::string(name_of(section)) + " needs the key '" + std::string(key) + "'");
    }
  }
  return entry;
}

// The zone of a group names the interface, and agrees with the one that the stream names itself.
template <typename Spec>
void take_zone(const StreamEntry& entry, Spec& spec, ErrorList& errors) {
  const auto* group = entry.value<ZonedAddress>("group");
  if (group == nullptr || group->zone.empty()) return;
  const Setting* const named = entry.find("interface");
  if (named != nullptr && !named->from_defaults && spec.interface != group->zone) {
    errors.add(named->position, "interface " + quote(spec.interface) + " and the zone of group " +
                                    quote(group->address.to_string() + "%" + group->zone) +
                                    " are not the same: leave one out");
  }
  spec.interface = group->zone;
}

template <typename Spec>
std::optional<Spec> make_spec(const StreamEntry& entry, ErrorList& errors, ErrorList& warnings) {
  Spec spec;
  spec.labels = entry.labels;
  const auto* group = entry.value<ZonedAddress>("group");
  const auto is_of_other_family = [&](std::string_view name) {
    return group != nullptr && name == (group->address.is_v4() ? "mld_version" : "igmp_version");
  };
  for (const auto& [name, setting] : entry.settings) {
    // The defaults are those of streams of both families.
    if (setting.from_defaults && is_of_other_family(name)) continue;
    const auto set = std::get<SpecField<Spec>>(stream_key(name).fields).set;
    if (set != nullptr && !std::holds_alternative<std::monostate>(setting.value)) {
      set(spec, setting.value);
    }
  }
  take_zone(entry, spec, errors);
  check_range(entry, errors, warnings);
  check(entry, spec, errors, warnings);
  if (group == nullptr) return std::nullopt;
  if (const auto conflict = conflict_in(spec)) {
    errors.add(position_of_conflict(entry, conflict->key, conflict->with), conflict->why);
  }
  if (!entry.value<std::string>("name")) return std::nullopt;
  return spec;
}
template std::optional<ReceiverSpec> make_spec(const StreamEntry&, ErrorList&, ErrorList&);
template std::optional<SenderSpec> make_spec(const StreamEntry&, ErrorList&, ErrorList&);

}  // namespace mcast::agent
