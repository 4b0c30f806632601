#include "tests/support/live_and_replay.h"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/await.h"
#include "tests/support/webhook_posts.h"

namespace costdrift::tests {
namespace {

constexpr auto kPatience = std::chrono::minutes(5);

}  // namespace

LiveAndReplay::LiveAndReplay(const std::string& binary, const std::string& bootstrap, const std::string& topic,
                             TrafficLog log, const std::string& idle_timeout)
    : log_(std::move(log)),
      files_(write_files(log_, directory_)),
      daemon_({.binary = binary,
               .bootstrap = bootstrap,
               .topic = topic,
               .webhook_url = webhook_.url(),
               .idle_timeout = idle_timeout,
               .extra_yaml = ""}) {}

std::string LiveAndReplay::run_live() { return run_live_killed({}); }

std::string LiveAndReplay::run_live_killed(const std::vector<std::chrono::milliseconds>& kills) {
  begin();
  for (const auto time : kills) {
    daemon_.start();
    daemon_.kill_after(time);
  }
  return finish(static_cast<int>(kills.size()));
}

void LiveAndReplay::begin() {
  posts_before_ = webhook_.requests().size();
  daemon_.forget();
}

std::string LiveAndReplay::finish(int repeats) {
  if (!daemon_.running()) daemon_.start();
  if (!action_.empty()) {
    EXPECT_TRUE(await([&] { return daemon_.say(action_); }, kPatience)) << daemon_.log();
  }
  EXPECT_TRUE(daemon_.await_consumed(log_.records(), kPatience)) << daemon_.log();
  EXPECT_EQ(daemon_.stop_gently(), 0) << daemon_.log();
  const std::string dump = daemon_.dump();
  EXPECT_EQ(records_in(dump), log_.records());
  const WebhookPosts posts = WebhookPosts::of(webhook_, posts_before_);
  EXPECT_EQ(posts.newest, newest_versions(dump)) << "what was decided is what was sent";
  EXPECT_LE(posts.duplicates, repeats);
  return dump;
}

void LiveAndReplay::expect_replay(const std::string& live_dump) {
  const TempDir directory;
  const std::string alerts = directory.file("alerts.jsonl"), state = directory.file("state");
  const std::string actions = directory.file("actions.jsonl");
  std::ofstream(actions) << rows_of(live_dump, "actions");
  ASSERT_EQ(daemon_.replay(files_, alerts, state, actions), 0);
  EXPECT_EQ(first_difference(live_dump, daemon_.dump_of(state)), "");
  EXPECT_EQ(first_difference(rows_of(live_dump, "journal"), read_file(alerts)), "");
}

}  // namespace costdrift::tests
