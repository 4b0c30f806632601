// A stored finding comes back as it was; a cut or damaged one is noticed or harmless.
#include "core/finding_record.h"

#include <gtest/gtest.h>

namespace costdrift::core {
namespace {

Finding example_finding() {
  Finding f;
  f.detector = "prompt_growth";
  f.series = SeriesKey::of({{Dimension::app, "a,b"}, {Dimension::model, "m"}});
  f.aspect = "run-7";
  f.phase = FindingPhase::recovered;
  f.evaluated_at = {9};
  f.onset = {-1};
  f.onset_earliest = {-5};
  f.onset_latest = {3};
  f.unit = "tokens/call";
  f.quantity = "input tokens per call";
  f.expected = 0.1;
  f.observed = 2592;
  f.effect = 0.31;
  f.effect_low = -0.28;
  f.effect_high = 1e300;
  f.harm_low = 0.2;
  f.log10_evidence = 7.3;
  f.symptom = f.hard_limit = true;
  f.calls = 1840;
  f.excess_so_far = {41'200'000'001};
  f.excess_usd_per_hour = 38;
  f.excess_usd_per_month = 290;
  f.money_known = f.monetary = false;
  f.page_without_money = f.specific = f.exact = f.told_alone = true;
  f.moved_usd_per_hour = 7.5;
  f.cost_part = CostPart::steps;
  f.split[1] = {1};
  f.split[7] = {41'200'000'000};
  f.drivers = {{Dimension::use_case, "rag", 0.94, DriverKind::volume}, {Dimension::agent, "", 0.2, DriverKind::mix}};
  f.samples = {{{12}, "llm.usage", 3, 991, "trace", "run"}};
  f.attributes = {{Dimension::team, "cx"}, {Dimension::owner, "ana"}};
  f.note = "one more";
  f.quiet_if = "it ends";
  return f;
}

std::string bytes_of(const Finding& finding) {
  ByteWriter out;
  save_finding(out, finding);
  return out.take();
}

TEST(FindingRecord, ComesBackAsItWas) {
  const std::string bytes = bytes_of(example_finding());
  ByteReader in(bytes);
  const Finding back = restore_finding(in);
  EXPECT_TRUE(in.finished());
  EXPECT_EQ(bytes_of(back), bytes);
  EXPECT_EQ(back.series, example_finding().series);
  EXPECT_EQ(back.phase, FindingPhase::recovered);
  EXPECT_EQ(back.drivers, example_finding().drivers);
  EXPECT_EQ(back.split, example_finding().split);
  EXPECT_EQ(back.samples, example_finding().samples);
  EXPECT_EQ(back.attributes, example_finding().attributes);
  EXPECT_EQ(back.excess_so_far, example_finding().excess_so_far);
  EXPECT_EQ(back.onset_earliest.us, -5);
  EXPECT_EQ(back.note, "one more");
  EXPECT_FALSE(back.money_known);
  EXPECT_FALSE(back.monetary);
  EXPECT_TRUE(back.page_without_money);
  EXPECT_TRUE(back.specific);
  EXPECT_TRUE(back.exact);
  EXPECT_TRUE(back.told_alone);
  EXPECT_EQ(back.moved_usd_per_hour, 7.5);
  EXPECT_EQ(back.quiet_if, "it ends");
}

TEST(FindingRecord, EveryCutIsNoticed) {
  const std::string bytes = bytes_of(example_finding());
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    ByteReader in(std::string_view(bytes).substr(0, length));
    (void)restore_finding(in);
    EXPECT_TRUE(in.failed()) << length;
  }
}

// No damaged byte may become an enumerator that has no name: naming it would end the program.
TEST(FindingRecord, NoDamageMakesANamelessEnumerator) {
  const std::string bytes = bytes_of(example_finding());
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    for (const char damage : {'\0', '\x17', '\x7f'}) {
      std::string damaged = bytes;
      damaged[at] = damage;
      ByteReader in(damaged);
      const Finding finding = restore_finding(in);
      EXPECT_FALSE(cost_part_name(finding.cost_part).empty());
      for (const auto& driver : finding.drivers) {
        EXPECT_FALSE(dimension_name(driver.dimension).empty());
        EXPECT_FALSE(driver_kind_name(driver.kind).empty());
      }
    }
  }
}

}  // namespace
}  // namespace costdrift::core
