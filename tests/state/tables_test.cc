#include "state/tables.h"

#include <set>

#include "state/ordered_key.h"
#include "state/run_weight.h"
#include "tests/state/state_fixture.h"

namespace costdrift::state {
namespace {

using testing::kMonday;
using testing::memory_store;

TEST(PositionTableTest, KeepsEveryField) {
  auto store = memory_store();
  PositionTable table(*store);
  EXPECT_FALSE(table.get("llm.usage", 3));
  Position position{.next_offset = 992, .records = 1000, .newest = kMonday, .fingerprint = 0xfedcba9876543210};
  position.accounting = {.consumed = 10, .accepted = 4, .duplicate = 3, .late = 1, .dead_lettered = {{"not_json", 2}}};
  table.put("llm.usage", 3, position);
  table.put("llm.usage", -1, {});
  const auto back = table.get("llm.usage", 3);
  ASSERT_TRUE(back);
  EXPECT_EQ(back->next_offset, 992);
  EXPECT_EQ(back->records, 1000);
  EXPECT_EQ(back->newest, kMonday);
  EXPECT_EQ(back->fingerprint, 0xfedcba9876543210);
  EXPECT_EQ(back->accounting.dead_total(), 2);
  EXPECT_EQ(back->accounting.consumed, back->accounting.accepted + back->accounting.duplicate + back->accounting.late +
                                           back->accounting.dead_total());
}

TEST(PositionTableTest, AnUnknownVersionIsReportedNotIgnored) {
  auto store = memory_store();
  store->put(KeySpace::positions, OrderedKey().text("t").u32(0).take(), "\x63");
  EXPECT_FALSE(PositionTable(*store).get("t", 0));
  EXPECT_TRUE(store->failed());
}

TEST(OutboxTest, OnlyNewerVersionsArePending) {
  auto store = memory_store();
  Outbox outbox(*store);
  DeliveryTable deliveries(*store);
  outbox.want({"oncall", "b", 2, 1, "event b"});
  outbox.want({"finops", "z", 1, 0, "event z"});
  outbox.want({"oncall", "a", 1, 0, "event a"});
  ASSERT_TRUE(deliveries.put("oncall", "b", {.version = 1}));
  ASSERT_TRUE(deliveries.put("oncall", "a", {.version = 1, .action = 0, .dead = true, .reason = "400"}));
  const auto pending = outbox.pending();
  ASSERT_EQ(pending.size(), 2U);
  EXPECT_EQ(pending[0].sink + pending[0].incident_id, "finopsz");
  EXPECT_EQ(pending[1].sink + pending[1].incident_id, "oncallb");
  EXPECT_EQ(pending[1].version, 2);
  EXPECT_EQ(pending[1].action, 1);
  EXPECT_EQ(pending[1].alert_event, "event b");
  EXPECT_EQ(deliveries.get("oncall", "a")->reason, "400");
  EXPECT_TRUE(deliveries.get("oncall", "a")->dead);
  outbox.erase("oncall", "b");
  EXPECT_EQ(outbox.pending().size(), 1U);
}

TEST(OutboxTest, SinkAndIncidentDoNotRunTogether) {
  auto store = memory_store();
  Outbox outbox(*store);
  outbox.want({"a", "bc", 1, 0, ""});
  outbox.want({"ab", "c", 1, 0, ""});
  EXPECT_EQ(outbox.pending().size(), 2U);
}

TEST(JournalTest, KeepsTheNewestLinesInOrder) {
  auto store = memory_store();
  for (int restart = 0; restart < 5; ++restart) {
    Journal journal(*store, 10);
    for (int i = 0; i < 7; ++i) journal.append(std::to_string(restart * 7 + i));
    ASSERT_TRUE(store->commit());
  }
  const Journal journal(*store, 10);
  EXPECT_EQ(journal.size(), 10);
  std::string text;
  journal.scan([&](std::string_view json) {
    text.append(json).append(" ");
    return true;
  });
  EXPECT_EQ(text, "25 26 27 28 29 30 31 32 33 34 ");
}

TEST(JournalTest, FindsItsEndAtEverySize) {
  auto store = memory_store();
  for (int lines = 0; lines < 70; ++lines) {
    Journal journal(*store, 50);
    EXPECT_EQ(journal.size(), std::min(lines, 50));
    journal.append("x");
  }
}

TEST(DedupTest, ForgetsAfterTheWindowAndNotBefore) {
  auto store = memory_store();
  DedupTable table(*store, "t", 0, core::minutes(10));
  EXPECT_TRUE(table.insert("a", kMonday, kMonday));
  EXPECT_FALSE(table.insert("a", kMonday, kMonday));
  EXPECT_FALSE(table.insert("a", kMonday + core::minutes(1), kMonday + core::minutes(10)));
  EXPECT_TRUE(table.insert("a", kMonday + core::minutes(11), kMonday + core::minutes(11)));
}

TEST(DedupTest, RemembersOverRestartsAsIfThereWereNone) {
  std::mt19937 random(3);
  auto store = memory_store();
  auto table = std::make_unique<DedupTable>(*store, "t", 1, core::minutes(5));
  DedupTable other_partition(*store, "t", 2, core::minutes(5));
  std::map<std::string, core::EventTime> truth;  // id -> minute in which it was seen
  core::EventTime newest = kMonday;
  for (int i = 0; i < 20'000; ++i) {
    newest = newest + core::milliseconds(static_cast<std::int64_t>(random() % 200));
    const core::EventTime ts = newest - core::seconds(static_cast<std::int64_t>(random() % 60));
    const std::string id = std::to_string(random() % 3000);
    const auto seen = truth.find(id);
    const core::EventTime oldest = core::floor_to(newest - core::minutes(5), core::minutes(1));
    const bool expected = seen == truth.end() || seen->second < oldest;
    ASSERT_EQ(table->insert(id, ts, newest), expected) << i;
    if (expected) truth[id] = core::floor_to(ts, core::minutes(1));
    if (random() % 500 != 0) continue;
    table->save();
    ASSERT_TRUE(store->commit());
    if (random() % 2 != 0) continue;
    table = std::make_unique<DedupTable>(*store, "t", 1, core::minutes(5));
    ASSERT_TRUE(table->load());
  }
  ASSERT_TRUE(other_partition.load());
  EXPECT_TRUE(other_partition.insert("1", newest, newest));
}

TEST(DedupTest, ExpiredRowsLeaveTheStore) {
  auto store = memory_store();
  DedupTable table(*store, "t", 0, core::minutes(2));
  for (int minute = 0; minute < 30; ++minute) {
    const core::EventTime now = kMonday + core::minutes(minute);
    table.insert(std::to_string(minute), now, now);
    table.save();
  }
  int rows = 0;
  store->scan(KeySpace::dedup, {}, {}, [&](std::string_view, std::string_view) { return ++rows > 0; });
  EXPECT_EQ(rows, 3);
}

TEST(OrderedKeyTest, BytesSortLikeValues) {
  std::string previous;
  for (const std::int64_t us : {std::numeric_limits<std::int64_t>::min(), std::int64_t{-5}, std::int64_t{0},
                                std::int64_t{255}, std::int64_t{256}, kMonday.us}) {
    const std::string key = OrderedKey().time({us}).rest("x").take();
    EXPECT_LT(previous, key);
    EXPECT_EQ(OrderedKeyReader(key).time().us, us);
    previous = key;
  }
  EXPECT_EQ(end_of_prefix(std::string("a\xff\xff")), "b");
  EXPECT_EQ(end_of_prefix(std::string("\xff")), "");
}

TEST(RunWeightTest, IsTheInformationThatACallAdds) {
  EXPECT_EQ(run_weight(1), 65536);
  EXPECT_EQ(run_weight(2), 3449);  // 2/1.9 - 1 = 0.0526
  double sum = 0;
  for (int m = 1; m <= 30; ++m) {
    sum += static_cast<double>(run_weight(m)) / 65536;
    EXPECT_NEAR(sum, m / (1 + (m - 1) * 0.9), 1e-3) << m;
  }
  EXPECT_EQ(run_weight(std::numeric_limits<std::int64_t>::max()), 1);
  EXPECT_EQ(run_weight(0), 65536);
}

}  // namespace
}  // namespace costdrift::state
