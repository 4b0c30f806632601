#include "state/dump.h"

#include <gmock/gmock.h>

#include "state/tables.h"
#include "tests/state/windows_harness.h"

namespace costdrift::state {
namespace {

using testing::call_at;
using ::testing::HasSubstr;
using testing::kMonday;
using ::testing::Not;

void fill_tables(Store& store) {
  PositionTable(store).put("llm.usage", 3, {.next_offset = 9, .newest = kMonday, .fingerprint = 12345});
  RecordTable(store, KeySpace::lanes).put(memory_key("prompt_growth", "app=a,model=m"), "memory");
  Outbox(store).want({"oncall", "ab12", 2, 1, "event"});
  ASSERT_TRUE(DeliveryTable(store).put("oncall", "ab12", {.version = 1, .reason = "ok"}));
  Journal(store, 10).append(R"({"incident_id":"ab12"})");
}

TEST(DumpTest, NamesEveryRow) {
  testing::Harness harness;
  fill_tables(*harness.store);
  testing::OwnedEvent event = call_at(kMonday + core::hours(14), 17, 1'250'000'000);
  event.run_id = "r\x1b[31m";
  harness.add(event);
  event.event.ts = event.event.ts + core::minutes(1);
  harness.add(event);
  harness.close(kMonday + core::hours(14) + core::minutes(1));
  harness.restart();
  const std::string dump = testing::dump_text(*harness.store);
  EXPECT_THAT(dump, HasSubstr("meta windows closed_until=2026-03-02T14:00:05Z bucket=5s\n"));
  EXPECT_THAT(dump, HasSubstr("positions llm.usage 3 next_offset=9 log_epoch=0 records=0 newest=2026-03-02T00:00:00Z"));
  EXPECT_THAT(dump, Not(HasSubstr("12345")));
  EXPECT_THAT(dump, HasSubstr("open_buckets 2026-03-02T14:01:00Z app=desk,model=gpt-4o calls=1 "));
  EXPECT_THAT(dump, HasSubstr("pending=[weighted_tokens@2026-03-02T14:01:00Z:17*1#0 ]"));
  EXPECT_THAT(dump, HasSubstr("buckets 2026-03-02T14:00:00Z app=desk,model=gpt-4o calls=1 "));
  EXPECT_THAT(dump, HasSubstr("metric.tokens=[17:65536]"));
  EXPECT_THAT(dump, HasSubstr("cost=1.250000000 "));
  EXPECT_THAT(dump, HasSubstr("\nlanes prompt_growth app=a,model=m bytes=6 hash="));
  EXPECT_THAT(dump, HasSubstr("\noutbox oncall ab12 version=2 action=1 bytes=5 "));
  EXPECT_THAT(dump, HasSubstr("\njournal {\"incident_id\":\"ab12\"}\n"));
  EXPECT_THAT(dump, Not(HasSubstr("\ndeliveries ")));
  EXPECT_THAT(dump, Not(HasSubstr("\x1b")));
}

TEST(DumpTest, TheDirectoryOfARunningDaemonCanBeDumped) {
  const testing::ScratchDirectory scratch;
  auto store = Store::open(scratch.path(), {});
  ASSERT_TRUE(store);
  fill_tables(**store);
  ASSERT_TRUE((*store)->commit());
  std::string text;
  const auto dumped =
      dump_state(scratch.path(), {.with_deliveries = true}, [&](std::string_view line) { text.append(line) += '\n'; });
  ASSERT_TRUE(dumped) << dumped.error().message;
  EXPECT_THAT(text, HasSubstr("deliveries oncall ab12 version=1 action=0 dead=0 reason=ok\n"));
  EXPECT_FALSE(dump_state(scratch.path("none"), {}, [](std::string_view) {}));
}

TEST(DumpTest, HowCommitsCutTheIdsDoesNotShow) {
  std::string texts[2];
  for (int cut = 1; cut <= 2; ++cut) {
    auto store = testing::memory_store();
    DedupTable table(*store, "t", 0, core::minutes(10));
    for (int i = 0; i < 20; ++i) {
      table.insert(std::to_string(i), kMonday + core::seconds(10 * i), kMonday + core::seconds(10 * i));
      if (i % cut == 0) table.save();
    }
    table.save();
    texts[cut - 1] = testing::dump_text(*store);
  }
  EXPECT_EQ(texts[0], texts[1]);
  EXPECT_THAT(texts[0], HasSubstr("dedup t 0 2026-03-02T00:01:00Z ids=6 xor="));
}

TEST(DumpTest, AnUnreadableRowFailsTheDump) {
  auto store = testing::memory_store();
  store->put(KeySpace::minutes, "x", "y");
  EXPECT_FALSE(dump_store(*store, {}, [](std::string_view) {}));
}

}  // namespace
}  // namespace costdrift::state
