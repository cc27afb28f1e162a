#include "cli/streams/stream_view.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "tests/terminal/example_snapshots.h"
#include "tests/unit/cli/expected_picture.h"

namespace mcast::cli::test {
namespace {

using namespace mcast::test;

constexpr ScreenSize k80x24{.columns = 80, .rows = 24, .unicode = true};

TEST(SendView, Sending) {
  const RateHistory history = example_history(83, 0);
  SendViewInput input = example_input({example_sender(2'075)});
  input.history = &history;
  EXPECT_TRUE(is_picture(send_view(input, k80x24), "sending"));
}

TEST(SendView, NamesWhatTheSystemRefused) {
  const RateHistory history = example_history(83, 2);
  SenderSnapshot sender = example_sender(2'075);
  sender.spec.group = example_address("224.0.0.5");
  sender.spec.packet_limit = 10'000;
  sender.spec.packets_per_second = 12'700'000;
  sender.spec.size = 65'500;
  sender.errors = {{"ENETUNREACH", 1}, {"ENOBUFS", 12'345}, {"EPERM", 0}};
  sender.skipped = 7;
  for (int i = 0; i < 100; ++i) sender.schedule_lag.observe(0.0042);
  SendViewInput input = example_input({std::move(sender)});
  input.history = &history;
  EXPECT_TRUE(is_picture(send_view(input, k80x24), "errors"));
}

TEST(SendView, FailedWithItsReason) {
  SenderSnapshot sender = example_sender(0);
  sender.state = SenderState::kFailed;
  sender.error = "there is no interface eth1";
  SendViewInput input = example_input({std::move(sender)});
  input.local_address = "";
  const Screen screen = send_view(input, k80x24);
  EXPECT_EQ(screen.lines[1][0], (Span{"FAILED", Style::kBad}));
  EXPECT_EQ(screen.lines[2][0], (Span{"there is no interface eth1", Style::kBad}));
}

TEST(SendView, Finished) {
  SenderSnapshot sender = example_sender(100);
  sender.state = SenderState::kFinished;
  const Screen screen = send_view(example_input({std::move(sender)}), k80x24);
  EXPECT_EQ(screen.lines[1][0], (Span{"FINISHED", Style::kGood}));
}

TEST(SendView, ManyGroupsTheWorstFirst) {
  const RateHistory history = example_history(83, 0);
  std::vector<SenderSnapshot> senders(4000, example_sender(2'075));
  for (std::uint32_t i = 0; i < senders.size(); ++i) {
    senders[i].spec.group = example_address("239.0.10.1").plus(i);
    senders[i].sender_id = i;
  }
  senders[3000].state = SenderState::kFailed;
  senders[3000].error = "bind to 10.9.9.9: Cannot assign requested address";
  senders[2000].errors = {{"ENOBUFS", 40}, {"EPERM", 2}};
  senders[1000].state = SenderState::kFinished;
  SendViewInput input = example_input(std::move(senders));
  input.history = &history;
  EXPECT_TRUE(is_picture(send_view(input, k80x24), "sendgroups"));
}

TEST(SendView, IsEmptyWithoutSenders) {
  EXPECT_EQ(send_view({}, k80x24), Screen{});
}

}  // namespace
}  // namespace mcast::cli::test
