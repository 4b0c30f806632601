#include "tests/support/kill_trial.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>
#include <map>
#include <random>
#include <string>

#include "tests/support/webhook_posts.h"

namespace costdrift::tests {
namespace {

using std::chrono::milliseconds;
using Newest = std::map<std::string, std::int64_t>;  // version by incident

class KillTrial {
 public:
  KillTrial(RunningDaemon& daemon, std::int64_t records, const std::vector<const HttpStub*>& webhooks)
      : daemon_(daemon), records_(records), webhooks_(webhooks) {}

  void run(int kills) {
    read_undisturbed();
    ASSERT_GE(needed_.size(), 2U) << "there is nothing to lose";
    while (wants_more(kills)) run_round(kills);
    std::printf(
        "%d kills in %d rounds, %d of them in the middle of the log; %zu posts to %zu sinks, 0 lost, %d repeated\n",
        killed_, rounds_, while_reading_, posts_, webhooks_.size(), repeated_);
    EXPECT_GT(while_reading_, 0) << "the kills came too early or too late to show anything";
  }

 private:
  // Reads everything and stops; the state as text.
  std::string finished_dump() {
    daemon_.start();
    EXPECT_TRUE(daemon_.await_consumed(records_, std::chrono::minutes(3))) << daemon_.log();
    EXPECT_EQ(daemon_.stop_gently(), 0) << daemon_.log();
    return daemon_.dump();
  }

  void read_undisturbed() {
    const auto begin = std::chrono::steady_clock::now();
    expected_ = finished_dump();
    run_time_ = std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - begin);
    needed_ = newest_versions(expected_);
  }

  // A machine that is busy with something else may be hit before the reading or after it a few times in turn.
  bool wants_more(int kills) const { return killed_ < kills || (while_reading_ == 0 && killed_ < kills + 20); }

  // Kills until everything is read; then one run to the end.
  void run_round(int kills) {
    daemon_.forget();
    std::vector<std::size_t> before;
    for (const auto* webhook : webhooks_) before.push_back(webhook->requests().size());
    int here = 0;
    for (std::int64_t read = 0; wants_more(kills) && read < records_; ++killed_, ++here) read = read_until_killed();
    EXPECT_EQ(first_difference(expected_, finished_dump()), "") << "round " << rounds_;
    for (std::size_t i = 0; i < webhooks_.size(); ++i) judge(WebhookPosts::of(*webhooks_[i], before[i]), here);
    ++rounds_;
  }

  // Kills come at any moment of a run; how long one takes depends on the machine.
  std::int64_t read_until_killed() {
    daemon_.start();
    daemon_.kill_after(milliseconds(random_() % static_cast<unsigned>(run_time_.count())));
    const std::int64_t read = records_in(daemon_.dump());
    while_reading_ += read > 0 && read < records_ ? 1 : 0;
    return read;
  }

  void judge(const WebhookPosts& posts, int kills) {
    EXPECT_EQ(posts.newest, needed_) << "a notification was lost in round " << rounds_;
    EXPECT_LE(posts.duplicates, kills) << "round " << rounds_;
    repeated_ += posts.duplicates;
    for (const auto& [id, times] : posts.times) posts_ += static_cast<std::size_t>(times);
  }

  RunningDaemon& daemon_;
  const std::int64_t records_;
  const std::vector<const HttpStub*>& webhooks_;
  std::mt19937 random_{20260302};
  std::string expected_;
  Newest needed_;
  milliseconds run_time_{};
  int killed_ = 0, rounds_ = 0, while_reading_ = 0, repeated_ = 0;
  std::size_t posts_ = 0;
};

}  // namespace

void expect_kills_leave_no_trace(RunningDaemon& daemon, std::int64_t records,
                                 const std::vector<const HttpStub*>& webhooks, int kills) {
  KillTrial(daemon, records, webhooks).run(kills);
}

}  // namespace costdrift::tests
