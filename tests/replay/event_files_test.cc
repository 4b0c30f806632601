// Directories of event files, and the progress line.
#include "replay/event_files.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <sstream>

#include "replay/progress.h"
#include "tests/support/fake_clock.h"
#include "tests/support/temp_dir.h"

namespace costdrift::replay {
namespace {

TEST(ExpandDirectoriesTest, EventFilesInTheOrderOfTheirNumbers) {
  const tests::TempDir directory;
  for (const char* name :
       {"p10.jsonl", "p2.jsonl.zst", "p1.csv.gz", "p1b.ndjson", ".hidden.jsonl", "README.md", "x.gz"}) {
    directory.write(name, "");
  }
  std::filesystem::create_directory(directory.file("p3.jsonl"));
  const auto expanded = expand_directories({"-", directory.path(), "named.txt"});
  ASSERT_TRUE(expanded) << expanded.error().message;
  EXPECT_EQ(*expanded,
            (std::vector<std::string>{"-", directory.file("p1.csv.gz"), directory.file("p1b.ndjson"),
                                      directory.file("p2.jsonl.zst"), directory.file("p10.jsonl"), "named.txt"}));
}

TEST(ExpandDirectoriesTest, ADirectoryWithoutEvents) {
  const tests::TempDir directory;
  const auto expanded = expand_directories({directory.path()});
  ASSERT_FALSE(expanded);
  EXPECT_EQ(expanded.error().code, core::ErrorCode::bad_data);
  EXPECT_NE(expanded.error().message.find(directory.path()), std::string::npos);
}

TEST(ProgressTest, BarRateAndTimeLeft) {
  EXPECT_EQ(progress_text(1'000'000, 0.25, core::seconds(4)),
            "[=====>              ]  25 %   1,000,000 events   250,000/s   12 s left");
  EXPECT_EQ(progress_text(5'000, -1, core::seconds(2)), "5,000 events   2,500/s");
  EXPECT_EQ(progress_text(0, 0, {}), "[>                   ]   0 %   0 events");
  EXPECT_EQ(progress_text(10, 1, core::seconds(1)), "[====================] 100 %   10 events   10/s");
}

TEST(ProgressTest, WritesToTerminalsOnlyAndNotTooOften) {
  tests::FakeClock clock;
  std::ostringstream terminal, file;
  Progress shown(clock, terminal, true), silent(clock, file, false);
  for (int i = 0; i < 10; ++i) {
    clock.advance(core::milliseconds(50));
    shown.update(i, 0.5);
    silent.update(i, 0.5);
  }
  shown.clear();
  silent.clear();
  EXPECT_EQ(file.str(), "");
  const std::string text = terminal.str();
  EXPECT_EQ(std::count(text.begin(), text.end(), '\r'), 4) << "three times in half a second, and wiped at the end";
  EXPECT_TRUE(text.ends_with("\r\x1b[K"));
}

}  // namespace
}  // namespace costdrift::replay
