#include "tests/support/real_traces.h"

#include "replay/convert.h"

namespace costdrift::tests {
namespace {

TrafficLog converted(const replay::ConvertOptions& options) {
  std::vector<std::string> lines;
  const auto written = replay::convert(options, [&](std::string_view line) { lines.emplace_back(line); });
  if (!written) core::bug(written.error().message.c_str());
  return deal(lines, 3);
}

}  // namespace

TrafficLog claude_code_log(const std::string& source_dir) {
  return converted({.trace = "claude-code",
                    .input = source_dir + "/tests/data/traces/claude-code-calls.csv.zst",
                    .days = 4,
                    .apps = 4});
}

TrafficLog azure_log(const std::string& source_dir) {
  return converted(
      {.trace = "azure-llm", .input = source_dir + "/tests/data/traces/AzureLLMInferenceTrace_conv.csv.zst"});
}

}  // namespace costdrift::tests
