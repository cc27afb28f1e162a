#include <algorithm>
#include <string_view>
#include <vector>

#include "base/dscp.h"
#include "cli/documents/completion.h"
#include "cli/documents/completion_words.h"

namespace mcast::cli {
namespace {

// Statements that fill `candidates`; nothing where there is nothing to offer.
std::string candidates_of(Completion kind) {
  switch (kind) {
    case Completion::kNone:
      return {};
    case Completion::kInterface:
      // Not through compgen -W, which would expand what a name holds.
      return "for word in " + std::string(kInterfaceFolder) +
             "/*; do [[ -d $word && $word != */@(all|default) ]] && "
             "candidates+=(\"${word##*/}\"); done";
    case Completion::kDscp:
      return "candidates=(" + joined(dscp_names()) + "); current=${current,,}";
    case Completion::kIgmpVersion:
      return "candidates=(1 2 3)";
    case Completion::kFile:
      // Without the option, readline would not put a '/' behind folders.
      return "mapfile -t candidates < <(compgen -f -- \"$current\"); "
             "compopt -o filenames 2> /dev/null";
  }
  return {};
}

std::string candidates_of(const OptionDescription& option) {
  const auto choices = choices_of(option);
  return choices.empty() ? candidates_of(option.completion)
                         : "candidates=(" + joined(choices) + ")";
}

std::string function_name(const CommandDescription& command) {
  std::string name = "_" + std::string(command.name);
  std::ranges::replace(name, '-', '_');
  return name;
}

// "--rate | -r", a pattern of case.
std::string pattern_of(const OptionDescription& option) {
  std::string pattern(option.name);
  if (!option.short_name.empty()) pattern += " | " + std::string(option.short_name);
  return pattern;
}

std::string branch(std::string_view pattern, std::string_view statements) {
  return "            " + std::string(pattern) + ") " + std::string(statements) + " ;;\n";
}

// Every option; one that may be repeated and one that was not used yet.
std::string option_candidates(const CommandDescription& command) {
  std::vector<std::string> once;
  std::vector<std::string> always;
  for (const OptionDescription& option : command.options) {
    std::vector<std::string>& words = option.repeatable ? always : once;
    words.emplace_back(option.name);
    if (!option.value_if_bare.empty()) words.push_back(std::string(option.name) + "=");
    if (!option.short_name.empty()) words.emplace_back(option.short_name);
  }
  std::string text;
  if (!always.empty()) text += "        candidates=(" + joined(always) + ")\n";
  return text + "        for word in " + joined(once) + R"(; do
            [[ $used == *" $word "* ]] || candidates+=("$word")
        done
)";
}

// Options behind which the next word is their value.
std::string options_with_next_word(const CommandDescription& command) {
  std::string pattern;
  for (const OptionDescription& option : command.options) {
    if (option.value.empty() || !option.value_if_bare.empty()) continue;
    pattern += (pattern.empty() ? "" : " | ") + pattern_of(option);
  }
  return pattern;
}

std::string value_branches(const CommandDescription& command) {
  std::string branches;
  for (const OptionDescription& option : command.options) {
    const std::string statements = candidates_of(option);
    if (!statements.empty()) branches += branch(pattern_of(option), statements);
  }
  return branches;
}

std::string positional_branches(const CommandDescription& command) {
  std::string branches;
  for (std::size_t index = 0; index < command.positionals.size(); ++index) {
    const std::string statements = candidates_of(command.positionals[index].completion);
    if (!statements.empty()) branches += branch(std::to_string(index), statements);
  }
  return branches;
}

}  // namespace

std::string bash_completion(const CommandDescription& command) {
  const std::string function = function_name(command);
  const std::string next_word = options_with_next_word(command);
  std::string text = "# bash completion for " + std::string(command.name) +
                     ", made from the program's own description of its options\n\n";
  text += function + R"(() {
    local current=${COMP_WORDS[COMP_CWORD]-} previous='' word='' used=' ' prefix=''
    local awaiting='' ended=''  # the option whose value comes next; whether -- was there
    local -i index positional=0
    local -a candidates=()
    COMPREPLY=()

    # What the words in front of the cursor make of the one under it. The shell may
    # have split --name=value into three words.
    for ((index = 1; index < COMP_CWORD; index++)); do
        word=${COMP_WORDS[index]-}
        if [[ -z $ended && $word == '=' && $previous == --* ]]; then
            awaiting=$previous
        elif [[ -n $awaiting ]]; then
            awaiting=''
        elif [[ -n $ended ]]; then
            positional+=1
        else
            used+="$word "
            case $word in
            --) ended=yes ;;
)";
  if (!next_word.empty()) text += branch(next_word, "awaiting=$word");
  text += R"(            -?*) ;;
            *) positional+=1 ;;
            esac
        fi
        previous=$word
    done
    if [[ -z $ended && $current == '=' && $previous == --* ]]; then
        awaiting=$previous current=''
    elif [[ -z $ended && -z $awaiting && $current == --*=* ]]; then
        awaiting=${current%%=*} prefix=${current%%=*}= current=${current#*=}
    fi

    if [[ -n $awaiting ]]; then
        case $awaiting in
)";
  text += value_branches(command);
  text += R"(            *) return 0 ;;
        esac
    elif [[ -z $ended && $current == -* ]]; then
)";
  text += option_candidates(command);
  text += R"(    else
        case $positional in
)";
  text += positional_branches(command);
  text += R"(            *) return 0 ;;
        esac
    fi
    for word in "${candidates[@]}"; do
        [[ $word == "$current"* ]] && COMPREPLY+=("$prefix$word")
    done
    return 0
}
)";
  return text + "complete -F " + function + " " + std::string(command.name) + "\n";
}

}  // namespace mcast::cli
