#include "daemon/demo/receiver.h"

#include <gtest/gtest.h>
#include <httplib.h>

namespace costdrift::daemon::demo {
namespace {

struct Url {
  explicit Url(const std::string& url) {
    const auto slash = url.find('/', std::string("http://").size());
    origin = url.substr(0, slash);
    path = url.substr(slash);
  }
  std::string origin, path;
};

httplib::Result post(const Receiver& receiver, Target target, const std::string& body) {
  const Url url(receiver.url(target));
  return httplib::Client(url.origin).Post(url.path, body, "application/json");
}

TEST(Receiver, AnswersAsEachTargetDoesAndKeepsWhatItGot) {
  const core::SystemClock clock;
  std::vector<std::string> seen;
  auto receiver = Receiver::start(clock, [&](const Post& got) { seen.push_back(describe(got)); });
  ASSERT_TRUE(receiver) << receiver.error().message;
  const auto slack = post(**receiver, Target::slack, R"({"text":"prompt growth"})");
  ASSERT_TRUE(slack);
  EXPECT_EQ(slack->status, 200);
  EXPECT_EQ(slack->body, "ok");
  const auto pagerduty = post(**receiver, Target::pagerduty, R"({"event_action":"resolve","dedup_key":"k1"})");
  ASSERT_TRUE(pagerduty);
  EXPECT_EQ(pagerduty->status, 202);
  EXPECT_NE(pagerduty->body.find("\"dedup_key\":\"k1\""), std::string::npos);
  const auto webhook = post(**receiver, Target::webhook, R"({"type":"alert.firing","data":{}})");
  ASSERT_TRUE(webhook);
  EXPECT_EQ(webhook->status, 204);

  EXPECT_TRUE((*receiver)->wait_for(3, std::chrono::seconds(0)));
  EXPECT_FALSE((*receiver)->wait_for(4, std::chrono::milliseconds(1)));
  const auto posts = (*receiver)->posts();
  ASSERT_EQ(posts.size(), 3u);
  EXPECT_EQ(posts[0].target, Target::slack);
  EXPECT_EQ(posts[2].body, R"({"type":"alert.firing","data":{}})");
  EXPECT_LE(posts[0].arrived, posts[2].arrived);
  EXPECT_EQ(seen[1], "pagerduty  resolve k1");
}

TEST(Receiver, RefusesWhatIsNotJson) {
  const core::SystemClock clock;
  auto receiver = Receiver::start(clock);
  ASSERT_TRUE(receiver);
  const auto answer = post(**receiver, Target::slack, "text=hello");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 400);
  EXPECT_EQ(answer->body, "invalid_payload");
  EXPECT_EQ((*receiver)->count(), 0u);
}

TEST(Receiver, DescribesAPostInOneLine) {
  EXPECT_EQ(describe({Target::slack, {}, R"({"text":"desk / gpt-4o: up"})"}), "slack      desk / gpt-4o: up");
  EXPECT_EQ(describe({Target::pagerduty,
                      {},
                      R"({"event_action":"trigger","payload":{"severity":"critical","summary":"desk: up"}})"}),
            "pagerduty  trigger critical: desk: up");
  EXPECT_EQ(describe({Target::webhook, {}, R"({"type":"alert.firing","data":{"severity":"info","summary":"s"}})"}),
            "webhook    alert.firing info: s");
  EXPECT_EQ(describe({Target::webhook, {}, R"({"data":7})"}), "webhook     : ");
}

}  // namespace
}  // namespace costdrift::daemon::demo
