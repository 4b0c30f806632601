// Which findings a declared change is named in, and which it announced.
#include "daemon/answers/declared_changes.h"

#include <gtest/gtest.h>

#include "daemon/incidents/message.h"

namespace costdrift::daemon {
namespace {

const core::EventTime kWhen = *core::parse_rfc3339("2026-03-02T14:00:00Z");

Action declared(std::string_view more, core::EventTime at = kWhen) {
  const auto action = parse_action(R"({"action":"declare","by":"ana","note":"prompt v7",)" + std::string(more) + "}");
  EXPECT_TRUE(action) << action.error().message;
  return taken_at(*action, at);
}

DeclaredChanges with(std::string_view more) {
  DeclaredChanges changes;
  changes.add(declared(more));
  return changes;
}

core::Finding found(core::Duration after, std::string detector = "prompt_growth") {
  core::Finding finding;
  finding.detector = std::move(detector);
  finding.series = core::SeriesKey::of({{core::Dimension::app, "desk"}, {core::Dimension::model, "gpt-4o"}});
  finding.attributes = {{core::Dimension::team, "cx"}};
  finding.onset = kWhen + after;
  finding.onset_earliest = finding.onset - core::minutes(5);
  finding.onset_latest = finding.onset + core::minutes(5);
  finding.effect = 0.3;
  return finding;
}

constexpr std::string_view kDeploy = R"("kind":"deploy","match":{"app":"desk"})";
constexpr std::string_view kMeant = R"("kind":"deploy","match":{"app":"desk"},"expect":["prompt_growth"])";
constexpr std::string_view kPrice = R"("kind":"price","match":{"model":"gpt-4o"})";

TEST(DeclaredChanges, IsNamedWhenTheOnsetLiesNear) {
  const auto changes = with(kDeploy);
  for (const int minutes : {-15, 0, 4, 119, 125}) {
    EXPECT_NE(changes.cause_of(found(core::minutes(minutes))), nullptr) << minutes;
  }
  for (const int minutes : {-16, 126, 100'000}) {
    EXPECT_EQ(changes.cause_of(found(core::minutes(minutes))), nullptr) << minutes;
  }
  EXPECT_EQ(changes.expecting(found(core::minutes(4))), nullptr) << "a deploy alone announces nothing";
}

TEST(DeclaredChanges, TheNearestIsNamed) {
  auto changes = with(kDeploy);
  changes.add(declared(R"("kind":"deploy","match":{"app":"desk"},"when":"2026-03-02T14:30:00Z")"));
  EXPECT_EQ(changes.cause_of(found(core::minutes(35)))->at, kWhen + core::minutes(30));
  EXPECT_EQ(changes.cause_of(found(core::minutes(5)))->at, kWhen);
  EXPECT_EQ(changes.all().front().change.at, kWhen + core::minutes(30));
}

TEST(DeclaredChanges, EveryLabelMustHold) {
  const auto named = [](std::string_view match) {
    const auto changes = with(R"("kind":"deploy","match":)" + std::string(match));
    auto finding = found(core::minutes(4));
    finding.drivers = {{core::Dimension::use_case, "rag", 0.9}};
    return changes.cause_of(finding) != nullptr;
  };
  EXPECT_TRUE(named(R"({"app":"desk","team":"cx"})")) << "series and attributes";
  EXPECT_TRUE(named(R"({"use_case":"rag"})")) << "what drives it";
  EXPECT_FALSE(named(R"({"app":"desk","team":"other"})"));
  EXPECT_FALSE(named(R"({"env":""})"));
}

TEST(DeclaredChanges, ExpectsTheNamedDetectorsForADay) {
  const auto changes = with(kMeant);
  EXPECT_EQ(changes.expecting(found(core::minutes(-16))), nullptr);
  EXPECT_NE(changes.expecting(found(core::minutes(-15))), nullptr);
  EXPECT_NE(changes.expecting(found(core::hours(24))), nullptr);
  EXPECT_EQ(changes.expecting(found(core::hours(24) + core::seconds(1))), nullptr);
  EXPECT_EQ(changes.expecting(found(core::minutes(4), "retry_rate")), nullptr);
}

TEST(DeclaredChanges, ExpectsNoMoreThanItSays) {
  const auto bounded = [](std::string_view up_to) {
    return with(std::string(kMeant) + R"(,"up_to":")" + std::string(up_to) + "\"").expecting(found(core::minutes(4))) !=
           nullptr;
  };
  EXPECT_TRUE(bounded("30%"));
  EXPECT_TRUE(bounded("0.31"));
  EXPECT_FALSE(bounded("29%"));
}

TEST(DeclaredChanges, APriceExpectsItselfAndTheCostsThatRiseWithIt) {
  const auto changes = with(kPrice);
  auto price = found(core::hours(9), "price_change");
  price.cost_part = core::CostPart::price;
  EXPECT_NE(changes.expecting(price), nullptr) << "the first call at the new price may come late";
  auto cost = found(core::minutes(4), "cost_outlier");
  EXPECT_EQ(changes.expecting(cost), nullptr) << "a cause of another kind";
  cost.symptom = true;
  EXPECT_NE(changes.expecting(cost), nullptr);
  cost.monetary = false;
  EXPECT_EQ(changes.expecting(cost), nullptr) << "latency";
  auto later = found(core::hours(3), "cost_outlier");
  later.symptom = true;
  EXPECT_EQ(changes.expecting(later), nullptr) << "began at another time";
}

TEST(DeclaredChanges, ForgetsWhatIsWithdrawnOrOld) {
  auto changes = with(kDeploy);
  const auto id = changes.all().front().change.id;
  EXPECT_EQ(id.size(), 8U);
  changes.expire(kWhen + core::days(21));
  EXPECT_EQ(changes.all().size(), 1U);
  changes.expire(kWhen + core::days(22));
  EXPECT_TRUE(changes.all().empty());
  changes.add(declared(kDeploy));
  EXPECT_TRUE(changes.remove(id));
  EXPECT_FALSE(changes.remove(id));
}

TEST(DeclaredChanges, SaidAgainWithItsOwnTimeIsOne) {
  const std::string at_two = std::string(kDeploy) + R"(,"when":"2026-03-02T14:00:00Z")";
  DeclaredChanges changes;
  changes.add(declared(at_two, kWhen));
  changes.add(declared(at_two, kWhen + core::minutes(1)));
  EXPECT_EQ(changes.all().size(), 1U);
}

TEST(DeclaredChanges, KeepsTheLatest) {
  DeclaredChanges changes;
  for (std::size_t i = 0; i <= DeclaredChanges::kMostKept; ++i) {
    changes.add(declared(kDeploy, kWhen + core::seconds(static_cast<std::int64_t>(i))));
  }
  EXPECT_EQ(changes.all().size(), DeclaredChanges::kMostKept);
  EXPECT_EQ(changes.all().back().change.at, kWhen + core::seconds(1));
}

TEST(DeclaredChanges, IsTheReasonInTheSummary) {
  const auto said = [](core::Duration after) {
    core::AlertEvent event;
    event.onset = kWhen + after;
    event.declared_change = with(kDeploy).all().front().change;
    const std::string line = summary_line(event, core::Finding{});
    return line.substr(line.rfind("; ") + 2);
  };
  EXPECT_EQ(said(core::minutes(4)), "began 4 min after the declared deploy \"prompt v7\" by ana");
  EXPECT_EQ(said(core::seconds(20)), "began with the declared deploy \"prompt v7\" by ana");
  EXPECT_EQ(said(core::minutes(-4)), "may have begun with the declared deploy \"prompt v7\" by ana at 14:00 UTC");
}

}  // namespace
}  // namespace costdrift::daemon
