#include "daemon/demo/event_writer.h"

#include <charconv>
#include <cstring>

#include "daemon/demo/random.h"

namespace costdrift::daemon::demo {

namespace {

char* put(char* out, std::string_view text) {
  std::memcpy(out, text.data(), text.size());
  return out + text.size();
}

char* put(char* out, std::int64_t number) { return std::to_chars(out, out + 24, number).ptr; }

char* put_field(char* out, std::string_view name, std::int64_t number) { return put(put(out, name), number); }

char* put_hex(char* out, std::uint64_t number) {
  constexpr char kDigits[] = "0123456789abcdef";
  for (int shift = 60; shift >= 0; shift -= 4) *out++ = kDigits[(number >> shift) & 15];
  return out;
}

std::string fixed_part(const AppProfile& profile, const Model& model, const UseCase& use_case) {
  std::string text;
  const auto add = [&text](std::string_view name, std::string_view value) {
    text.append(",\"").append(name).append("\":\"").append(value).append("\"");
  };
  add("app", profile.app);
  add("provider", model.provider);
  add("model", model.name);
  add("team", profile.team);
  add("owner", profile.owner);
  add("env", profile.env);
  add("cost_center", profile.cost_center);
  add("region", profile.region);
  add("use_case", use_case.name);
  return text;
}

char* put_run(char* out, const Call& call) {
  out = put(put_hex(put(out, ",\"run_id\":\"run-"), call.run), "\"");
  out = put_field(out, ",\"step\":", call.step);
  return call.run_end ? put(out, ",\"run_end\":true") : out;
}

char* put_usage(char* out, const Call& call) {
  out = put_field(out, ",\"input_tokens\":", call.input);
  if (call.cached != kAbsent) out = put_field(out, ",\"cache_read_tokens\":", call.cached);
  if (call.retrieved != kAbsent) out = put_field(out, ",\"retrieved_tokens\":", call.retrieved);
  out = put_field(out, ",\"output_tokens\":", call.output);
  if (call.tool_calls != kAbsent) out = put_field(out, ",\"tool_calls\":", call.tool_calls);
  return out;
}

}  // namespace

EventWriter::EventWriter() {
  for (const AppProfile& profile : all_apps()) {
    std::vector<std::string>& parts = fixed_parts_[&profile];
    for (const ModelShare& model : profile.models) {
      for (const UseCase& use_case : profile.use_cases) parts.push_back(fixed_part(profile, *model.model, use_case));
    }
  }
}

char* EventWriter::write_time(char* out, core::EventTime ts) {
  const core::EventTime second = core::floor_to(ts, core::seconds(1));
  if (second != second_) {
    second_ = second;
    second_text_ = core::format_rfc3339(second);
    second_text_.pop_back();  // the Z comes after the milliseconds
  }
  const auto ms = static_cast<int>((ts - second).us / 1000);
  out = put(out, second_text_);
  *out++ = '.';
  *out++ = static_cast<char>('0' + ms / 100);
  *out++ = static_cast<char>('0' + ms / 10 % 10);
  *out++ = static_cast<char>('0' + ms % 10);
  *out++ = 'Z';
  return out;
}

std::string_view EventWriter::write(const Call& call, std::uint64_t number) {
  if (call.profile != cached_profile_) {
    cached_profile_ = call.profile;
    cached_parts_ = &fixed_parts_.at(call.profile);
  }
  char* out = buffer_.data();
  out = write_time(put(out, "{\"ts\":\""), call.ts);
  out = put_hex(put(out, "\",\"event_id\":\"demo-"), number);
  out = put(out, "\"");
  out = put(out, (*cached_parts_)[call.model * call.profile->use_cases.size() + call.use_case]);
  out = put(put(put(out, ",\"prompt_version\":\""), call.prompt_version), "\"");
  const std::uint64_t trace = call.run != 0 ? call.run : mix(number);
  out = put(put_hex(put_hex(put(out, ",\"trace_id\":\""), trace), mix(trace)), "\"");
  if (call.run != 0) out = put_run(out, call);
  if (call.attempt != 0) out = put_field(out, ",\"attempt\":", call.attempt);
  if (call.failed) {
    out = put(out, ",\"status\":\"error\",\"error_type\":\"rate_limit\",\"http_status\":429");
  } else {
    out = put_usage(put(out, ",\"status\":\"ok\""), call);
  }
  out = put_field(out, ",\"latency_ms\":", call.latency_ms);
  out = put(out, "}");
  return {buffer_.data(), static_cast<std::size_t>(out - buffer_.data())};
}

}  // namespace costdrift::daemon::demo
