#include <gtest/gtest.h>

#include "config/sections.h"
#include "tests/config/test_catalogue.h"

namespace costdrift::config {
namespace {

const std::string kPage = print_reference(test_catalogue());

bool has_line(const std::string& line) { return kPage.find("\n" + line + "\n") != std::string::npos; }

TEST(Reference, HasARowForEveryField) {
  for (const Section& section : sections()) {
    EXPECT_TRUE(section.name.empty() || has_line("## " + std::string(section.name)));
    for (const SectionField& field : section.fields) {
      EXPECT_NE(kPage.find("\n| `" + std::string(field.spec.name) + "` | "), std::string::npos) << field.spec.name;
      EXPECT_FALSE(field.spec.doc.empty()) << field.spec.name;
    }
  }
}

TEST(Reference, ShowsTypeDefaultRangeUnitAndMeaning) {
  EXPECT_TRUE(
      has_line("| `min_free_mib` | whole number | `256` | 0 to 1,000,000,000 MiB | Reading stops while the disk of "
               "the state directory has less free space than this. |"));
  EXPECT_TRUE(
      has_line("| `level` | one of debug, info, warn, error | `info` |  | The least important lines that are "
               "written. |"));
  EXPECT_TRUE(
      has_line("| `brokers` | text | required |  | Kafka brokers to begin with, for example localhost:9092. |"));
  EXPECT_TRUE(has_line("| `min_effect` | ratio | `15%` | 1% to 100% | Smallest change. |"));
  EXPECT_TRUE(has_line("| `mode` | one of fast, slow | not set |  | How. |"));
  EXPECT_TRUE(has_line("| `hard_limit` | whole number | not set | at least 1 tokens | Limit. |"));
  EXPECT_TRUE(has_line("| `webhook_url_file` | path of a secret file | required |  | Webhook address. |"));
}

TEST(Reference, DescribesRecordsAndComponents) {
  EXPECT_TRUE(has_line("Each of `topics`:"));
  EXPECT_TRUE(has_line("Each of `routes`:"));
  EXPECT_TRUE(has_line("### detectors.retry_rate"));
  EXPECT_TRUE(has_line("### Sink type webhook"));
}

}  // namespace
}  // namespace costdrift::config
