// Any bytes as a record, after any other record and priced as the daemon prices: every record gives at least one event
// or reason, what is accepted is within the limits that everything behind relies on, and what a record comes to does
// not depend on the records before it.
//
// Input  records, one after the other, between bytes 0x1E (record separators).
#include <algorithm>
#include <cstdint>

#include "core/text.h"
#include "daemon/decode/decode_fields.h"
#include "daemon/decode/decoded_batch.h"
#include "tests/fuzz/require.h"

namespace {

using namespace costdrift;
using tests::require;

constexpr std::size_t kMaxMessageBytes = 4096;

config::Settings small_records() {
  config::Settings settings;
  settings.limits.max_message_bytes = kMaxMessageBytes;
  return settings;
}

daemon::Decoders decoders() { return std::move(*daemon::Decoders::make(small_records())); }

void check_text(std::string_view text) {
  require(text.size() <= 128, "a text is at most 128 bytes");
  require(core::is_valid_utf8(text), "a text is UTF-8");
  require(core::escape_for_log(text, 1024) == text, "a text holds no control character");
  require(text.empty() || (text.front() != ' ' && text.back() != ' '), "no spaces around a text");
}

void check_fields(const core::UsageEvent& event) {
  for (const auto& field : daemon::event_fields()) {
    if (field.text != nullptr) check_text(event.*field.text);
    if (field.integer != nullptr && event.*field.integer) {
      const auto value = *(event.*field.integer);
      require(value >= field.range.min && value <= field.range.max, "an integer is in its range");
    }
    if (field.milliseconds != nullptr && event.*field.milliseconds) {
      const double value = *(event.*field.milliseconds);
      require(value >= 0 && value <= 86'400'000, "milliseconds are within a day");
    }
  }
}

void check_event(const core::UsageEvent& event) {
  check_fields(event);
  require(!event.model.empty(), "a model");
  require(event.ts.us >= 1'577'836'800'000'000 && event.ts.us < 7'289'654'400'000'000, "a time from 2020 to 2200");
  require(event.status != core::CallStatus::ok || (event.input_tokens && event.output_tokens), "tokens of a success");
  require(event.cache_read_tokens.value_or(0) + event.cache_write_tokens.value_or(0) <= event.input_tokens.value_or(0),
          "cached tokens are a part of the input");
  require(event.reasoning_tokens.value_or(0) <= event.output_tokens.value_or(0), "reasoning is a part of the output");
  require(event.attempts >= 1 && event.retries >= 0 && event.retries <= event.attempts, "retries are attempts");
  require(event.http_status.value_or(0) >= 0 && event.http_status.value_or(0) <= 999, "an HTTP status");
}

void check_cost(const core::UsageEvent& event) {
  require(event.cost.nano >= 0, "a cost is not negative");
  require(event.cost_source != core::CostSource::reported || event.cost == event.reported_cost, "what was reported");
  require(event.cost_source != core::CostSource::unknown || event.cost.nano == 0, "no cost where none is known");
  require(event.input_cost + event.output_cost == event.cost, "the parts are the whole");
  require(event.input_cost.nano >= 0 && event.output_cost.nano >= 0, "no part is negative");
  require(event.list_cost.value_or(core::NanoUsd{}).nano >= 0, "a list cost is not negative");
}

void check_record(const daemon::DecodedRecord& decoded) {
  require(!decoded.events.empty() || !decoded.rejections.empty(), "an event or a reason");
  for (const auto& event : decoded.events) {
    check_event(event);
    check_cost(event);
  }
  for (const auto& [reason, detail] : decoded.rejections) {
    require(!daemon::reject_name(reason).empty(), "a reason has a name");
    require(!detail.empty() && detail.size() <= 200, "a reason is one line");
    require(core::escape_for_log(detail, 1024) == detail, "a reason is escaped");
  }
  if (decoded.record.value.size() <= kMaxMessageBytes) return;
  require(decoded.events.empty() && decoded.rejections.size() == 1 &&
              decoded.rejections[0].reason == daemon::RejectReason::too_large,
          "a record over the limit is one rejection");
}

bool same_event(const core::UsageEvent& a, const core::UsageEvent& b) {
  bool same = a.ts == b.ts && a.status == b.status && a.http_status == b.http_status && a.attempts == b.attempts &&
              a.retries == b.retries && a.stream == b.stream && a.reported_cost == b.reported_cost &&
              a.cost == b.cost && a.cost_source == b.cost_source && a.list_cost == b.list_cost;
  for (const auto& field : daemon::event_fields()) {
    if (field.text != nullptr) same = same && a.*field.text == b.*field.text;
    if (field.integer != nullptr) same = same && a.*field.integer == b.*field.integer;
    if (field.milliseconds != nullptr) same = same && a.*field.milliseconds == b.*field.milliseconds;
    if (field.flag != nullptr) same = same && a.*field.flag == b.*field.flag;
  }
  return same;
}

bool same(const daemon::DecodedRecord& a, const daemon::DecodedRecord& b) {
  return std::equal(a.events.begin(), a.events.end(), b.events.begin(), b.events.end(), same_event) &&
         std::equal(a.rejections.begin(), a.rejections.end(), b.rejections.begin(), b.rejections.end(),
                    [](const auto& x, const auto& y) { return x.reason == y.reason && x.detail == y.detail; });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto prices = daemon::PriceBook::shipped({});
  static daemon::Decoders used = decoders();
  static daemon::DecodedBatch batch;
  batch.clear();
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  for (bool more = true; more;) {
    const auto end = rest.find('\x1e');
    batch.add({.value = rest.substr(0, end)}, 0);
    more = end != std::string_view::npos;
    if (more) rest.remove_prefix(end + 1);
  }
  batch.decode(used, prices);
  for (std::size_t i = 0; i < batch.size(); ++i) check_record(batch.at(i));

  if (batch.size() == 1) return 0;
  // The last record again, by a decoder that has seen nothing before.
  static daemon::DecodedBatch alone;
  const auto last = batch.at(batch.size() - 1);
  daemon::Decoders fresh = decoders();
  alone.clear();
  alone.add({.value = last.record.value}, 0);
  alone.decode(fresh, prices);
  require(same(alone.at(0), last), "a record comes to the same whatever came before it");
  return 0;
}
