// Ids where names of applications should be: the whole daemon reads distinct applications by the hundred thousand.
// Memory stays bounded, every cent is in the ledger, an application that spends is watched though it comes when all
// places are taken, and each sink is told once.
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <fstream>
#include <thread>

#include "daemon/app.h"
#include "daemon/catalogue.h"
#include "state/ledger.h"
#include "state/store.h"
#include "tests/support/await.h"
#include "tests/support/http_stub.h"
#include "tests/support/scale.h"
#include "tests/support/temp_dir.h"

namespace costdrift::tests {
namespace {

constexpr std::int64_t kMaxSeries = 1'000;
constexpr core::EventTime kStart{1'740'960'000'000'000};  // 2025-03-03T00:00:00Z
constexpr core::Duration kSpan = core::hours(4);          // of event time, however many calls
constexpr core::Duration kSpenderFrom = core::minutes(30);
constexpr int kSpenderEvery = 10;
constexpr const char* kSpender = "spender";

// Calls of a cent, each of an application of its own, until every place is taken and longer. Then every tenth is the
// spender's and costs a dollar. The last call lies an hour later and closes the buckets before it.
struct Bomb {
  std::int64_t calls = 0;

  core::EventTime time_of(std::int64_t number) const {
    const core::EventTime even{kStart.us + kSpan.us / calls * number};
    return number == calls ? even + core::hours(1) : even;
  }
  bool is_spenders(std::int64_t number) const {
    return number % kSpenderEvery == 0 && time_of(number) >= kStart + kSpenderFrom;
  }
  // What the spender has paid from `from` on, the last call excepted.
  std::int64_t spender_cents(core::EventTime from) const {
    std::int64_t cents = 0;
    for (std::int64_t number = 0; number < calls; ++number)
      cents += is_spenders(number) && time_of(number) >= from ? 100 : 0;
    return cents;
  }
};

class BombSource final : public daemon::LogSource {
 public:
  BombSource(const Bomb& bomb, std::atomic<std::int64_t>& read) : bomb_(bomb), read_(read) {}
  core::Result<void> poll(core::Duration, daemon::LogHandler& handler) override {
    if (next_ == 0) (void)handler.on_assigned({"llm.usage", 0});
    for (int i = 0; i < 2'000 && next_ <= bomb_.calls; ++i, ++next_) {
      const std::string value = call(next_);
      handler.on_record({.partition = 0, .offset = next_, .value = value, .appended_at = {}});
    }
    read_ = next_;
    std::this_thread::yield();
    return {};
  }
  Health health() const override { return {.connected = true}; }
  void close(daemon::LogHandler&) override {}

 private:
  std::string call(std::int64_t number) const {
    const bool spender = bomb_.is_spenders(number);
    char line[256];
    std::snprintf(line, sizeof line,
                  R"({"ts":"%s","app":"%s%lld","model":"m","team":"cx","owner":"ana","input_tokens":10,)"
                  R"("output_tokens":1,"cost_usd":%s})",
                  core::format_rfc3339(bomb_.time_of(number)).c_str(), spender ? kSpender : "id-",
                  spender ? 0LL : static_cast<long long>(number), spender ? "1" : "0.01");
    return line;
  }

  const Bomb bomb_;
  std::atomic<std::int64_t>& read_;
  std::int64_t next_ = 0;
};

double resident_mib() {
  std::ifstream statm("/proc/self/statm");
  double size = 0, resident = 0;
  statm >> size >> resident;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE)) / (1 << 20);
}

struct Ledger {
  std::int64_t cents = 0, spender_cents = 0, rows = 0;
};

Ledger ledger_in(const std::string& path) {
  auto store = state::Store::open(path, {.create = false, .read_only = true});
  Ledger sum;
  (*store)->scan(state::KeySpace::ledger, {}, {}, [&](std::string_view key, std::string_view row) {
    const std::int64_t cents = state::decode_ledger_row(row)->totals.cost.nano / 10'000'000;
    sum.cents += cents;
    ++sum.rows;
    if (key.find(kSpender) != std::string_view::npos) sum.spender_cents += cents;
    return true;
  });
  return sum;
}

TEST(Cardinality, MemoryIsBoundedEveryCentCountsAndEachSinkIsToldOnce) {
  const Bomb bomb{scaled(20'000, 200'000, 1'120'000)};
  const TempDir directory;
  HttpStub webhook;
  auto settings = config::parse_settings(
      "kafka: {brokers: \"localhost:1\", topics: [{name: llm.usage}]}\nstate: {path: " + directory.file("state") +
          ", min_free_mib: 1}\nhttp: {listen: \"127.0.0.1:0\"}\nlimits: {max_series: " + std::to_string(kMaxSeries) +
          "}\nsinks: {me: {type: webhook, url: \"" + webhook.url() + "\"}}\n",
      "test.yaml", daemon::catalogue());
  ASSERT_TRUE(settings) << settings.error().message;
  const core::SystemClock clock;
  std::atomic<std::int64_t> read{0};
  auto app = daemon::App::make({.settings = *std::move(settings),
                                .source = std::make_unique<BombSource>(bomb, read),
                                .clock = &clock,
                                .version = "test",
                                .free_mib = {}});
  ASSERT_TRUE(app) << app.error().message;
  const double before_mib = resident_mib();
  std::thread daemon([&] { EXPECT_TRUE((*app)->run()); });
  const bool done = await([&] { return read > bomb.calls && (*app)->snapshot()->series == kMaxSeries + 1; },
                          std::chrono::minutes(20)) &&
                    webhook.await_requests(1);
  const double grown_mib = resident_mib() - before_mib;
  (*app)->stop();
  daemon.join();
  ASSERT_TRUE(done);
  int notices = 0;
  for (const auto& request : webhook.requests()) {
    if (request.body.find("series_limit") == std::string::npos) continue;
    ++notices;
    EXPECT_NE(request.body.find(" applications and 1 model, the newest "), std::string::npos) << request.body;
  }
  EXPECT_EQ(notices, 1);
  app->reset();
  const Ledger ledger = ledger_in(directory.file("state"));
  const std::int64_t spent_cents = bomb.spender_cents(kStart), spends = spent_cents / 100;
  EXPECT_EQ(ledger.cents, spent_cents + (bomb.calls - spends)) << "all but the last call, whose bucket is open";
  EXPECT_EQ(ledger.spender_cents, bomb.spender_cents(kStart + core::hours(2))) << "told apart after an hour";
  EXPECT_LE(ledger.rows, kMaxSeries + 1 + 2) << "the spender, the rest, and the whole";
  EXPECT_LT(grown_mib, 400);
  std::printf(
      "%lld calls of %lld applications: %lld series and the largest, memory %+.0f MiB, %lld ledger rows, $%.2f exact, "
      "%zu posts\n",
      static_cast<long long>(bomb.calls), static_cast<long long>(bomb.calls - spends + 1),
      static_cast<long long>(kMaxSeries), grown_mib, static_cast<long long>(ledger.rows),
      static_cast<double>(ledger.cents) / 100, webhook.requests().size());
}

}  // namespace
}  // namespace costdrift::tests
