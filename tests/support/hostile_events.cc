#include "tests/support/hostile_events.h"

namespace costdrift::tests {

using Reason = daemon::RejectReason;

std::string event_with(std::string_view fields) {
  return R"({"ts":"2026-03-02T14:05:00Z","model":"m","input_tokens":100,"output_tokens":20)" +
         (fields.empty() ? "" : "," + std::string(fields)) + "}";
}

std::string repeat(std::string_view text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

std::string many_fields(int count) {
  std::string fields;
  for (int i = 0; i < count; ++i) fields += (i ? ",\"x" : "\"x") + std::to_string(i) + "\":1";
  return fields;
}

std::string with_app(const std::string& app) { return event_with("\"app\":\"" + app + "\""); }

std::vector<Hostile> hostile_documents() {
  return {
      {"no_bytes", "", Reason::empty, "empty"},
      {"spaces", " \r\n\t ", Reason::empty, "empty"},
      {"empty_array", "[]", Reason::empty, "array"},
      {"too_large", event_with("\"x\":\"" + repeat("y", 262'144) + "\""), Reason::too_large, "262144"},
      {"not_json", "hello", Reason::malformed, "not JSON"},
      {"truncated", R"({"ts":"2026-03-02T14:05:00Z","model":"m")", Reason::malformed, "not JSON"},
      {"truncated_text", R"({"ts":"2026-03-02T14)", Reason::malformed, "not JSON"},
      {"trailing_garbage", event_with("") + "x", Reason::malformed, "not JSON"},
      {"trailing_brace", event_with("") + "}", Reason::malformed, "not JSON"},
      {"two_objects_on_a_line", event_with("") + event_with(""), Reason::malformed, "not JSON"},
      {"comment", "/* x */" + event_with(""), Reason::malformed, "not JSON"},
      {"trailing_comma", R"({"ts":1,})", Reason::malformed, "not JSON"},
      {"single_quotes", "{'ts':1}", Reason::malformed, "not JSON"},
      {"byte_order_mark", "\xEF\xBB\xBF" + event_with(""), Reason::malformed, "not JSON"},
      {"invalid_utf8", with_app("\xC3\x28"), Reason::malformed, "not JSON"},
      {"overlong_utf8", with_app("\xC0\xAF"), Reason::malformed, "not JSON"},
      {"utf8_surrogate", with_app("\xED\xA0\x80"), Reason::malformed, "not JSON"},
      {"lone_surrogate", with_app("\\ud800"), Reason::malformed, "not JSON"},
      {"raw_control_character", with_app("a\x01"), Reason::malformed, "not JSON"},
      {"nul_byte", std::string("{\"ts\":1\0}", 9), Reason::malformed, "not JSON"},
      {"number", "42", Reason::malformed, "not a JSON object"},
      {"text", "\"x\"", Reason::malformed, "not a JSON object"},
      {"null", "null", Reason::malformed, "not a JSON object"},
      {"array_of_number", "[1]", Reason::malformed, "not a JSON object"},
      {"array_in_array", "[[" + event_with("") + "]]", Reason::malformed, "not a JSON object"},
      {"number_too_large", event_with("\"x\":1e400"), Reason::malformed, "not JSON"},
      {"integer_too_long", event_with("\"x\":" + repeat("9", 30)), Reason::malformed, "not JSON"},
      {"leading_zero", event_with("\"x\":01"), Reason::malformed, "not JSON"},
      {"not_a_number", event_with("\"x\":NaN"), Reason::malformed, "not JSON"},
      {"deep", event_with("\"x\":" + repeat("[", 40) + repeat("]", 40)), Reason::malformed, "deeper than 32"},
      {"very_deep", repeat("[", 100'000), Reason::malformed, "not JSON"},
      {"129_fields", event_with(many_fields(125)), Reason::too_large, "129 fields"},
  };
}

std::vector<Hostile> hostile_times_and_texts() {
  return {
      {"schema_2", event_with(R"("schema_version":2)"), Reason::schema_version, "major 1"},
      {"schema_text", event_with(R"("schema_version":"2.0")"), Reason::schema_version, "major 1"},
      {"schema_10", event_with(R"("schema_version":"10")"), Reason::schema_version, "major 1"},
      {"schema_type", event_with(R"("schema_version":true)"), Reason::bad_type, "schema_version"},
      {"ts_missing", R"({"model":"m","input_tokens":1,"output_tokens":1})", Reason::missing_field, "ts"},
      {"ts_null", R"({"ts":null,"model":"m","input_tokens":1,"output_tokens":1})", Reason::missing_field, "ts"},
      {"ts_type", event_with(R"("ts":true)"), Reason::bad_type, "ts: a boolean"},
      {"ts_object", event_with(R"("ts":{})"), Reason::bad_type, "ts: an object"},
      {"ts_text", event_with(R"("ts":"yesterday")"), Reason::bad_timestamp, "\"yesterday\" is not a time"},
      {"ts_empty", event_with(R"("ts":"")"), Reason::bad_timestamp, "is not a time"},
      {"ts_month_13", event_with(R"("ts":"2026-13-01T00:00:00Z")"), Reason::bad_timestamp, "is not a time"},
      {"ts_1999", event_with(R"("ts":"1999-12-31T23:59:59Z")"), Reason::bad_timestamp, "before 2020"},
      {"ts_2019", event_with(R"("ts":1577836799)"), Reason::bad_timestamp, "before 2020"},
      {"ts_zero", event_with(R"("ts":0)"), Reason::bad_timestamp, "before 2020"},
      {"ts_negative", event_with(R"("ts":-1)"), Reason::bad_timestamp, "-1 is not a time"},
      {"ts_negative_real", event_with(R"("ts":-1.5)"), Reason::bad_timestamp, "is not a time"},
      {"ts_2201", event_with(R"("ts":7289654400)"), Reason::bad_timestamp, "after 2200"},
      {"ts_huge", event_with(R"("ts":18446744073709551615)"), Reason::bad_timestamp, "after 2200"},
      {"ts_1e300", event_with(R"("ts":1e300)"), Reason::bad_timestamp, "is not a time"},
      {"model_missing", R"({"ts":1767225602,"input_tokens":1,"output_tokens":1})", Reason::missing_field, "model"},
      {"model_blank", event_with(R"("model":"   ")"), Reason::missing_field, "model"},
      {"model_type", event_with(R"("model":7)"), Reason::bad_type, "model: a number where a string"},
      {"app_129_bytes", with_app(repeat("a", 129)), Reason::bad_text, "129 bytes, more than 128"},
      {"app_129_bytes_of_utf8", with_app(repeat("\xE2\x82\xAC", 43)), Reason::bad_text, "129 bytes"},
      {"app_newline", with_app("a\\nb"), Reason::bad_text, "U+000A"},
      {"app_nul", with_app("a\\u0000"), Reason::bad_text, "U+0000"},
      {"app_only_escape", with_app("\\u001b"), Reason::bad_text, "U+001B"},
      {"app_delete", with_app("abcdefg\x7F"), Reason::bad_text, "U+007F"},
      {"app_c1", with_app("abcdefgh\xC2\x9B"), Reason::bad_text, "U+009B"},
      {"app_bidi_override", with_app("a\xE2\x80\xAE"), Reason::bad_text, "U+202E"},
      {"app_bidi_isolate", with_app("\\u2066x"), Reason::bad_text, "U+2066"},
      {"app_line_separator", with_app("a\\u2028b"), Reason::bad_text, "U+2028"},
      {"alias_is_judged", event_with("\"application\":\"\\t\""), Reason::bad_text, "app:"},
      {"status_unknown", event_with(R"("status":"success")"), Reason::bad_text, "\"success\" is none of"},
      {"status_type", event_with(R"("status":200)"), Reason::bad_type, "status: a number"},
      {"tags_type", event_with(R"("tags":["a"])"), Reason::bad_type, "tags"},
      {"tags_nested", event_with(R"("tags":{"a":{}})"), Reason::bad_type, "tags"},
      {"tags_control", event_with(R"("tags":{"a":"\u0007"})"), Reason::bad_text, "tags"},
      {"tags_name", event_with(R"("tags":{"\u0007":"a"})"), Reason::bad_text, "tags"},
      {"tags_17", event_with("\"tags\":{" + many_fields(17) + "}"), Reason::too_large, "17, more than 16"},
  };
}

std::vector<Hostile> hostile_numbers() {
  return {
      {"input_missing", R"({"ts":1767225602,"model":"m","output_tokens":1})", Reason::missing_field, "input_tokens"},
      {"output_missing", R"({"ts":1767225602,"model":"m","input_tokens":1})", Reason::missing_field, "output_tokens"},
      {"tokens_negative", event_with(R"("input_tokens":-5)"), Reason::bad_tokens,
       "input_tokens: -5 is not in 0..1000000000"},
      {"tokens_over", event_with(R"("output_tokens":1000000001)"), Reason::bad_tokens, "1000000001 is not in"},
      {"tokens_int64_min", event_with(R"("input_tokens":-9223372036854775808)"), Reason::bad_tokens, "-92233"},
      {"tokens_uint64_max", event_with(R"("input_tokens":18446744073709551615)"), Reason::bad_tokens,
       "18446744073709551615"},
      {"tokens_half", event_with(R"("input_tokens":12.5)"), Reason::bad_tokens, "12.5 is not an integer"},
      {"tokens_1e300", event_with(R"("input_tokens":1e300)"), Reason::bad_tokens, "1e+300 is not in"},
      {"tokens_text", event_with(R"("input_tokens":"12")"), Reason::bad_type, "a string where an integer"},
      {"tokens_boolean", event_with(R"("input_tokens":true)"), Reason::bad_type, "a boolean"},
      {"cache_over_input", event_with(R"("cache_read_tokens":101)"), Reason::bad_tokens, "more than input_tokens 100"},
      {"cache_sum", event_with(R"("cache_read_tokens":60,"cache_write_tokens":41)"), Reason::bad_tokens, "101 is more"},
      {"one_hour_over_write", event_with(R"("cache_write_tokens":5,"cache_write_1h_tokens":6)"), Reason::bad_tokens,
       "cache_write_1h_tokens: 6"},
      {"one_hour_alone", event_with(R"("cache_write_1h_tokens":6)"), Reason::bad_tokens, "without cache_write_tokens"},
      {"reasoning_over", event_with(R"("reasoning_tokens":21)"), Reason::bad_tokens, "more than output_tokens 20"},
      {"reasoning_alone", R"({"ts":1767225602,"model":"m","status":"error","reasoning_tokens":1})", Reason::bad_tokens,
       "without output_tokens"},
      {"retrieved_negative", event_with(R"("retrieved_tokens":-1)"), Reason::bad_tokens, "retrieved_tokens: -1"},
      {"docs_negative", event_with(R"("retrieved_docs":-1)"), Reason::bad_number, "retrieved_docs"},
      {"tool_calls_real", event_with(R"("tool_calls":0.5)"), Reason::bad_number, "tool_calls: 0.5"},
      {"step_zero", event_with(R"("step":0)"), Reason::bad_number, "step: 0 is not in 1.."},
      {"cost_negative", event_with(R"("cost_usd":-0.01)"), Reason::bad_cost, "cost_usd: -0.01 is not in 0..1000000"},
      {"cost_over", event_with(R"("cost_usd":1000000.01)"), Reason::bad_cost, "is not in"},
      {"cost_text", event_with(R"("cost_usd":"0.1")"), Reason::bad_type, "cost_usd: a string"},
      {"latency_negative", event_with(R"("latency_ms":-1)"), Reason::bad_number, "latency_ms: -1"},
      {"latency_over_a_day", event_with(R"("latency_ms":86400001)"), Reason::bad_number, "86400001 is not in"},
      {"ttft_text", event_with(R"("ttft_ms":"fast")"), Reason::bad_type, "ttft_ms"},
      {"stream_number", event_with(R"("stream":1)"), Reason::bad_type, "true or false"},
      {"run_end_text", event_with(R"("run_end":"true")"), Reason::bad_type, "run_end"},
      {"cache_hit_number", event_with(R"("gateway_cache_hit":0)"), Reason::bad_type, "gateway_cache_hit"},
      {"attempt_zero", event_with(R"("attempt":0)"), Reason::bad_number, "attempt: 0"},
      {"retry_negative", event_with(R"("retry_count":-1)"), Reason::bad_number, "retry_count: -1"},
      {"retry_huge", event_with(R"("retry_count":9223372036854775807)"), Reason::bad_number, "retry_count"},
      {"both_retry_styles", event_with(R"("attempt":1,"retry_count":0)"), Reason::conflict, "never both"},
      {"http_status", event_with(R"("http_status":1000)"), Reason::bad_number, "http_status: 1000"},
  };
}

}  // namespace costdrift::tests
