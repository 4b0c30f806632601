// What the demo publishes is what the daemon reads: every event decodes into the call it was written from and costs,
// by the shipped price list, what the demo says that it costs.
#include <gtest/gtest.h>

#include "daemon/decode/decode.h"
#include "daemon/demo/app_traffic.h"
#include "daemon/demo/event_writer.h"
#include "daemon/prices/price_book.h"

namespace costdrift::daemon::demo {
namespace {

constexpr core::EventTime kMonday{1'772'409'600'000'000};

class Checker final : public EventHandler {
 public:
  explicit Checker(const PriceBook& prices) : prices_(prices) {}

  void on_event(const core::UsageEvent& given) override {
    core::UsageEvent event = given;
    prices_.price(event);
    ++events;
    EXPECT_EQ(event.ts.us, call.ts.us / 1000 * 1000);
    EXPECT_EQ(event.app, call.profile->app);
    EXPECT_EQ(event.model, model_of(call).name);
    EXPECT_EQ(event.team, call.profile->team);
    EXPECT_EQ(event.prompt_version, call.prompt_version);
    EXPECT_EQ(event.status, call.failed ? core::CallStatus::error : core::CallStatus::ok);
    EXPECT_EQ(event.input_tokens.value_or(0), call.failed ? 0 : call.input);
    EXPECT_EQ(event.cache_read_tokens.value_or(kAbsent), call.failed ? kAbsent : call.cached);
    EXPECT_EQ(event.tool_calls.value_or(kAbsent), call.tool_calls);
    EXPECT_EQ(event.step.value_or(0), call.step);
    EXPECT_EQ(event.run_end, call.run_end);
    EXPECT_EQ(event.retries, call.attempt > 1 ? 1 : 0);
    EXPECT_EQ(event.cost.nano, cost_of(call));
  }
  void on_rejected(RejectReason reason, std::string_view detail) override {
    ADD_FAILURE() << reject_name(reason) << ": " << detail;
  }

  Call call;
  std::int64_t events = 0;

 private:
  const PriceBook& prices_;
};

TEST(DemoEvents, DecodeToTheirCallAndCostWhatTheDemoSays) {
  const PriceBook prices = PriceBook::shipped({});
  auto decoder = make_decoder("canonical", {});
  ASSERT_TRUE(decoder);
  Checker checker(prices);
  EventWriter writer;
  std::int64_t written = 0;
  for (const AppProfile& profile : all_apps()) {
    AppTraffic traffic(profile, {}, {kMonday, kMonday + core::days(1)}, 3, 1);
    for (int i = 0; i < 500; ++i) {
      checker.call = traffic.next();
      (*decoder)->decode(writer.write(checker.call, static_cast<std::uint64_t>(written++)), checker);
    }
  }
  EXPECT_EQ(checker.events, written);
}

}  // namespace
}  // namespace costdrift::daemon::demo
