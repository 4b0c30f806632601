// Labels: the three forms of a file, what is wrong with them, whom they mean, and imports.
#include "replay/label.h"

#include <gtest/gtest.h>

#include "replay/label_import.h"
#include "tests/replay/told_support.h"
#include "tests/support/temp_dir.h"

namespace costdrift::replay {
namespace {

using test_support::at;
using test_support::told;

const IncidentLabel kDesk{.from = at(14), .to = at(18), .match = {{core::Dimension::app, "desk"}}};

TEST(LabelTest, LinesListsAndYamlAreTheSame) {
  const tests::TempDir directory;
  const std::string first = R"({"from":"2026-03-02T14:00:00Z","to":"2026-03-02T18:00:00Z","match":{"app":"desk"}})";
  const std::string second =
      R"({"from":"2026-03-02T20:00:00Z","to":"2026-03-02T21:00:00Z","match":{},"kind":"retry_rate","note":"a \"b\"","real":false})";
  const auto lines = read_labels(directory.write("l.jsonl", first + "\n\n" + second + "\n"));
  const auto list = read_labels(directory.write("l.json", " [" + first + "," + second + "]"));
  const auto yaml =
      read_labels(directory.write("l.yaml",
                                  "- {from: 2026-03-02T14:00:00Z, to: 2026-03-02T18:00:00Z, match: {app: desk}}\n"
                                  "- from: 2026-03-02T20:00:00Z\n  to: 2026-03-02T21:00:00Z\n"
                                  "  kind: retry_rate\n  note: a \"b\"\n  real: false\n"));
  ASSERT_TRUE(lines && list && yaml) << (lines ? list ? yaml.error().message : list.error().message
                                               : lines.error().message);
  ASSERT_EQ(lines->size(), 2U);
  EXPECT_EQ(lines->front(), kDesk);
  EXPECT_EQ(*lines, *list);
  EXPECT_EQ(*lines, *yaml);
  EXPECT_EQ(to_json((*lines)[0]), first);
  EXPECT_EQ(to_json((*lines)[1]), second);
}

TEST(LabelTest, SaysWhatIsWrongAndWhere) {
  const tests::TempDir directory;
  const std::string good = R"({"from":"2026-03-02T14:00:00Z","to":"2026-03-02T18:00:00Z"})";
  for (const auto& [line, problem] : std::vector<std::pair<std::string, std::string>>{
           {"[broken", "not JSON"},
           {"{broken", ":1: not a JSON object"},
           {good + "\n{\"from\":\"2026-03-02T14:00:00Z\"}", ":2: \"to\" must be a time"},
           {R"({"from":"2026-03-02T14:00:00Z","to":"2026-03-02T14:00:00Z"})", "must be later than"},
           {R"({"from":"yesterday","to":"2026-03-02T14:00:00Z"})", "\"from\": "},
           {R"({"from":"2026-03-02T14:00:00Z","to":"2026-03-02T15:00:00Z","match":{"colour":"red"}})",
            "\"colour\" is no dimension"},
           {R"({"from":"2026-03-02T14:00:00Z","to":"2026-03-02T15:00:00Z","until":1})", "\"until\" is not known"},
           {R"({"from":"2026-03-02T14:00:00Z","to":"2026-03-02T15:00:00Z","real":1})", "\"real\" must be"}}) {
    const auto read = read_labels(directory.write("l.jsonl", line));
    ASSERT_FALSE(read) << line;
    EXPECT_EQ(read.error().code, core::ErrorCode::bad_data);
    EXPECT_NE(read.error().message.find(problem), std::string::npos) << read.error().message;
  }
  EXPECT_FALSE(read_labels(directory.write("l.yaml", "- [\n")));
  EXPECT_EQ(read_labels(directory.file("none")).error().code, core::ErrorCode::io);
}

TEST(LabelTest, NestingWithoutEndIsAnError) {
  const tests::TempDir directory;
  const std::string times = R"("from":"2026-03-02T14:00:00Z","to":"2026-03-02T18:00:00Z")";
  const std::string deep = std::string(200'000, '[') + std::string(200'000, ']');
  for (const auto& [name, text] :
       std::vector<std::pair<std::string, std::string>>{{"cycle.yaml", "- &self [*self]\n"},
                                                        {"cycle_of_maps.yaml", "- &self {match: *self}\n"},
                                                        {"deep.yaml", "- " + deep + "\n"},
                                                        {"match.jsonl", "{" + times + R"(,"match":)" + deep + "}"},
                                                        {"real.json", "[{" + times + R"(,"real":)" + deep + "}]"}}) {
    const auto read = read_labels(directory.write(name, text));
    ASSERT_FALSE(read) << name;
    EXPECT_EQ(read.error().code, core::ErrorCode::bad_data) << name;
  }
}

TEST(LabelTest, MeansAnAlertByTimeAndLabels) {
  EXPECT_TRUE(means(kDesk, told("1", "desk", at(14, 20))));
  EXPECT_TRUE(means(kDesk, told("1", "desk", at(13, 1))));
  EXPECT_TRUE(means(kDesk, told("1", "desk", at(18, 59))));
  EXPECT_FALSE(means(kDesk, told("1", "desk", at(12, 59))));
  EXPECT_FALSE(means(kDesk, told("1", "desk", at(19, 1))));
  EXPECT_FALSE(means(kDesk, told("1", "shop", at(15))));
  core::AlertEvent roll_up = told("1", "desk", at(15));
  roll_up.labels = {{core::Dimension::team, "cx"}};
  EXPECT_FALSE(means(kDesk, roll_up));
  roll_up.drivers = {{core::Dimension::app, "desk", 0.8}};
  EXPECT_TRUE(means(kDesk, roll_up));
  roll_up.drivers[0].share = 0.4;
  EXPECT_FALSE(means(kDesk, roll_up));
}

TEST(LabelTest, ConcernsSeriesThatDoNotContradict) {
  const auto series = core::SeriesKey::of({{core::Dimension::app, "desk"}, {core::Dimension::model, "gpt-4o"}});
  EXPECT_TRUE(concerns(kDesk, series));
  EXPECT_TRUE(concerns({.match = {{core::Dimension::team, "cx"}}}, series));
  EXPECT_FALSE(concerns({.match = {{core::Dimension::app, "desk"}, {core::Dimension::model, "o3"}}}, series));
}

TEST(LabelImportTest, PagerDuty) {
  const auto labels = import_labels(
      R"({"incidents":[{"title":"desk: input tokens","created_at":"2026-03-02T14:03:00Z","resolved_at":"2026-03-02T15:00:00Z",
          "body":{"cef_details":{"details":{"app":"desk","model":"gpt-4o","detector":"prompt_growth","usd":"12"}}}},
         {"title":"old","created_at":"2026-03-02T16:00:00Z","resolved_at":null,"status":"triggered"}]})",
      "pd.json", at(20));
  ASSERT_TRUE(labels) << labels.error().message;
  ASSERT_EQ(labels->size(), 2U);
  EXPECT_EQ(
      to_json((*labels)[0]),
      R"({"from":"2026-03-02T14:03:00Z","to":"2026-03-02T15:00:00Z","match":{"app":"desk","model":"gpt-4o"},"kind":"prompt_growth","note":"desk: input tokens"})");
  EXPECT_EQ((*labels)[1].to, at(20));
  EXPECT_EQ((*labels)[1].note, "old (matches everything)");
}

TEST(LabelImportTest, Alertmanager) {
  const auto labels = import_labels(
      R"([{"labels":{"alertname":"CostDrift","app":"desk","detector":"retry_rate","severity":"warning"},
          "annotations":{"summary":"retries"},"startsAt":"2026-03-02T14:03:00.5Z","endsAt":"2026-03-02T15:00:00Z"},
         {"labels":{"alertname":"Other"},"startsAt":"2026-03-02T14:03:00Z","endsAt":"0001-01-01T00:00:00Z"}])",
      "am.json", at(20));
  ASSERT_TRUE(labels) << labels.error().message;
  EXPECT_EQ((*labels)[0].match, kDesk.match);
  EXPECT_EQ((*labels)[0].kind, "retry_rate");
  EXPECT_EQ((*labels)[0].note, "retries");
  EXPECT_EQ((*labels)[1].to, at(20));
}

TEST(LabelImportTest, DimensionsUnderneathADeepNestAreIgnored) {
  const std::string deep = std::string(200'000, '[') + R"({"app":"desk"})" + std::string(200'000, ']');
  for (const std::string& text :
       {R"({"incidents":[{"created_at":"2026-03-02T14:03:00Z","body":{"x":)" + deep + R"(,"team":"cx"}}]})",
        R"([{"labels":{"x":)" + deep + R"(,"team":"cx"},"startsAt":"2026-03-02T14:03:00Z"}])"}) {
    const auto labels = import_labels(text, "deep.json", at(20));
    ASSERT_TRUE(labels) << labels.error().message;
    EXPECT_EQ((*labels)[0].match, (std::vector<core::Label>{{core::Dimension::team, "cx"}}));
  }
}

TEST(LabelImportTest, SaysWhichEntryIsWrong) {
  EXPECT_NE(import_labels("{}", "x.json", at(1)).error().message.find("x.json: neither"), std::string::npos);
  const auto wrong = import_labels(R"([{"startsAt":"soon"}])", "x.json", at(1));
  ASSERT_FALSE(wrong);
  EXPECT_NE(wrong.error().message.find("x.json, entry 1: its beginning"), std::string::npos);
}

}  // namespace
}  // namespace costdrift::replay
