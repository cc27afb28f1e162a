// The table of commands is that of docs/findings.md, cell by cell.
#include "findings/router_commands.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>

namespace mcast::findings::test {
namespace {

TEST(RouterCommands, AreThoseOfTheDocument) {
  std::ifstream file(MCAST_FINDINGS_DOC);
  ASSERT_TRUE(file);
  std::ostringstream text;
  text << file.rdbuf();
  for (const auto commands : {&RouterQuestion::ipv4, &RouterQuestion::ipv6}) {
    std::string expected;
    for (const Check check : kAllChecks) {
      std::string row;
      bool any = false;
      for (const char* const system : {"FRR", "IOS", "EOS", "Junos"}) {
        std::string cell;
        for (const RouterQuestion& question : router_questions()) {
          if (question.check != check || question.system != system) continue;
          if ((question.*commands).empty()) continue;
          cell = "`" + std::string(question.*commands) + "`";
          for (std::size_t at = 0; (at = cell.find("; ")) != std::string::npos;) {
            cell.replace(at, 2, "`<br>`");
          }
        }
        any = any || !cell.empty();
        row += " | " + cell;
      }
      if (any) expected += "| `" + std::string(to_string(check)) + "`" + row + " |\n";
    }
    EXPECT_NE(text.str().find(expected), std::string::npos) << expected;
  }
}

}  // namespace
}  // namespace mcast::findings::test
