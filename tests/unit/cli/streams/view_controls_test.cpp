// The keys of a live view, and what they make of its picture.
#include "cli/streams/view_controls.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "cli/streams/stream_totals.h"
#include "cli/streams/stream_view.h"
#include "cli/terminal/terminal.h"
#include "tests/terminal/example_snapshots.h"

namespace mcast::cli::test {
namespace {

using namespace mcast::test;
using testing::HasSubstr;
using testing::Not;

constexpr ScreenSize k80x24{.columns = 80, .rows = 24};

// A person at the view of 50 groups.
class Person {
 public:
  Person() {
    std::vector<ReceiverSnapshot> receivers;
    for (std::uint32_t i = 0; i < 50; ++i) {
      receivers.push_back(example_receiver(1000 + i % 7));
      receivers.back().spec.group = example_address("239.0.10.1").plus(i);
      receivers.back().sources[0].counters.lost = i;
    }
    input_ = example_input(std::move(receivers));
    look();
  }

  KeyAction press(int key) {
    const KeyAction action = cli::press(input_.controls, key, screen_.list);
    look();
    return action;
  }
  [[nodiscard]] const Screen::List& list() const { return screen_.list; }
  [[nodiscard]] std::string text() const { return plain_text(screen_); }
  // The group in the first row of the table.
  [[nodiscard]] std::string first_group() const {
    const std::string shown = text();
    const std::size_t heading = shown.find("\nGroup") + 1;
    const std::size_t row = shown.find('\n', heading) + 1;
    return shown.substr(row, shown.find(' ', row) - row);
  }

 private:
  void look() {
    screen_ = receive_view(input_, k80x24);
    input_.controls.list.first = screen_.list.first;
  }

  ReceiveViewInput input_;
  Screen screen_;
};

TEST(ViewControls, ScrollByRowsAndPagesBetweenTheEnds) {
  Person person;
  EXPECT_EQ(person.first_group(), "239.0.10.50") << "the worst first";
  EXPECT_THAT(person.text(), HasSubstr("more groups not shown"));
  for (const int key : {kKeyUp, static_cast<int>('k'), kKeyPageUp}) {
    (void)person.press(key);
    EXPECT_EQ(person.list().first, 0U);
  }
  (void)person.press(kKeyDown);
  (void)person.press('j');
  EXPECT_EQ(person.first_group(), "239.0.10.48");
  const std::size_t page = person.list().shown;
  EXPECT_THAT(person.text(), HasSubstr("3 to " + std::to_string(2 + page) + " of 50 groups"));
  (void)person.press(kKeyPageDown);
  EXPECT_EQ(person.list().first, 2 + page);
  (void)person.press(kKeyPageUp);
  EXPECT_EQ(person.list().first, 2U);
  (void)person.press(kKeyEnd);
  EXPECT_EQ(person.list().first, 50 - page);
  EXPECT_THAT(person.text(), HasSubstr("239.0.10.1 "));
  (void)person.press(kKeyDown);
  EXPECT_EQ(person.list().first, 50 - page);
  (void)person.press(kKeyHome);
  EXPECT_EQ(person.list().first, 0U);
}

TEST(ViewControls, SortByEachColumnThatIsShownAndBackToTheUsualOrder) {
  Person person;
  (void)person.press('s');
  EXPECT_THAT(person.text(), HasSubstr("Group↓"));
  EXPECT_EQ(person.first_group(), "239.0.10.1");
  (void)person.press('r');
  EXPECT_THAT(person.text(), HasSubstr("Group↑"));
  EXPECT_EQ(person.first_group(), "239.0.10.50");
  (void)person.press('r');
  std::size_t steps = 1;
  while (person.text().find("↓") != std::string::npos && steps < 30) {
    (void)person.press('s');
    ++steps;
  }
  EXPECT_EQ(steps, person.list().columns.size() + 1);
  EXPECT_EQ(person.first_group(), "239.0.10.50") << "the worst first";
}

TEST(ViewControls, ShowHelpUntilTheNextKey) {
  Person person;
  EXPECT_EQ(person.press('?'), KeyAction::kNone);
  EXPECT_THAT(person.text(), HasSubstr("PageUp, PageDown"));
  EXPECT_THAT(person.text(), Not(HasSubstr("RECEIVING")));
  EXPECT_EQ(person.press('z'), KeyAction::kNone) << "it only closes the help";
  EXPECT_THAT(person.text(), HasSubstr("RECEIVING"));
  (void)person.press('?');
  EXPECT_EQ(person.press('q'), KeyAction::kQuit);
}

TEST(ViewControls, PauseResetAndQuitAreForTheCommand) {
  Person person;
  EXPECT_EQ(person.press('p'), KeyAction::kPause);
  EXPECT_THAT(person.text(), HasSubstr("PAUSED"));
  EXPECT_EQ(person.press(' '), KeyAction::kPause);
  EXPECT_THAT(person.text(), Not(HasSubstr("PAUSED")));
  EXPECT_EQ(person.press('z'), KeyAction::kReset);
  EXPECT_EQ(person.press('Q'), KeyAction::kQuit);
}

TEST(ViewControls, TakeAnyKeyWithoutHarm) {
  Person person;
  for (int key = -2; key < 600; ++key) {
    if (key != 'q' && key != 'Q') {
      EXPECT_NE(person.press(key), KeyAction::kQuit) << key;
    }
  }
  ViewControls controls;
  for (const int key : {kKeyEnd, kKeyPageDown, static_cast<int>('s')}) {
    EXPECT_EQ(press(controls, key, {}), KeyAction::kNone);
    EXPECT_EQ(controls.list.first, 0U);
    EXPECT_EQ(controls.list.sort, "");
  }
}

TEST(ViewControls, ResetCountsFromThenOn) {
  ProbeSnapshot before;
  before.receivers = {example_receiver(100)};
  before.receivers[0].stalls = 2;
  SourceSnapshot& old = before.receivers[0].sources[0];
  old.counters.lost = 9;
  old.longest_interruption = 5 * kSecond;
  old.longest_interruption_realtime = kExampleNow - 60 * kSecond;
  old.gaps = {{kExampleNow - 60 * kSecond, 5 * kSecond, 9}};
  ProbeSnapshot now = before;
  now.receivers[0].stalls = 3;
  SourceSnapshot& source = now.receivers[0].sources[0];
  source.counters.packets = 150;
  source.counters.lost = 10;
  source.gaps.push_back({kExampleNow, kSecond, 1});
  now.receivers[0].sources.push_back(example_source("10.2.2.2", 7));

  const ProbeSnapshot shown = counted_since(now, before, kExampleNow - kSecond);
  const StreamTotals totals = totals_of(shown);
  EXPECT_EQ(totals.counters.packets, 57U);
  EXPECT_EQ(totals.counters.lost, 1U);
  EXPECT_EQ(totals.stalls, 1U);
  EXPECT_EQ(totals.longest_gap.value, kSecond);
  // A stream that has begun again has less than before.
  EXPECT_EQ(totals_of(counted_since(before, now, kExampleNow)).counters.packets, 0U);

  ProbeSnapshot sending;
  sending.senders = {example_sender(10)};
  ProbeSnapshot later = sending;
  later.senders[0] = example_sender(30);
  later.senders[0].errors["EPERM"] = 4;
  const StreamTotals sent = totals_of(counted_since(later, sending, kExampleNow));
  EXPECT_EQ(sent.counters.packets, 20U);
  EXPECT_EQ(sent.counters.lost, 4U);
  EXPECT_EQ(sent.lag.count(), 20U);
}

}  // namespace
}  // namespace mcast::cli::test
