// Bash itself reads the file and is asked for completions, with -u, under which a
// name that is not set ends it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "base/dscp.h"
#include "tests/unit/cli/arguments/shell.h"

namespace mcast::cli {
namespace {

using test::run_shell;
using test::TextFile;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;
using Words = std::vector<std::string>;

// What is offered for the last word of `line`, as bash has split it.
Words offered(const Words& line) {
  std::string words;
  for (const std::string& word : line) words += " '" + word + "'";
  const TextFile script(
      "script", "set -u\nsource " MCAST_MAN "/completions/mcast.bash\nCOMP_WORDS=(" + words +
                    ")\nCOMP_CWORD=" + std::to_string(line.size() - 1) + "\n_mcast " + line[0] +
                    " && printf '%s\\n' \"${COMPREPLY[@]}\"\n");
  const auto output = run_shell("bash --norc " + script.path());
  EXPECT_EQ(output.code, 0) << output.text;
  Words result;
  std::istringstream lines(output.text);
  for (std::string text; std::getline(lines, text);) {
    if (!text.empty()) result.push_back(text);
  }
  return result;
}

Words send(Words line) {
  line.insert(line.begin(), "mcast-send");
  return offered(line);
}
Words receive(Words line) {
  line.insert(line.begin(), "mcast-receive");
  return offered(line);
}
Words agent(Words line) {
  line.insert(line.begin(), "mcast-agent");
  return offered(line);
}

TEST(BashCompletion, IsThereForEachCommandByWhateverPath) {
  for (const char* name : {"mcast-send", "mcast-receive", "mcast-status", "mcast-agent"}) {
    EXPECT_THAT(offered({name, "--versi"}), ElementsAre("--version")) << name;
    const std::string path = "/usr/bin/" + std::string(name);
    EXPECT_EQ(offered({path, "-"}), offered({name, "-"}));
    const auto registered = run_shell(
        "source=" MCAST_MAN "/completions/mcast.bash; bash --norc -c '. \"$0\"; complete -p " +
        std::string(name) + "' $source");
    EXPECT_EQ(registered.text, "complete -F _mcast " + std::string(name) + "\n");
  }
}

TEST(BashCompletion, OffersOptionsByTheirBeginning) {
  EXPECT_THAT(send({"--d"}), ElementsAre("--duration", "--dscp", "--detach", "--delete"));
  EXPECT_THAT(send({"239.1.1.1", "--js"}), ElementsAre("--json"));
  EXPECT_THAT(send({"--x"}), IsEmpty());
}

TEST(BashCompletion, DoesNotOfferAnOptionTwiceUnlessItMayBeRepeated) {
  EXPECT_THAT(send({"--dscp", "ef", "--d"}), ElementsAre("--duration", "--detach", "--delete"));
  EXPECT_THAT(agent({"--web.listen-address", ":1", "--web.l"}),
              ElementsAre("--web.listen-address"));
}

TEST(BashCompletion, OffersTheFormWithAnEqualsSignWhereAValueMayBeLeftOut) {
  EXPECT_THAT(receive({"--fail-on-l"}), ElementsAre("--fail-on-loss", "--fail-on-loss="));
  // Its value never is the next word, so this is the first positional.
  EXPECT_THAT(receive({"--fail-on-loss", ""}), IsEmpty());
  EXPECT_THAT(receive({"--fail-on-loss", "G", "S", ""}), ElementsAre("1", "2", "3"));
}

TEST(BashCompletion, OffersDscpNamesInAnyCase) {
  EXPECT_EQ(send({"--dscp", ""}), dscp_names());
  EXPECT_THAT(send({"--dscp", "af4"}), ElementsAre("af41", "af42", "af43"));
  EXPECT_THAT(send({"--dscp", "E"}), ElementsAre("ef"));
}

TEST(BashCompletion, OffersInterfacesOfThisHost) {
  EXPECT_THAT(send({"-i", ""}), AllOf(Contains("lo"), Not(Contains("all"))));
  EXPECT_THAT(send({"--interface", "l"}), Contains("lo"));
  EXPECT_THAT(receive({"--interface", "l"}), Contains("lo"));
  EXPECT_THAT(send({"-i", "there-is-none"}), IsEmpty());
}

TEST(BashCompletion, OffersIgmpVersionsByNameAndByPosition) {
  EXPECT_THAT(receive({"-v", ""}), ElementsAre("1", "2", "3"));
  EXPECT_THAT(receive({"239.1.1.1", "10.1.1.1", ""}), ElementsAre("1", "2", "3"));
  EXPECT_THAT(receive({"239.1.1.1", "-t", "5", "10.1.1.1", ""}), ElementsAre("1", "2", "3"));
  EXPECT_THAT(receive({"239.1.1.1", "10.1.1.1", "3", ""}), IsEmpty());
}

// At its colons, as COMP_WORDBREAKS has them by default, or not.
TEST(BashCompletion, TakesAnIpv6AddressForOneWordThoughTheShellSplitsIt) {
  EXPECT_THAT(receive({"--mld-version", ""}), ElementsAre("1", "2"));
  EXPECT_THAT(receive({"ff3e::8000:1", "2001:db8::5", ""}), ElementsAre("1", "2"));
  const Words group{"ff3e", "::", "8000", ":", "1"};
  const Words source{"2001", ":", "db8", "::", "5"};
  const auto after = [](Words words, std::initializer_list<Words> more) {
    for (const Words& one : more) words.insert(words.end(), one.begin(), one.end());
    return receive(words);
  };
  EXPECT_THAT(after(group, {source, {""}}), ElementsAre("1", "2"));
  EXPECT_THAT(after(group, {{""}}), IsEmpty()) << "a source";
  EXPECT_THAT(after({"ff3e", "::"}, {{""}}), IsEmpty()) << "the rest of the group";
  EXPECT_THAT(after({"ff3e"}, {{"::"}}), IsEmpty());
  EXPECT_THAT(after({"--source"}, {source, group, {"--stall-t"}}), ElementsAre("--stall-timeout"));
  EXPECT_THAT(after({"--source", "::", "1", "-i"}, {{"no-such-interface"}}), IsEmpty());
}

TEST(BashCompletion, OffersChoicesAndFiles) {
  EXPECT_THAT(agent({"--log.level", ""}), ElementsAre("debug", "info", "warn", "error"));
  const TextFile file("lab one.yml", "");
  EXPECT_THAT(agent({"--config.file", file.folder() + "/l"}), ElementsAre(file.path()));
}

// Readline splits words at '=' unless it was told otherwise.
TEST(BashCompletion, UnderstandsAnEqualsSignSplitOrNot) {
  EXPECT_THAT(send({"--dscp", "=", "e"}), ElementsAre("ef"));
  EXPECT_EQ(send({"--dscp", "="}), dscp_names());
  EXPECT_THAT(send({"--dscp=e"}), ElementsAre("--dscp=ef"));
  EXPECT_THAT(receive({"--fail-on-loss", "="}), IsEmpty());
  EXPECT_THAT(receive({"--fail-on-loss", "=", "1", "G", "S", ""}), ElementsAre("1", "2", "3"));
  EXPECT_THAT(receive({"--port", "=", "1", "G", "S", ""}), ElementsAre("1", "2", "3"));
  EXPECT_THAT(send({"--json", "="}), IsEmpty());
}

TEST(BashCompletion, OffersNothingWhereOnlyAPersonKnows) {
  EXPECT_THAT(send({""}), IsEmpty());
  EXPECT_THAT(send({"239"}), IsEmpty());
  EXPECT_THAT(receive({"239.1.1.1", ""}), IsEmpty());
  EXPECT_THAT(send({"--rate", ""}), IsEmpty());
  EXPECT_THAT(send({"--rate", "-"}), IsEmpty());
  EXPECT_THAT(send({"--", "-"}), IsEmpty());
  EXPECT_THAT(agent({""}), IsEmpty());
}

}  // namespace
}  // namespace mcast::cli
