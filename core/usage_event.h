// UsageEvent: one call (attempt) to a language model, in costdrift's canonical form (event schema v1, docs/EVENTS.md).
//
// Every input format becomes this struct; nothing behind the decoder knows another. Absent is never zero: optional
// fields that the producer left out are nullopt (numbers) or empty (text).
//
// Threads  a plain value; the text fields borrow from the decoder's buffer and die with the next decode.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/money.h"
#include "core/time.h"

namespace costdrift::core {

enum class CallStatus : std::uint8_t { ok = 0, error = 1, cancelled = 2 };

enum class CostSource : std::uint8_t {
  unknown = 0,   // no cost in the event and no price for the model
  reported = 1,  // the event's own cost_usd
  computed = 2,  // from the price file
};

struct UsageEvent {
  EventTime ts;               // completion of the call
  std::string_view event_id;  // unique per attempt; empty: no de-duplication
  std::string_view app;       // empty: unattributed
  std::string_view model;     // the billed model; never empty
  std::string_view provider;
  std::string_view team, owner, technical_owner, env, cost_center, use_case, business_process, request_type, user,
      api_key_id, region, service_tier, prompt_version;

  CallStatus status = CallStatus::ok;
  std::string_view error_type;
  std::optional<std::int32_t> http_status;

  std::optional<std::int64_t> input_tokens;           // total, cache reads and writes included
  std::optional<std::int64_t> output_tokens;          // total, reasoning included
  std::optional<std::int64_t> cache_read_tokens;      // subset of input
  std::optional<std::int64_t> cache_write_tokens;     // subset of input
  std::optional<std::int64_t> cache_write_1h_tokens;  // subset of cache_write
  std::optional<std::int64_t> reasoning_tokens;       // subset of output
  std::optional<std::int64_t> retrieved_tokens;       // context fetched by retrieval, inside input
  std::optional<std::int64_t> retrieved_docs;
  std::optional<std::int64_t> tool_calls;  // tool calls asked for in this response

  std::optional<NanoUsd> reported_cost;  // cost_usd of the event; 0 is really free
  bool gateway_cache_hit = false;        // answered without a provider call

  std::int64_t attempts = 1;  // attempts this event stands for: 1, or 1 + retry_count
  std::int64_t retries = 0;   // of these, how many repeat an earlier attempt

  std::optional<double> latency_ms;
  std::optional<double> ttft_ms;
  std::optional<bool> stream;

  std::string_view run_id;           // agent run; empty: not part of a run
  std::optional<std::int64_t> step;  // 1-based position in the run
  std::string_view parent_run_id, agent;
  bool run_end = false;  // the last call of its run
  std::string_view conversation_id, trace_id, span_id;
  std::string_view outcome;

  // Filled by pricing (intake), not by the decoder.
  CostSource cost_source = CostSource::unknown;
  NanoUsd cost;                      // 0 when unknown
  NanoUsd input_cost;                // share of `cost` for input tokens of every kind
  NanoUsd output_cost;               // share of `cost` for output tokens; input_cost + output_cost == cost
  std::optional<NanoUsd> list_cost;  // by the price list, whatever was reported; absent: the model is not listed
  // How dear the model is: a thousand input and 250 output tokens by the price list, in the standard tier.
  std::optional<NanoUsd> model_price;
  NanoUsd cacheable_cost;  // what reading the whole input from the cache would save against reading none of it
};

}  // namespace costdrift::core
