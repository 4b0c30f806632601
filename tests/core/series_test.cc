#include "core/series.h"

#include <gtest/gtest.h>

#include <set>

namespace costdrift::core {
namespace {

TEST(SeriesKey, IsCanonical) {
  const auto key = SeriesKey::of({{Dimension::model, "gpt-4o"}, {Dimension::app, "support-bot"}});
  EXPECT_EQ(key.text(), "app=support-bot,model=gpt-4o");
  EXPECT_EQ(key, SeriesKey::of({{Dimension::app, "support-bot"}, {Dimension::model, "gpt-4o"}}));
  EXPECT_EQ(key, SeriesKey::from_text(key.text()));
  EXPECT_EQ(key.label(Dimension::model), "gpt-4o");
  EXPECT_EQ(key.label(Dimension::team), "");
}

TEST(SeriesKey, KindIsByDimensions) {
  EXPECT_EQ(SeriesKey().kind(), SeriesKind::all);
  EXPECT_EQ(SeriesKey::of({{Dimension::app, "a"}, {Dimension::model, "m"}}).kind(), SeriesKind::app_model);
  EXPECT_EQ(SeriesKey::of({{Dimension::app, "a,model=b"}}).kind(), SeriesKind::app);
  EXPECT_EQ(SeriesKey::of({{Dimension::model, ""}}).kind(), SeriesKind::model);
  EXPECT_EQ(SeriesKey::of({{Dimension::team, "cx"}}).kind(), SeriesKind::team);
  EXPECT_EQ(SeriesKey::of({{Dimension::provider, "p"}}).kind(), SeriesKind::provider);
}

TEST(SeriesKey, KeepsHostileValuesApart) {
  for (const std::string value :
       {"a,model=b", "a=b", "100%", "%2C", "a\nb", "\x7f", "Zürich 東京", "%", "", ",", "==", "\x01"}) {
    const std::vector<Label> labels = {{Dimension::app, value}, {Dimension::model, "m"}};
    const auto key = SeriesKey::of(labels);
    EXPECT_EQ(key.labels(), labels) << key.text();
    EXPECT_EQ(key.label(Dimension::app), value);
    EXPECT_EQ(key.label(Dimension::model), "m");
    EXPECT_EQ(SeriesKey::from_text(key.text()).labels(), labels);
  }
  EXPECT_EQ(SeriesKey::of({{Dimension::app, "a,model=b"}}).text(), "app=a%2Cmodel%3Db");
  EXPECT_EQ(SeriesKey::of({{Dimension::app, "50%\n"}}).text(), "app=50%25%0A");
}

TEST(SeriesKey, EveryByteRoundTrips) {
  std::string value;
  for (int byte = 0; byte < 256; ++byte) value.push_back(static_cast<char>(byte));
  const auto key = SeriesKey::of({{Dimension::agent, value}});
  EXPECT_EQ(key.label(Dimension::agent), value);
  EXPECT_EQ(key.text().find('\n'), std::string::npos);
}

TEST(SeriesKey, AnEmptyValueIsNotTheRollUp) {
  const auto unattributed = SeriesKey::of({{Dimension::app, ""}, {Dimension::model, "m"}});
  EXPECT_NE(unattributed, SeriesKey::of({{Dimension::model, "m"}}));
  EXPECT_EQ(unattributed.text(), "app=,model=m");
  EXPECT_EQ(unattributed.label(Dimension::app), "");
}

TEST(SeriesKey, ForeignTextDoesNoHarm) {
  EXPECT_TRUE(SeriesKey().labels().empty());
  EXPECT_TRUE(SeriesKey::from_text("future=x").labels().empty());
  EXPECT_EQ(SeriesKey::from_text("future=x,model=m").labels(), (std::vector<Label>{{Dimension::model, "m"}}));
  EXPECT_EQ(SeriesKey::from_text("app=%zz%2").label(Dimension::app), "%zz%2");
  EXPECT_EQ(SeriesKey::from_text(",,app").label(Dimension::app), "");
}

TEST(SeriesKey, Display) {
  EXPECT_EQ(SeriesKey::of({{Dimension::app, "support-bot"}, {Dimension::model, "gpt-4o"}}).display(),
            "support-bot / gpt-4o");
  EXPECT_EQ(SeriesKey::of({{Dimension::use_case, "rag-search"}}).display(), "use case rag-search");
  EXPECT_EQ(SeriesKey::of({{Dimension::app, ""}, {Dimension::model, "a,b"}}).display(), "unattributed / a,b");
  EXPECT_EQ(SeriesKey().display(), "all");
}

TEST(Dimension, NamesAreUniqueAndReadBack) {
  std::set<std::string_view> names;
  for (const Dimension dimension : kDimensions) {
    EXPECT_TRUE(names.insert(dimension_name(dimension)).second);
    EXPECT_EQ(dimension_from_name(dimension_name(dimension)), dimension);
  }
  EXPECT_EQ(names.size(), std::size(kDimensions));
  EXPECT_EQ(dimension_from_name("App"), std::nullopt);
  EXPECT_EQ(dimension_from_name(""), std::nullopt);
}

}  // namespace
}  // namespace costdrift::core
