// The commands of docs/TUTORIAL.md, as they stand.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "tests/support/places.h"
#include "tests/support/process.h"
#include "tests/support/temp_dir.h"

namespace costdrift {
namespace {

// The fenced shell blocks of a document, one after another.
std::string commands_in(const std::string& text) {
  std::string commands;
  const std::string fence = "```sh\n";
  for (auto begin = text.find(fence); begin != std::string::npos; begin = text.find(fence, begin)) {
    begin += fence.size();
    commands += text.substr(begin, text.find("```", begin) - begin);
  }
  return commands;
}

TEST(TutorialTest, RunsAsItStands) {
  const tests::TempDir work;
  const std::string commands = commands_in(tests::read_file(tests::source_path("docs/TUTORIAL.md")));
  const auto bin = std::filesystem::path(tests::costdrift_program()).parent_path().string();
  const std::string script = "set -euo pipefail\ncd " + tests::source_path() + "\nexport WORK=" + work.path() +
                             " PATH=" + bin + ":$PATH\n" + commands;
  std::string out, err;
  EXPECT_EQ(tests::run({"/bin/bash", "-c", script}, &out, &err), 0) << err;
  EXPECT_NE(out.find("# costdrift replay"), std::string::npos) << out;
  EXPECT_NE(out.find("What this configuration would catch"), std::string::npos) << out;
  EXPECT_NE(out.find("caught"), std::string::npos) << out;
  EXPECT_NE(err.find("B tells exactly what A tells: 0 times paged"), std::string::npos) << err;
  EXPECT_NE(err.find("0 of 1 known incidents found, 1 missed"), std::string::npos) << err;
  for (const char* made : {"replay.html", "compare.md", "score.json"}) {
    EXPECT_GT(std::filesystem::file_size(work.file(made)), 100U) << made;
  }
}

}  // namespace
}  // namespace costdrift
