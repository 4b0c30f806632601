#include "replay/log_reader.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <thread>

#include "tests/replay/replay_files.h"

namespace costdrift::replay {
namespace {

using test_support::gzip;
using test_support::joined;
using test_support::many_lines;
using test_support::read_back;
using test_support::zstd;
using Lines = std::vector<std::string>;

class LogReaderTest : public ::testing::Test {
 protected:
  std::string file(const std::string& bytes) { return directory_.write("events", bytes); }

  tests::TempDir directory_;
};

TEST_F(LogReaderTest, ReadsPlainGzipAndZstdByContent) {
  const Lines lines = many_lines();
  const std::string text = joined(lines);
  EXPECT_EQ(read_back(file(text)).lines, lines);
  EXPECT_EQ(read_back(file(gzip(text))).lines, lines);
  EXPECT_EQ(read_back(file(zstd(text))).lines, lines);
}

TEST_F(LogReaderTest, SeveralGzipMembersAndZstdFramesAreOneFile) {
  const Lines lines = many_lines();
  const std::string text = joined(lines), first = text.substr(0, 100'001), rest = text.substr(100'001);
  EXPECT_EQ(read_back(file(gzip(first) + gzip("") + gzip(rest))).lines, lines);
  EXPECT_EQ(read_back(file(zstd(first) + zstd("") + zstd(rest))).lines, lines);
}

TEST_F(LogReaderTest, KeepsEmptyLinesAndTheLastLineWithoutEnd) {
  EXPECT_EQ(read_back(file("a\n\nb")).lines, (Lines{"a", "", "b"}));
  EXPECT_EQ(read_back(file("a\n")).lines, Lines{"a"});
  EXPECT_EQ(read_back(file("\n")).lines, Lines{""});
  EXPECT_EQ(read_back(file("")).lines, Lines{});
  EXPECT_EQ(read_back(file(gzip(""))).lines, Lines{});
  EXPECT_EQ(read_back(file("a")).lines, Lines{"a"});
}

TEST_F(LogReaderTest, CutsTheCarriageReturnOfWindows) {
  EXPECT_EQ(read_back(file("a\r\nb\r\n")).lines, (Lines{"a", "b"}));
  const Lines lines = many_lines();
  EXPECT_EQ(read_back(file(joined(lines, "\r\n"))).lines, lines);
}

TEST_F(LogReaderTest, CountsLinesAndBytes) {
  const std::string path = file(gzip(joined(many_lines())));
  auto reader = LogReader::open(path);
  ASSERT_TRUE(reader);
  while ((*reader)->next()->has_value()) {
  }
  EXPECT_EQ((*reader)->lines(), 30'000);
  EXPECT_EQ((*reader)->bytes_total(), static_cast<std::int64_t>(std::filesystem::file_size(path)));
  EXPECT_EQ((*reader)->bytes_read(), (*reader)->bytes_total());
}

// A file that was cut off anywhere is never mistaken for a whole one.
TEST_F(LogReaderTest, ACutFileIsAnErrorThatNamesIt) {
  const std::string text = joined({"one", "two", "three", std::string(500, 'z')});
  for (const std::string& whole : {gzip(text), zstd(text)}) {
    for (std::size_t size = 5; size < whole.size(); ++size) {
      const std::string path = file(whole.substr(0, size));
      const auto back = read_back(path);
      EXPECT_NE(back.error.find("reading " + path + ": "), std::string::npos) << size << back.error;
      EXPECT_NE(back.error.find("the file is cut off or damaged, fetch it again"), std::string::npos) << back.error;
    }
  }
}

TEST_F(LogReaderTest, DamageInTheMiddleIsAnError) {
  std::string damaged = gzip(joined(many_lines()));
  for (std::size_t i = damaged.size() / 2; i < damaged.size() / 2 + 64; ++i) damaged[i] = '\x55';
  EXPECT_NE(read_back(file(damaged)).error.find("not valid gzip data"), std::string::npos);
}

TEST_F(LogReaderTest, WhatCannotBeOpenedIsNamed) {
  const auto missing = read_back(directory_.file("nowhere.jsonl"));
  EXPECT_EQ(missing.error, "opening events file " + directory_.file("nowhere.jsonl") +
                               ": No such file or directory; name a readable JSONL file (.gz, .zst) or -");
  EXPECT_NE(read_back(directory_.path()).error.find("Is a directory"), std::string::npos);
}

TEST_F(LogReaderTest, AnEndlessLineIsAnErrorNotAllOfMemory) {
  const std::string path = file(zstd(std::string(65 << 20, 'a')));
  EXPECT_NE(read_back(path).error.find(path + ":1: a line of more than 64 MiB"), std::string::npos);
}

// Standard input comes in pieces of any size, also compressed.
TEST_F(LogReaderTest, ReadsStandardInput) {
  const Lines lines = many_lines();
  for (const std::string& bytes : {joined(lines), gzip(joined(lines))}) {
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    const int keyboard = dup(STDIN_FILENO);
    ASSERT_GE(dup2(ends[0], STDIN_FILENO), 0);
    std::thread writer([&] {
      for (std::size_t i = 0; i < bytes.size(); i += 1777) {
        const std::size_t size = std::min<std::size_t>(1777, bytes.size() - i);
        if (write(ends[1], bytes.data() + i, size) != static_cast<ssize_t>(size)) break;
      }
      close(ends[1]);
    });
    EXPECT_EQ(read_back("-").lines, lines);
    writer.join();
    close(ends[0]);
    dup2(keyboard, STDIN_FILENO);
    close(keyboard);
  }
}

}  // namespace
}  // namespace costdrift::replay
