#include "replay/csv_table.h"

#include <gtest/gtest.h>

#include "tests/replay/replay_files.h"

namespace costdrift::replay {
namespace {

class CsvTableTest : public ::testing::Test {
 protected:
  core::Result<CsvTable> read(const std::string& text, const std::vector<std::string>& columns = {"model", "in"}) {
    return CsvTable::read(path_ = directory_.write("calls.csv", text), columns);
  }

  tests::TempDir directory_;
  std::string path_;
};

TEST_F(CsvTableTest, FindsColumnsByName) {
  const auto table = read("t,in,model\n0.5,100,opus\n0.7,-2.5e3,haiku\n");
  ASSERT_TRUE(table) << table.error().message;
  EXPECT_EQ(table->rows(), 2U);
  EXPECT_EQ(table->cell(0, 0), "opus");
  EXPECT_EQ(*table->number(0, 1), 100);
  EXPECT_EQ(*table->number(1, 1), -2500);
}

TEST_F(CsvTableTest, ReadsCompressedFilesAndFilesWithoutRows) {
  EXPECT_EQ(read(test_support::zstd("model,in\na,1\n"))->rows(), 1U);
  EXPECT_EQ(read("model,in\n")->rows(), 0U);
}

TEST_F(CsvTableTest, EveryErrorNamesFileAndLine) {
  auto table = read("model,tokens\na,1\n");
  ASSERT_FALSE(table);
  EXPECT_EQ(table.error().message, "reading " + path_ + ":1: no column \"in\" in the header");
  table = read("model,in\na,1\nb\n");
  ASSERT_FALSE(table);
  EXPECT_EQ(table.error().message, "reading " + path_ + ":3: 1 fields where the header has 2");
  table = read("model,in\na,1\nb,many\nc,1x\nd,\n");
  ASSERT_TRUE(table);
  EXPECT_EQ(table->number(1, 1).error().message, "reading " + path_ + ":3: in: \"many\" is no number");
  EXPECT_FALSE(table->number(2, 1));
  EXPECT_FALSE(table->number(3, 1));
  EXPECT_EQ(table->number(0, 0).error().code, core::ErrorCode::bad_data);
}

TEST_F(CsvTableTest, AnEmptyFileIsAnErrorToo) {
  const auto table = read("");
  ASSERT_FALSE(table);
  EXPECT_EQ(table.error().message, "reading " + path_ + ":1: the file is empty; its first line must name the columns");
}

}  // namespace
}  // namespace costdrift::replay
