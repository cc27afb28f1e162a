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
constexpr std::array<Names, 5> kNames{{{"interface", "--interface", "-i"},
                                       {"source", "--source", "-S"},
                                       {"port", "--port", "-p"},
                                       {"igmp_version", "--igmp-version", "-v"},
                                       {"rate", "--rate", "-r"}}};

// Where the option's value stands: in its own word, or behind the option.
bool replace_option(Words& words, const Names& names, const std::string& value) {
  for (std::size_t i = 1; i < words.size() && words[i] != "--"; ++i) {
    std::string& word = words[i];
    const bool is_short = word.starts_with(names.letter) && !word.starts_with("--");
    if (word == names.option || (is_short && word.size() == 2)) {
      if (i + 1 == words.size()) return false;
      words[i + 1] = value;
    } else if (word.starts_with(std::string(names.option) + "=")) {
      word = std::string(names.option) + "=" + value;
    } else if (is_short) {
      word = std::string(names.letter) + value;
    } else {
      continue;
    }
    return true;
  }
  return false;
}

// "239.1.1.1,239.5.5.5:5004": the one of these groups, as [begin, end) of the word.
std::optional<std::pair<std::size_t, std::size_t>> place_of(const IpAddress& group,
                                                            const std::string& word) {
  for (std::size_t begin = 0; begin <= word.size();) {
    const std::size_t end = std::min(word.find(',', begin), word.size());
    const std::string element = word.substr(begin, end - begin);
    const auto address = IpAddress::parse(element.substr(0, element.find_first_of("%:")));
    if (address && *address == group) return std::pair(begin, end);
    begin = end + 1;
  }
  return std::nullopt;
}

bool is_group(const std::string& word) {
  const auto address = IpAddress::parse(word.substr(0, word.find_first_of(",%:")));
  return address && address->is_multicast();
}

// A port that stands in the list of groups, or belongs there because other groups are in it.
bool replace_listed_port(Words& words, const IpAddress& group, const std::string& port) {
  for (std::size_t i = 1; i < words.size(); ++i) {
    const auto place = place_of(group, words[i]);
    if (!place) continue;
    const auto [begin, end] = *place;
    const std::size_t colon = std::min(words[i].find(':', begin), end);
    if (colon == end && words[i].find(',') == std::string::npos) return false;
    words[i].replace(colon, end - colon, ":" + port);
    return true;
  }
  return false;
}

bool replace_positional_source(Words& words, const Subject& subject, const std::string& value) {
  const auto of_group = std::find_if(words.begin() + 1, words.end(), is_group);
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
  const bool is_done =
      // One of a list has its own port first: the option is that of the others, too.
      (setting == Setting::kPort && replace_listed_port(words, subject.group, value)) ||
      replace_option(words, names, value) ||
      (setting == Setting::kSource && replace_positional_source(words, subject, value));
  if (!is_done) {
    const bool by_letter = setting == Setting::kInterface;
    words.insert(words.end(), {std::string(by_letter ? names.letter : names.option), value});
  }
  return text_of(words);
}

std::string again(const Subject& subject) {
  return text_of(subject.origin.command);
}

}  // namespace mcast::findings
