// `costdrift convert`: public traces -> canonical events (JSON lines in event-time order), so that costdrift can be
// tried on real traffic.
//
//   claude-code  342 coding-agent sessions (callanjfox/kv-cache-tester, as CSV: trace, agent, depth, step, t, model,
//                in, out, cached, ...). Sessions have no dates: they begin evenly spread, `sessions_per_day` of them,
//                and are drawn at random with replacement for `days` days, each dealt to one of `apps` applications.
//                What goes on when the last day ends is cut off.
//                input_tokens = in, cache_read_tokens = cached, run_id = session and agent, step as given.
//   azure-llm    arrival time, context and generated tokens (Azure Public Dataset, LLM inference traces 2023): times as
//                they are, app "azure-conv" or "azure-code" by file name, model gpt-4o.
//
// Deterministic: the same file and options give the same bytes.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "core/result.h"

namespace costdrift::replay {

struct ConvertOptions {
  std::string trace;  // "claude-code" or "azure-llm"
  std::string input;  // CSV, .zst or .gz too, - for standard input
  int days = 14;
  int sessions_per_day = 120;
  int apps = 8;
  std::uint64_t seed = 1;
};

// Error (bad_data): the file is not such a trace, with file and line. `write` gets one event a call, without line end.
core::Result<std::int64_t> convert(const ConvertOptions& options, const std::function<void(std::string_view)>& write);

int convert_command(const ConvertOptions& options);

}  // namespace costdrift::replay
