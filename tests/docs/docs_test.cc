// The documents keep their word: links lead somewhere, the scripts they name exist, and every whole configuration in
// them loads.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>

#include "config/settings.h"
#include "daemon/catalogue.h"
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

// Every Markdown file of the project, hidden folders, `build` and packages of others left out.
std::vector<fs::path> documents() {
  std::vector<fs::path> found;
  for (auto entry = fs::recursive_directory_iterator(kRoot); entry != fs::recursive_directory_iterator(); ++entry) {
    const std::string name = entry->path().filename();
    if (entry->is_directory() && (name == "build" || name == "node_modules" || name.starts_with("."))) {
      entry.disable_recursion_pending();
    } else if (entry->path().extension() == ".md") {
      found.push_back(entry->path());
    }
  }
  return found;
}

std::vector<std::string> matches(const std::string& text, const std::string& pattern) {
  std::vector<std::string> found;
  const std::regex regex(pattern);
  for (auto it = std::sregex_iterator(text.begin(), text.end(), regex); it != std::sregex_iterator(); ++it) {
    found.push_back((*it)[1]);
  }
  return found;
}

std::vector<std::string> links(const std::string& text) { return matches(text, R"(\]\(([^)#: ]+)(#[^)]*)?\))"); }

std::vector<std::string> scripts(const std::string& text) { return matches(text, R"(\b(scripts/[a-z][a-z_-]*))"); }

// The fenced YAML blocks that are whole configurations: those that say where Kafka is.
std::vector<std::string> configurations(const std::string& text) {
  std::vector<std::string> found;
  const std::string fence = "```yaml\n";
  for (auto begin = text.find(fence); begin != std::string::npos; begin = text.find(fence, begin)) {
    begin += fence.size();
    const auto end = text.find("```", begin);
    if (end == std::string::npos) break;
    const std::string block = text.substr(begin, end - begin);
    if (std::regex_search(block, std::regex("(^|\n)kafka:"))) found.push_back(block);
    begin = end;
  }
  return found;
}

TEST(Documents, AreFoundAndTheirPartsAreRead) {
  EXPECT_GE(documents().size(), 2u);
  const std::string text =
      "see [a](docs/A.md#part), [b](https://b.example) and `scripts/no-such --x`\n"
      "```yaml\nkafka:\n  brokers: b:9092\n```\n```yaml\nsinks: {}\n```\n";
  EXPECT_EQ(links(text), std::vector<std::string>{"docs/A.md"});
  EXPECT_EQ(scripts(text), std::vector<std::string>{"scripts/no-such"});
  EXPECT_EQ(configurations(text), std::vector<std::string>{"kafka:\n  brokers: b:9092\n"});
}

TEST(Documents, LinkToFilesThatExist) {
  for (const fs::path& document : documents()) {
    for (const std::string& link : links(read(document))) {
      EXPECT_TRUE(fs::exists(document.parent_path() / link)) << document << " links to " << link;
    }
  }
}

TEST(Documents, NameScriptsThatExist) {
  for (const fs::path& document : documents()) {
    for (const std::string& script : scripts(read(document))) {
      EXPECT_TRUE(fs::exists(kRoot / script)) << document << " names " << script;
    }
  }
}

TEST(Documents, HoldConfigurationsThatLoad) {
  const config::Catalogue catalogue = daemon::catalogue();
  for (const fs::path& document : documents()) {
    for (const std::string& yaml : configurations(read(document))) {
      const auto settings = config::parse_settings(yaml, document.filename(), catalogue);
      EXPECT_TRUE(settings) << settings.error().message;
    }
  }
}

}  // namespace
}  // namespace costdrift
