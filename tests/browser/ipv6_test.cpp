// Streams of IPv6 on the page: addresses sorted, found and told apart, in words of their family.
//
//   sender eth1 ---- v1 [browser]
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/browser/live_page.h"
#include "tests/netns/eventually.h"
#include "tests/netns/topology.h"

namespace mcast::test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

// As long as addresses get, and one of which many hosts have the same.
constexpr const char* kReceivers = R"(
defaults:
  interface: v1
receivers:
  - {name: ten, group: 'ff1e::8000:10'}
  - {name: nine, group: 'ff1e::8000:9'}
  - {name: a, group: 'ff1e::8000:a', port: 5004}
  - {name: old-ten, group: 239.0.0.10}
  - {name: old-nine, group: 239.0.0.9}
  - {name: long, group: 'ff3e:30:2001:db8:1111:2222:8000:1234', source: '2001:db8:1111:2222:3333:4444:5555:6666'}
  - {name: 'on%v1', group: 'ff12::8000:1'}
)";
constexpr const char* kSenders = R"(
defaults:
  interface: eth1
  rate: 100pps
senders:
  - {name: nine, group: 'ff1e::8000:9', hop_limit: 7}
  - {name: on-the-link, group: 'ff12::8000:1'}
)";
constexpr const char* kCutCells = R"(
  return [...document.querySelectorAll('#stream-rows :is(th, tr.row:not([hidden]) > td)')]
    .filter((cell) => cell.checkVisibility() && !cell.classList.contains('name'))
    .filter((cell) => cell.scrollWidth > cell.clientWidth)
    .map((cell) => `${cell.className}: ${cell.textContent} ${cell.scrollWidth} > ${cell.clientWidth}`)
)";

class Ipv6Page : public testing::Test {
 protected:
  // Before the agents.
  struct Cable {
    explicit Cable(const Namespace& browser) : browser_(browser) {
      connect(sender, "eth1", addresses(1, 1), browser, "v1", addresses(1, 2));
    }
    Cable(const Cable&) = delete;
    Cable& operator=(const Cable&) = delete;
    ~Cable() { delete_link(browser_, "v1"); }
    Namespace sender{"sender"};

   private:
    const Namespace& browser_;
  };

  void SetUp() override {
    ASSERT_TRUE(eventually(
        10s,
        [&] {
          return page_.text("#shown") == "7 streams" && cell("nine", "state") == "receiving" &&
                 cell("on%v1", "state") == "receiving";
        },
        [&] { return page_.text("body"); }));
  }

  std::string cell(const std::string& name, const std::string& column) {
    for (const TableRow& row : page_.rows()) {
      if (row.name == name) return row.cells.at(column);
    }
    return "";
  }

  void expect_found(const std::string& typed, const std::vector<std::string>& names) {
    page_.browser().type("#filter", typed);
    EXPECT_TRUE(eventually(2s, [&] { return page_.names() == names; }))
        << typed << ": " << testing::PrintToString(page_.names());
  }

  BrowserHost& host_ = browser_host();
  Cable cable_{host_.where};
  Agent receiving_{host_.where, kReceivers};
  Agent sending_{cable_.sender, kSenders};
  LivePage page_{host_.browser};
};

TEST_F(Ipv6Page, SortsAddressesOfBothFamiliesByTheirNumbers) {
  page_.browser().click("th.group button");
  EXPECT_TRUE(eventually(2s, [&] {
    return testing::Value(page_.names(),
                          ElementsAre("old-nine", "old-ten", "on%v1", "nine", "a", "ten", "long"));
  })) << testing::PrintToString(page_.names());
  const auto ranked = page_.browser().run(R"(
    return import('/page/selection.js').then(({rankNames}) => {
      const streams = ['video-10', 'ff1e::8000:10', 'ff1e::8000:a', 'video-2', 'ff1e::8000:9#2', 'ff1e::8000:9']
        .map((name) => ({name, kind: 'receiver'}));
      rankNames(streams);
      return streams.sort((a, b) => a.rank - b.rank).map(({name}) => name);
    })
  )");
  EXPECT_EQ(ranked, nlohmann::json({"video-2", "video-10", "ff1e::8000:9", "ff1e::8000:9#2",
                                    "ff1e::8000:a", "ff1e::8000:10"}));
}

TEST_F(Ipv6Page, FindsAnAddressHoweverItIsTyped) {
  for (const char* typed : {"ff1e::8000:9", "FF1E:0:0::8000:0009", "[ff1e::8000:9]",
                            "[FF1E::8000:9]:19779", "nine ff1e:0::8000:9"}) {
    expect_found(typed, {"nine"});
  }
  expect_found("[ff1e::8000:9]:5004", {});
  expect_found("[ff1e::8000:a]:5004", {"a"});
  // The kernel and the page write a zone; whoever reads it may type it.
  expect_found("ff12::8000:1%v1", {"on%v1"});
  expect_found("ff12::8000:1%v2", {});
  // While it is being typed.
  expect_found("ff1e::", {"a", "nine", "ten"});
  expect_found("2001:0db8:1111:", {});
  expect_found("2001:0db8:1111:2222:3333:4444:5555:6666", {"long"});
}

TEST_F(Ipv6Page, NamesALinkLocalSenderWithTheInterfaceItIsHeardOn) {
  EXPECT_EQ(cell("on%v1", "source"), "ASM " + link_local_address(cable_.sender, "eth1") + "%v1");
  EXPECT_EQ(cell("nine", "source"), "ASM " + ipv6().host(1, 1));
  // A link to a stream whose name has a percent sign.
  page_.browser().run("location.hash = '#receiver/on%25v1'");
  EXPECT_TRUE(eventually(
      5s,
      [&] {
        return page_.text("#detail h2") == "on%v1" &&
               page_.text("#detail .senders").find("%v1") != std::string::npos;
      },
      [&] { return page_.text("#detail"); }));
}

TEST_F(Ipv6Page, SaysHopLimitAndMldOfAStreamOfIpv6) {
  page_.browser().run("location.hash = '#receiver/nine'");
  EXPECT_TRUE(eventually(
      5s,
      [&] {
        const std::string text = page_.text("#detail");
        return text.find("MLD version") != std::string::npos &&
               text.find("Hop limit") != std::string::npos &&
               text.find("7 → 7") != std::string::npos;
      },
      [&] { return page_.text("#detail"); }));
  EXPECT_THAT(page_.text("#detail"), Not(HasSubstr("IGMP")));
  EXPECT_THAT(page_.text("#detail"), Not(HasSubstr("TTL")));
  page_.browser().run("location.hash = '#receiver/old-nine'");
  EXPECT_TRUE(eventually(
      5s, [&] { return page_.text("#detail").find("IGMP version") != std::string::npos; },
      [&] { return page_.text("#detail"); }));
  EXPECT_THAT(page_.text("#detail"), Not(HasSubstr("MLD")));
}

TEST_F(Ipv6Page, ShowsMembershipsOfBothFamiliesAndBothVersions) {
  page_.browser().click("#to-memberships");
  EXPECT_TRUE(eventually(
      5s,
      [&] {
        const std::string text = page_.text("#membership-rows");
        return text.find("IGMPv3") != std::string::npos &&
               text.find("MLDv2") != std::string::npos &&
               text.find("239.0.0.9") != std::string::npos &&
               text.find("ff12::8000:1") != std::string::npos &&
               text.find("2001:db8:1111:2222:3333:4444:5555:6666") != std::string::npos;
      },
      [&] { return page_.text("#membership-rows"); }));
}

TEST_F(Ipv6Page, CutsNoAddressHoweverLong) {
  for (const int width : {1920, 1280, 800, 360}) {
    host_.browser.resize(width, 900);
    EXPECT_TRUE(eventually(
        3s,
        [&] {
          return host_.browser.run(kCutCells).empty() &&
                 host_.browser
                     .run("return document.querySelector('#stream-rows').scrollWidth <= innerWidth")
                     .get<bool>();
        }))
        << width << ": " << host_.browser.run(kCutCells).dump();
  }
}

}  // namespace
}  // namespace mcast::test
