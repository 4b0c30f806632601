// CSV files as usage events: columns, values, quotes, and what is wrong with them.
#include "replay/csv_events.h"

#include <gtest/gtest.h>

#include "tests/support/temp_dir.h"

namespace costdrift::replay {
namespace {

using Cells = std::vector<std::string>;

TEST(CsvRowTest, QuotesCommasAndLineBreaks) {
  CsvRow row;
  EXPECT_EQ(row.begin(R"(a,"b,c","say ""hi""",,)"), CsvRow::State::whole);
  EXPECT_EQ(row.cells(), (Cells{"a", "b,c", "say \"hi\"", "", ""}));
  EXPECT_EQ(row.begin(""), CsvRow::State::whole);
  EXPECT_EQ(row.cells(), Cells{""});
  EXPECT_EQ(row.begin("a,\"open"), CsvRow::State::open);
  EXPECT_EQ(row.add("still \"\" open"), CsvRow::State::open);
  EXPECT_EQ(row.add("and closed\",b"), CsvRow::State::whole);
  EXPECT_EQ(row.cells(), (Cells{"a", "open\nstill \" open\nand closed", "b"}));
}

TEST(CsvRowTest, AQuoteInTheMiddleOfAnotherLinesWordIsStray) {
  CsvRow row;
  EXPECT_EQ(row.begin("a,\"5 inch"), CsvRow::State::open);
  EXPECT_EQ(row.add("b,\"quoted, with comma\""), CsvRow::State::stray);
  EXPECT_EQ(row.begin("\"a\"b"), CsvRow::State::whole) << "of one line it is taken as other programs do";
  EXPECT_EQ(row.cells(), Cells{"ab"});
}

class CsvEventsTest : public ::testing::Test {
 protected:
  // The records of the file, or the one error.
  Cells read(const std::string& text, const std::vector<std::string>& columns = {}) {
    const auto map = parse_columns(columns);
    if (!map) return {map.error().message};
    auto events = CsvEvents::open(directory_.write("calls.csv", text), *map);
    if (!events) return {events.error().message};
    Cells records;
    for (;;) {
      const auto record = (*events)->next();
      if (!record) return {record.error().message};
      if (!record->has_value()) break;
      records.emplace_back(**record);
    }
    lines_ = (*events)->lines();
    return records;
  }
  tests::TempDir directory_;
  std::int64_t lines_ = 0;
};

TEST_F(CsvEventsTest, ColumnsByTheirOwnNames) {
  EXPECT_EQ(read("\xEF\xBB\xBFts,model,app,input_tokens,colour\r\n2026-03-02 10:00:00,gpt-4o,desk,100,red\r\n"),
            Cells{R"({"ts":"2026-03-02 10:00:00","model":"gpt-4o","app":"desk","input_tokens":100})"});
}

TEST_F(CsvEventsTest, ColumnsThatAreMapped) {
  EXPECT_EQ(read("when,request,ts,llm\n1772409600,r1,nonsense,gpt-4o\n", {"ts=when", "model=llm", "event_id=request"}),
            Cells{R"({"event_id":"r1","model":"gpt-4o","ts":1772409600})"});
}

TEST_F(CsvEventsTest, ValuesByTheTypeOfTheField) {
  EXPECT_EQ(
      read("ts,model,input_tokens,output_tokens,cost_usd,run_end,user,retry_count\n"
           "1,m,100.0,nan,0.25,True,007,x\n"),
      Cells{
          R"({"ts":1,"model":"m","input_tokens":100,"cost_usd":0.25,"run_end":true,"user":"007","retry_count":"x"})"});
  EXPECT_EQ(read("ts,model,input_tokens\n1,\"a\"\"b\\c\nd\",1.5\n"),
            Cells{R"({"ts":1,"model":"a\"b\\c\u000ad","input_tokens":1.5})"});
  EXPECT_EQ(lines_, 3);
}

TEST_F(CsvEventsTest, RowsOfAnotherWidthGoOnAsTheyAre) {
  EXPECT_EQ(read("ts,model\n1,m,extra\n1\n2,m\n3,\"open\n"),
            (Cells{"1,m,extra", "1", R"({"ts":2,"model":"m"})", "3,\"open"}));
}

TEST_F(CsvEventsTest, AStrayQuoteCostsItsOwnLineOnly) {
  EXPECT_EQ(read("ts,model,note\n1,m,\"5 inch\n2,m,x\n3,m,\"with, comma\"\n4,\"m,y\n5,m,z\n"),
            (Cells{"1,m,\"5 inch", R"({"ts":2,"model":"m"})", R"({"ts":3,"model":"m"})", "4,\"m,y",
                   R"({"ts":5,"model":"m"})"}));
  EXPECT_EQ(lines_, 6);
}

TEST_F(CsvEventsTest, LinesBehindAStrayQuoteKeepTheirNumbers) {
  auto events = CsvEvents::open(directory_.write("calls.csv", "ts,model\n1,\"m\n2,n\n3,\"o\np\"\n4,q\n"), {});
  ASSERT_TRUE(events);
  std::vector<std::int64_t> lines;
  while ((*events)->next()->has_value()) lines.push_back((*events)->lines());
  EXPECT_EQ(lines, (std::vector<std::int64_t>{2, 3, 5, 6}));
}

TEST_F(CsvEventsTest, AQuoteThatStaysOpenIsGivenUpAfterAThousandLines) {
  std::string text = "ts,model,note\n0,m,\"open\n";
  Cells expected{"0,m,\"open"};
  for (int i = 1; i <= 2500; ++i) {
    text += std::to_string(i) + ",m,\"\"\n";  // within an open quote, a quote written twice
    expected.push_back(R"({"ts":)" + std::to_string(i) + R"(,"model":"m"})");
  }
  EXPECT_EQ(read(text), expected);
}

TEST_F(CsvEventsTest, ColumnsThatAreMissing) {
  const std::string path = directory_.file("calls.csv");
  EXPECT_EQ(read("time,model\n"), Cells{"reading " + path +
                                        ":1: no column is \"ts\"; say which with --columns ts=COLUMN; the columns are: "
                                        "time, model"});
  EXPECT_EQ(read("time,model\n", {"ts=when"}),
            Cells{"reading " + path + ":1: no column \"when\" for ts; the columns are: time, model"});
  EXPECT_EQ(read("", {})[0].find("reading " + path + ":1: no column is \"ts\""), 0U);
}

TEST_F(CsvEventsTest, ColumnItemsThatAreWrong) {
  for (const auto& [items, problem] :
       std::vector<std::pair<Cells, std::string>>{{{"ts"}, "say FIELD=COLUMN"},
                                                  {{"ts="}, "say FIELD=COLUMN"},
                                                  {{"colour=red"}, "no field that a column can hold"},
                                                  {{"tags=red"}, "no field that a column can hold"},
                                                  {{"app=a", "application=b"}, "given twice"}}) {
    const auto parsed = parse_columns(items);
    ASSERT_FALSE(parsed) << items[0];
    EXPECT_EQ(parsed.error().code, core::ErrorCode::usage);
    EXPECT_NE(parsed.error().message.find(problem), std::string::npos) << parsed.error().message;
  }
}

}  // namespace
}  // namespace costdrift::replay
