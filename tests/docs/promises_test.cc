// The promises of README.md name tests that exist.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>

#include "tests/support/places.h"

namespace costdrift {
namespace {

namespace fs = std::filesystem;

const fs::path kRoot = tests::source_path();

std::string read(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

// The sources of tests/<folder>, one after the other; empty: no such folder.
std::string sources_of(const std::string& folder) {
  std::string text;
  if (!fs::is_directory(kRoot / "tests" / folder)) return text;
  for (const auto& entry : fs::directory_iterator(kRoot / "tests" / folder)) {
    if (entry.path().extension() == ".cc") text += read(entry.path());
  }
  return text;
}

// "folder.Suite", "folder.Suite.Test" or "folder": the names that `ctest -R` finds.
bool exists(const std::string& name) {
  std::istringstream parts(name);
  std::string folder, suite, test;
  std::getline(parts, folder, '.'), std::getline(parts, suite, '.'), std::getline(parts, test, '.');
  const std::string sources = sources_of(folder);
  if (sources.empty() || suite.empty()) return !sources.empty();
  const std::string wanted = R"(TEST(_F|_P)?\()" + suite + (test.empty() ? "[A-Za-z]*," : R"(,\s*)" + test + R"(\))");
  return std::regex_search(sources, std::regex(wanted));
}

// The backquoted words of the second column of the table of promises.
std::vector<std::string> promised_tests(const std::string& readme) {
  const auto begin = readme.find("| promise | test |");
  const auto end = readme.find("\n\n", begin);
  std::istringstream rows(readme.substr(begin, end - begin));
  std::vector<std::string> names;
  for (std::string row; std::getline(rows, row);) {
    const auto column = row.rfind("| ", row.size() - 2);
    if (column == std::string::npos) continue;  // the line under the heading
    const std::string tests = row.substr(column);
    const std::regex quoted("`([^`]+)`");
    for (std::sregex_iterator name(tests.begin(), tests.end(), quoted), none; name != none; ++name) {
      names.push_back((*name)[1]);
    }
  }
  return names;
}

TEST(Promises, EachNamesATestThatExists) {
  EXPECT_TRUE(exists("docs.Promises.EachNamesATestThatExists"));
  EXPECT_FALSE(exists("docs.Promises.NoSuchTest"));
  EXPECT_FALSE(exists("docs.NoSuchSuite"));
  const auto names = promised_tests(read(kRoot / "README.md"));
  EXPECT_GE(names.size(), 20U);
  for (const auto& name : names) EXPECT_TRUE(exists(name)) << "README.md promises by " << name;
}

}  // namespace
}  // namespace costdrift
