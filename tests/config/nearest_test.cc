#include "config/nearest.h"

#include <gtest/gtest.h>

namespace costdrift::config {
namespace {

const std::vector<std::string> kKnown = {"brokers", "topics", "start_from", "runbook_url"};

TEST(Nearest, FindsMisspellings) {
  EXPECT_EQ(nearest("broker", kKnown), "brokers");
  EXPECT_EQ(nearest("borkers", kKnown), "brokers");
  EXPECT_EQ(nearest("startfrom", kKnown), "start_from");
  EXPECT_EQ(nearest("runbook", kKnown), "runbook_url");
}

TEST(Nearest, DoesNotGuessWildly) {
  EXPECT_EQ(nearest("password", kKnown), std::nullopt);
  EXPECT_EQ(nearest("x", {"y", "ab"}), std::nullopt);
  EXPECT_EQ(nearest("", kKnown), std::nullopt);
  EXPECT_EQ(nearest(std::string(100'000, 'a'), kKnown), std::nullopt);
}

TEST(Nearest, ListsWhatIsKnownWhenNothingIsNear) {
  EXPECT_EQ(spelling_remedy("zzzz", {"a", "b"}), "known are a, b");
  EXPECT_EQ(spelling_remedy("zzzz", {}), "none is known here");
  EXPECT_EQ(spelling_remedy("zzzz", {"a\x1b[31m"}), R"(known are a\x1b[31m)") << "names may come from the file";
  EXPECT_EQ(spelling_remedy("abcd", {"abc\n"}), R"(did you mean "abc\x0a"?)");
  EXPECT_EQ(split_choices("a|bc|d"), (std::vector<std::string>{"a", "bc", "d"}));
}

}  // namespace
}  // namespace costdrift::config
