// Any bytes as a configuration file: either settings, which are printed as a file that loads to the same, or problems,
// each on a line of its own that says where it stands and what to do.
#include <algorithm>
#include <cstdint>
#include <sstream>

#include "config/problems.h"
#include "core/text.h"
#include "tests/config/test_catalogue.h"
#include "tests/fuzz/require.h"

namespace {

using namespace costdrift;
using tests::require;

constexpr std::string_view kFile = "fuzz.yaml:";

// "fuzz.yaml:12: kafka.brokers: missing; it must be given"; the last line may count what is not shown.
void check_problem(std::string_view line, long lines_of_the_file) {
  require(line.starts_with(kFile), "a problem begins with the file");
  require(core::escape_for_log(line, 64 << 10) == line, "a problem is one escaped line of UTF-8");
  line.remove_prefix(kFile.size());
  if (line.starts_with(" and ") && line.ends_with(" more problems")) return;
  const auto colon = line.find(": ");
  const std::string_view number = line.substr(0, colon);
  require(!number.empty() && number.size() < 8 && number.find_first_not_of("0123456789") == std::string_view::npos,
          "then the line");
  const long stands_on = std::stol(std::string(number));
  require(stands_on >= 1 && stands_on <= lines_of_the_file, "a line of the file");
  require(line.find("; ", colon) != std::string_view::npos, "and a remedy");
}

void check_problems(const std::string& message, const std::string& yaml) {
  require(!message.empty(), "an error says what is wrong");
  // YAML ends a line with \r, too, and an error may stand behind the last one.
  const long lines = 2 + std::count(yaml.begin(), yaml.end(), '\n') + std::count(yaml.begin(), yaml.end(), '\r');
  std::istringstream in(message);
  std::size_t count = 0;
  for (std::string line; std::getline(in, line); ++count) check_problem(line, lines);
  require(count <= config::kMaxProblemsShown + 1, "not too many at once");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto catalogue = config::test_catalogue();
  const std::string yaml(reinterpret_cast<const char*>(data), size);
  const auto settings = config::parse_settings(yaml, "fuzz.yaml", catalogue);
  if (!settings) {
    check_problems(settings.error().message, yaml);
    return 0;
  }
  const std::string printed = config::print_effective(*settings, catalogue);
  const auto again = config::parse_settings(printed, "printed.yaml", catalogue);
  if (!again) std::fprintf(stderr, "%s\n%s\n", again.error().message.c_str(), printed.c_str());
  require(static_cast<bool>(again), "what is in force is printed as a file that loads");
  require(config::print_effective(*again, catalogue) == printed, "and that is printed the same");
  return 0;
}
