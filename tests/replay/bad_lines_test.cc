// What a replay could not use, kept in its state: told whole, once and in order, whatever was interrupted.
#include "replay/bad_lines.h"

#include <gtest/gtest.h>

#include <sstream>

#include "tests/support/process.h"
#include "tests/support/temp_dir.h"

namespace costdrift::replay {
namespace {

const daemon::TopicPartition kFirst{"llm.usage", 0}, kSecond{"llm.usage", 1};

std::string place_in_test(const daemon::TopicPartition& partition, std::int64_t offset) {
  return std::to_string(partition.partition) + ":" + std::to_string(offset);
}

class BadLinesTest : public ::testing::Test {
 protected:
  BadLines open(const std::string& path) {
    auto lines = BadLines::open(path);
    EXPECT_TRUE(lines);
    lines->set_places(place_in_test);
    return *std::move(lines);
  }
  static void reject(BadLines& lines, const daemon::TopicPartition& partition, std::int64_t offset,
                     const std::string& detail) {
    lines.on_rejected(partition, offset, daemon::RejectReason::bad_tokens, detail);
  }
  static std::string json(const std::string& place, const std::string& detail) {
    return R"({"place":")" + place + R"(","reason":"bad_tokens","detail":")" + detail + "\"}\n";
  }
  // As the pipeline does: the position behind what was told goes with it.
  void commit(BadLines& lines) {
    store_->put(state::KeySpace::positions, "p", "");
    lines.on_commit(*store_);
    ASSERT_TRUE(store_->commit());
  }
  // The process dies: what was not committed is gone, and the state is opened again.
  void interrupt() {
    store_.reset();
    reopen();
  }
  void reopen() {
    auto store = state::Store::open(directory_.file("state"), {.sync = false});
    ASSERT_TRUE(store);
    store_ = *std::move(store);
  }
  void SetUp() override { reopen(); }

  tests::TempDir directory_;
  std::string path_ = directory_.file("bad.jsonl");
  std::unique_ptr<state::Store> store_;
};

TEST_F(BadLinesTest, TellsWhatWasFoundBeforeAnInterruptionToo) {
  {
    BadLines lines = open(path_);
    ASSERT_TRUE(lines.begin(*store_, true));
    reject(lines, kSecond, 4, "a");
    reject(lines, kFirst, 300, "b1");
    reject(lines, kFirst, 300, "b2");
    commit(lines);
    reject(lines, kFirst, 301, "lost, and found again");
  }
  interrupt();
  const std::string another = directory_.file("another.jsonl");
  BadLines lines = open(another);
  ASSERT_TRUE(lines.begin(*store_, true));
  reject(lines, kFirst, 301, "lost, and found again");
  reject(lines, kSecond, 5, "c");
  commit(lines);
  ASSERT_TRUE(lines.tell_kept(*store_));
  std::ostringstream told;
  ASSERT_TRUE(lines.finish(told));
  EXPECT_EQ(tests::read_file(another), json("0:300", "b1") + json("0:300", "b2") +
                                           json("0:301", "lost, and found again") + json("1:4", "a") +
                                           json("1:5", "c"));
  EXPECT_EQ(told.str(), "  0:300: b1\n  0:300: b2\n  0:301: lost, and found again\n  1:4: a\n  1:5: c\n");
  EXPECT_EQ(lines.count(), 5);
}

TEST_F(BadLinesTest, RefusesToGoOnAfterAReplayThatKeptNothing) {
  for (const std::string& named : {path_, std::string()}) {  // begun with the file, continued without it
    BadLines lines = open(named);
    ASSERT_TRUE(lines.begin(*store_, true));
    commit(lines);
    interrupt();
  }
  directory_.write("bad.jsonl", "what it holds\n");
  BadLines resumed = open(path_);
  const auto begun = resumed.begin(*store_, true);
  ASSERT_FALSE(begun);
  EXPECT_EQ(begun.error().code, core::ErrorCode::usage);
  EXPECT_NE(begun.error().message.find("without --bad-lines"), std::string::npos) << begun.error().message;
  EXPECT_EQ(tests::read_file(path_), "what it holds\n");
}

TEST_F(BadLinesTest, KeepsNothingWithoutAStateThatLasts) {
  directory_.write("bad.jsonl", "of another replay\n");
  BadLines lines = open(path_);
  ASSERT_TRUE(lines.begin(*store_, false));
  reject(lines, kSecond, 4, "a");
  reject(lines, kFirst, 3, "b");
  commit(lines);
  ASSERT_TRUE(lines.tell_kept(*store_));
  std::ostringstream told;
  ASSERT_TRUE(lines.finish(told));
  EXPECT_EQ(tests::read_file(path_), json("1:4", "a") + json("0:3", "b"));
  EXPECT_FALSE(store_->get(state::KeySpace::report, "bad_lines_mark"));
}

}  // namespace
}  // namespace costdrift::replay
