#include "findings/remedy.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "base/number.h"
#include "base/text.h"
#include "findings/wording.h"

namespace mcast::findings {
namespace {

using Words = std::vector<std::string>;

struct Names {
  std::string_view key;  // of the configuration
  std::string_view option;
  std::string_view letter;
};
// In the order of Setting.
constexpr std::array<Names, 7> kNames{{{"interface", "--interface", "-i"},
                                       {"source", "--source", "-S"},
                                       {"port", "--port", "-p"},
                                       {"igmp_version", "--igmp-version", "-v"},
                                       {"mld_version", "--mld-version", ""},
                                       {"rate", "--rate", "-r"},
                                       {"size", "--size", "-s"}}};

// The option as that word has it, with "=VALUE", its value behind a letter, or neither.
bool is_option(const std::string& word, const Names& names) {
  const bool is_short =
      !names.letter.empty() && word.starts_with(names.letter) && !word.starts_with("--");
  return word == names.option || is_short || word.starts_with(std::string(names.option) + "=");
}

// Where the option's value stands: in its own word, or behind the option.
bool replace_option(Words& words, const Names& names, const std::string& value) {
  for (std::size_t i = 1; i < words.size() && words[i] != "--"; ++i) {
    std::string& word = words[i];
    if (!is_option(word, names)) continue;
    if (word == names.option || word == names.letter) {
      if (i + 1 == words.size()) return false;
      words[i + 1] = value;
    } else if (word.starts_with("--")) {
      word = std::string(names.option) + "=" + value;
    } else {
      word = std::string(names.letter) + value;
    }
    return true;
  }
  return false;
}

// "239.5.5.5:5004", "ff15::1", "[ff12::1%eth1]:5004": one of a list of groups, by the places in its
// word.
struct Element {
  IpAddress group;
  std::size_t begin = 0;
  std::size_t zone = 0;  // of '%', or of the end of the address
  std::size_t port = 0;  // of ':' or of `end`
  std::size_t end = 0;
};
std::vector<Element> elements_of(const std::string& word) {
  std::vector<Element> result;
  for (std::size_t begin = 0; begin < word.size();) {
    const std::size_t end = std::min(word.find(',', begin), word.size());
    Element element{.group = {}, .begin = begin, .port = end, .end = end};
    const bool in_brackets = word[begin] == '[';
    std::size_t address_end = std::min(word.find(in_brackets ? ']' : ':', begin), end);
    if (in_brackets) {
      element.port = std::min(address_end + 1, end);
    } else if (std::count(word.begin() + static_cast<std::ptrdiff_t>(begin),
                          word.begin() + static_cast<std::ptrdiff_t>(end), ':') > 1) {
      address_end = end;
    } else {
      element.port = address_end;
    }
    element.zone = std::min(word.find('%', begin), address_end);
    const std::size_t first = begin + (in_brackets ? 1 : 0);
    const auto address =
        IpAddress::parse(std::string_view(word).substr(first, element.zone - first));
    if (!address || !address->is_multicast()) return {};
    element.group = *address;
    result.push_back(element);
    begin = end + 1;
  }
  return result;
}

// Of the words that name groups the first one that has this group; none: its size().
std::pair<std::size_t, Element> place_of(const IpAddress& group, const Words& words) {
  for (std::size_t i = 1; i < words.size(); ++i) {
    for (const Element& element : elements_of(words[i])) {
      if (element.group == group) return {i, element};
    }
  }
  return {words.size(), {}};
}

// A port that stands in the list of groups, or belongs there because other groups are in it.
bool replace_listed_port(Words& words, const IpAddress& group, const std::string& port) {
  const auto [i, at] = place_of(group, words);
  if (i == words.size()) return false;
  std::string& word = words[i];
  if (at.port == at.end && word.find(',') == std::string::npos) return false;
  const std::string address = word.substr(at.begin, at.port - at.begin);
  const bool needs_brackets = !group.is_v4() && !address.starts_with('[');
  word.replace(at.begin, at.end - at.begin,
               (needs_brackets ? "[" + address + "]" : address) + ":" + port);
  return true;
}

// The zone of the group, where it has one.
bool replace_zone(Words& words, const IpAddress& group, const std::string& interface) {
  const auto [i, at] = place_of(group, words);
  if (i == words.size() || words[i][at.zone] != '%') return false;
  const std::size_t end = std::min(words[i].find_first_of("],", at.zone), at.end);
  words[i].replace(at.zone + 1, end - at.zone - 1, interface);
  return true;
}

bool replace_positional_source(Words& words, const Subject& subject, const std::string& value) {
  const auto of_group = std::find_if(words.begin() + 1, words.end(), [](const std::string& word) {
    return !elements_of(word).empty();
  });
  if (of_group == words.end() || subject.sending) return false;
  const auto behind = of_group + 1;
  if (subject.source && behind != words.end() && *behind == subject.source->to_string()) {
    *behind = value;
  } else {
    words.insert(behind, value);
  }
  return true;
}

// A command for a subject that no command line is known of: a question, or what an agent was asked
// for by its API.
Words command_for(const Subject& subject) {
  Words words{subject.sending ? "mcast-send" : "mcast-receive", subject.group.to_string()};
  if (const auto& source = subject.wanted_source()) words.push_back(source->to_string());
  if (!subject.interface.empty()) words.insert(words.end(), {"-i", subject.interface});
  if (subject.port) words.insert(words.end(), {"--port", std::to_string(*subject.port)});
  if (!subject.origin.agent.empty()) words.push_back(subject.origin.agent);
  return words;
}

std::string text_of(const Words& words) {
  std::string text;
  for (const std::string& word : words) {
    text += (text.empty() ? "" : " ") + shell_word(printable(word, 4096));
  }
  return text;
}

}  // namespace

std::string change(const Subject& subject, Setting setting, const std::string& value) {
  const Names& names = kNames.at(static_cast<std::size_t>(setting));
  const Origin& origin = subject.origin;
  if (!origin.file.empty()) {
    return "set `" + std::string(names.key) + ": " + printable(value) + "` in " +
           (subject.sending ? "sender " : "receiver ") + printable(subject.stream) + " of " +
           printable(origin.file, 4096);
  }
  Words words = origin.command.empty() ? command_for(subject) : origin.command;
  const bool has_zone = setting == Setting::kInterface && replace_zone(words, subject.group, value);
  const bool is_done =
      // One of a list has its own port first: the option is that of the others, too.
      (setting == Setting::kPort && replace_listed_port(words, subject.group, value)) ||
      replace_option(words, names, value) || has_zone ||
      (setting == Setting::kSource && replace_positional_source(words, subject, value));
  if (!is_done) {
    const bool by_letter = setting == Setting::kInterface;
    words.insert(words.end(), {std::string(by_letter ? names.letter : names.option), value});
  }
  return text_of(words);
}

std::optional<bool> names_interface(const Subject& subject) {
  const Words& words = subject.origin.command;
  if (words.empty()) return std::nullopt;
  const auto [i, at] = place_of(subject.group, words);
  return (i < words.size() && words[i][at.zone] == '%') ||
         std::ranges::any_of(
             words, [](const std::string& word) { return is_option(word, kNames.front()); });
}

std::string again(const Subject& subject) {
  return text_of(subject.origin.command);
}

}  // namespace mcast::findings
