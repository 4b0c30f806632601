// What producers wrote, inside of our Markdown.
#include "replay/markdown.h"

#include <gtest/gtest.h>

namespace costdrift::replay {
namespace {

TEST(MarkdownTest, ACellReadsAsItWasWritten) {
  EXPECT_EQ(cell("desk / gpt-4o: 12 %"), "desk / gpt-4o: 12 %");
  EXPECT_EQ(cell("a|b`c*d_e<f[g\\h~i"), "a\\|b\\`c\\*d\\_e\\<f\\[g\\\\h\\~i");
  EXPECT_EQ(cell("a\nb"), "a\\\\x0ab");
}

TEST(MarkdownTest, NoEntitiesMentionsOrLinks) {
  EXPECT_EQ(cell("&lt;b&gt;"), "&amp;lt;b&amp;gt;");
  EXPECT_EQ(cell("@team"), "@\u200bteam");
  EXPECT_EQ(cell("https://x.example:8/a:/b:"), "https:\u200b//x.example:8/a:/b:");
}

}  // namespace
}  // namespace costdrift::replay
