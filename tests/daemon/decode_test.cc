#include "daemon/decode/decode.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <set>

#include "daemon/decode/decode_fields.h"
#include "tests/daemon/decode_support.h"

namespace costdrift::daemon {
namespace {

// Compares inside the call, where the event lives.
template <class Check>
struct Checking : EventHandler {
  explicit Checking(Check c) : check(c) {}
  void on_event(const core::UsageEvent& event) override {
    ++events;
    check(event);
  }
  void on_rejected(RejectReason, std::string_view detail) override { ADD_FAILURE() << detail; }
  Check check;
  int events = 0;
};

template <class Check>
void check_event(std::string_view record, Check check) {
  auto decoder = make_decoder("canonical", {});
  ASSERT_TRUE(decoder);
  Checking<Check> handler(check);
  (*decoder)->decode(record, handler);
  EXPECT_EQ(handler.events, 1);
}

TEST(Decode, ReadsEveryFieldIntoItsPlace) {
  check_event(read_source_file("tests/data/events/every_field.json"), [](const core::UsageEvent& e) {
    EXPECT_EQ(e.ts.us, 1'767'225'602'500'000);
    EXPECT_EQ(e.event_id, "value of event_id");
    for (const FieldSpec& spec : event_fields()) {
      if (spec.kind == FieldKind::text) {
        EXPECT_EQ(e.*spec.text, "value of " + std::string(spec.name));
      }
    }
    EXPECT_EQ(e.status, core::CallStatus::error);
    EXPECT_EQ(e.http_status, 529);
    EXPECT_EQ(e.input_tokens, 2001);
    EXPECT_EQ(e.output_tokens, 222);
    EXPECT_EQ(e.cache_read_tokens, 1024);
    EXPECT_EQ(e.cache_write_tokens, 305);
    EXPECT_EQ(e.cache_write_1h_tokens, 206);
    EXPECT_EQ(e.reasoning_tokens, 107);
    EXPECT_EQ(e.retrieved_tokens, 1508);
    EXPECT_EQ(e.retrieved_docs, 9);
    EXPECT_EQ(e.tool_calls, 10);
    EXPECT_EQ(e.reported_cost, core::NanoUsd{5'900'000});
    EXPECT_TRUE(e.gateway_cache_hit);
    EXPECT_EQ(e.attempts, 4);
    EXPECT_EQ(e.retries, 3);
    EXPECT_EQ(e.latency_ms, 2500.25);
    EXPECT_EQ(e.ttft_ms, 310.0);
    EXPECT_EQ(e.stream, true);
    EXPECT_EQ(e.step, 11);
    EXPECT_TRUE(e.run_end);
    EXPECT_EQ(e.cost_source, core::CostSource::unknown);
    EXPECT_EQ(e.cost.nano, 0);
  });
}

TEST(Decode, AbsentIsNotZero) {
  check_event(event_with(R"("app":null,"cost_usd":null,"stream":null,"env":"")"), [](const core::UsageEvent& e) {
    EXPECT_TRUE(e.app.empty());
    EXPECT_TRUE(e.env.empty());
    EXPECT_FALSE(e.cache_read_tokens);
    EXPECT_FALSE(e.reported_cost);
    EXPECT_FALSE(e.latency_ms);
    EXPECT_FALSE(e.stream);
    EXPECT_FALSE(e.http_status);
    EXPECT_EQ(e.status, core::CallStatus::ok);
    EXPECT_EQ(e.attempts, 1);
    EXPECT_EQ(e.retries, 0);
  });
}

TEST(Decode, ReadsTheGoldenEvent) {
  check_event(read_source_file("tests/data/events/canonical_v1.json"), [](const core::UsageEvent& e) {
    EXPECT_EQ(e.event_id, "e-1");
    EXPECT_EQ(e.ts.us, 1'767'225'602'500'000);
    EXPECT_EQ(e.app, "support-bot");
    EXPECT_EQ(e.team, "cx");
    EXPECT_EQ(e.env, "prod");
    EXPECT_EQ(e.provider, "openai");
    EXPECT_EQ(e.model, "gpt-4o-2024-08-06");
    EXPECT_EQ(e.input_tokens, 2000);
    EXPECT_EQ(e.output_tokens, 220);
    EXPECT_EQ(e.cache_read_tokens, 1024);
    EXPECT_EQ(e.reported_cost->nano, 5'900'000);
    EXPECT_EQ(e.latency_ms, 2500);
  });
}

TEST(Decode, EpochNumbersAreReadByMagnitude) {
  const std::vector<std::string> same = {"1767225602",
                                         "1767225602000",
                                         "1767225602000000",
                                         "1767225602000000000",
                                         "1767225602.0",
                                         "1.767225602e12",
                                         "\"1767225602\"",
                                         "\"1767225602000\"",
                                         "\"2026-01-01T00:00:02\"",
                                         "\"2026-01-01 01:00:02+01:00\"",
                                         "\" 2026-01-01T00:00:02Z \""};
  for (const std::string& ts : same) {
    const Seen seen = decode(event_with("\"ts\":" + ts));
    ASSERT_EQ(seen.events.size(), 1U) << ts << (seen.details.empty() ? "" : seen.details[0]);
    EXPECT_EQ(seen.events[0].ts.us, 1'767'225'602'000'000) << ts;
  }
  EXPECT_EQ(decode(event_with("\"ts\":1767225602.123456")).events[0].ts.us, 1'767'225'602'123'456);
  EXPECT_EQ(decode(event_with("\"ts\":1767225602123.456")).events[0].ts.us, 1'767'225'602'123'456);
  EXPECT_EQ(decode(event_with("\"ts\":1767225602123456789")).events[0].ts.us, 1'767'225'602'123'456);
  EXPECT_EQ(decode(event_with("\"ts\":\"2026-01-01T00:00:02.123456789Z\"")).events[0].ts.us, 1'767'225'602'123'456);
}

TEST(Decode, AttemptAndRetryCountGiveAttemptsAndRetries) {
  const auto attempts_of = [](const char* fields) {
    const Seen seen = decode(event_with(fields));
    return std::pair(seen.events.at(0).attempts, seen.events.at(0).retries);
  };
  EXPECT_EQ(attempts_of(""), std::pair(std::int64_t{1}, std::int64_t{0}));
  EXPECT_EQ(attempts_of("\"attempt\":1"), std::pair(std::int64_t{1}, std::int64_t{0}));
  EXPECT_EQ(attempts_of("\"attempt\":3"), std::pair(std::int64_t{1}, std::int64_t{1}));
  EXPECT_EQ(attempts_of("\"retry_count\":0"), std::pair(std::int64_t{1}, std::int64_t{0}));
  EXPECT_EQ(attempts_of("\"retry_count\":2"), std::pair(std::int64_t{3}, std::int64_t{2}));
}

TEST(Decode, AliasesNumbersAndTexts) {
  const Seen aliases = decode(event_with(R"("application":" bot ","environment":"prod","input_tokens":12.0)"));
  ASSERT_EQ(aliases.events.size(), 1U);
  EXPECT_EQ(aliases.events[0].app, "bot");
  EXPECT_EQ(aliases.events[0].env, "prod");
  EXPECT_EQ(aliases.events[0].input_tokens, 12);
  EXPECT_EQ(decode(event_with("\"input_tokens\":3e2")).events.at(0).input_tokens, 300);
  EXPECT_EQ(decode(event_with("\"app\":\"a\\u00e9\\\"\"")).events.at(0).app, "a\xC3\xA9\"");
}

TEST(Decode, TheLastOfDuplicateKeysCounts) {
  EXPECT_EQ(decode(event_with(R"("app":"a","app":"b")")).events.at(0).app, "b");
  EXPECT_EQ(decode(event_with(R"("app":"a","application":"b")")).events.at(0).app, "b");
  EXPECT_EQ(decode(event_with(R"("app":"a","app":null)")).events.at(0).app, "a");
  EXPECT_EQ(decode(event_with(R"("input_tokens":-5,"input_tokens":7)")).events.at(0).input_tokens, 7);
  EXPECT_EQ(decode(event_with(R"("input_tokens":7,"input_tokens":-5)")).reasons.at(0), RejectReason::bad_tokens);
}

TEST(Decode, TheReasonDoesNotDependOnTheOrderOfKeys) {
  const Seen one = decode(R"({"cost_usd":-1,"ts":5,"app":"\n"})");
  const Seen two = decode(R"({"app":"\n","ts":5,"cost_usd":-1})");
  EXPECT_EQ(one.reasons, two.reasons);
  EXPECT_EQ(one.details, two.details);
}

TEST(Decode, ArraysRejectElementByElement) {
  const Seen seen = decode("[" + event_with("\"app\":\"a\"") + ",7," + event_with("\"cost_usd\":-1") + ",null," +
                           event_with("\"app\":\"b\"") + "]");
  ASSERT_EQ(seen.events.size(), 2U);
  EXPECT_EQ(seen.events[0].app + seen.events[1].app, "ab");
  EXPECT_EQ(seen.reasons, (std::vector{RejectReason::malformed, RejectReason::bad_cost, RejectReason::malformed}));
}

TEST(Decode, LinesRejectLineByLine) {
  const std::string good = event_with("\"app\":\"a\"");
  EXPECT_EQ(decode(good + "\n" + good).events.size(), 2U);
  EXPECT_EQ(decode("\n" + good + "\r\n\r\n" + good + "\n").events.size(), 2U);
  const Seen mixed = decode(good + "\n{\"ts\":\nnot json\n[]\n" + event_with("\"app\":\"z\""));
  EXPECT_EQ(mixed.events.size(), 2U);
  EXPECT_EQ(mixed.events[1].app, "z");
  EXPECT_EQ(mixed.reasons, (std::vector{RejectReason::malformed, RejectReason::malformed, RejectReason::empty}));
  EXPECT_EQ(decode("{\"ts\":\n" + good).events.size(), 1U);
}

TEST(Decode, OneBrokenObjectOverSeveralLinesIsOneRejection) {
  const Seen seen =
      decode("{\n \"ts\": 1767225602,\n \"model\": \"m\",\n \"input_tokens\": ,\n \"output_tokens\": 1\n}");
  EXPECT_TRUE(seen.events.empty());
  EXPECT_EQ(seen.reasons.size(), 1U);
  EXPECT_EQ(decode("{\n\"ts\": 1767225602,\n\"model\": \"m\",\n\"status\": \"error\"\n}").events.size(), 1U);
}

// The record ends where readable memory ends, at every alignment: the decoder must read nothing behind it.
TEST(Decode, ReadsNothingBehindTheRecord) {
  const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  void* pages = mmap(nullptr, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(pages, MAP_FAILED);
  char* end = static_cast<char*>(pages) + page;
  ASSERT_EQ(mprotect(end, page, PROT_NONE), 0);
  auto decoder = make_decoder("canonical", {});
  ASSERT_TRUE(decoder);
  for (std::size_t padding = 0; padding < 130; ++padding) {
    const std::string record = event_with("\"x\":\"" + std::string(padding, 'x') + "\",\"app\":\"a\"");
    std::memcpy(end - record.size(), record.data(), record.size());
    Seen seen;
    (*decoder)->decode({end - record.size(), record.size()}, seen);
    ASSERT_EQ(seen.events.size(), 1U) << padding;
    EXPECT_EQ(seen.events[0].input_tokens, 100);
    // Cut one byte short it must fail, whatever stands in the buffer from the record before.
    Seen cut;
    (*decoder)->decode({end - record.size(), record.size() - 1}, cut);
    EXPECT_EQ(cut.reasons, std::vector{RejectReason::malformed});
  }
  munmap(pages, 2 * page);
}

TEST(Decode, OneDecoderReadsSmallAndLargeRecordsInTurn) {
  auto decoder = make_decoder("canonical", {});
  ASSERT_TRUE(decoder);
  Seen seen;
  for (const std::size_t size : {10, 200'000, 10, 100'000, 250'000, 1}) {
    (*decoder)->decode(event_with("\"x\":\"" + std::string(size, 'x') + "\",\"app\":\"a\""), seen);
  }
  EXPECT_EQ(seen.events.size(), 6U);
  EXPECT_TRUE(seen.reasons.empty());
  EXPECT_EQ(decode(event_with(""), {.max_message_bytes = 50}).reasons, std::vector{RejectReason::too_large});
}

TEST(Decode, NamesAreDistinctAndFound) {
  std::set<std::string_view> names;
  for (int i = 0; i < kRejectReasons; ++i) names.insert(reject_name(static_cast<RejectReason>(i)));
  EXPECT_EQ(names.size(), static_cast<std::size_t>(kRejectReasons));
  const auto fields = event_fields();
  for (std::size_t i = 0; i < fields.size(); ++i) {
    EXPECT_EQ(find_field(fields[i].name), static_cast<int>(i)) << fields[i].name;
    EXPECT_EQ(find_field(fields[i].alias), fields[i].alias.empty() ? kUnknownField : static_cast<int>(i));
    EXPECT_EQ(find_field(std::string(fields[i].name) + "x"), kUnknownField);
    EXPECT_EQ(find_field(fields[i].name.substr(1)), kUnknownField);
  }
  for (const char* key : {"", "x", "TS", "cache_xxxx_tokens", "cost_usd\x01"})
    EXPECT_EQ(find_field(key), kUnknownField);
}

TEST(Decode, AnUnknownFormatIsAnError) {
  const auto decoder = make_decoder("avro", {});
  ASSERT_FALSE(decoder);
  EXPECT_EQ(decoder.error().code, core::ErrorCode::config);
  EXPECT_NE(decoder.error().message.find("avro"), std::string::npos);
}

// The page for producers names every field and every reason, and its examples are events.
TEST(Decode, TheDocumentationIsTrue) {
  const std::string page = read_source_file("docs/EVENTS.md");
  for (const FieldSpec& spec : event_fields()) {
    EXPECT_NE(page.find("`" + std::string(spec.name) + "`"), std::string::npos) << spec.name;
  }
  for (int i = 0; i < kRejectReasons; ++i) {
    const std::string name(reject_name(static_cast<RejectReason>(i)));
    EXPECT_NE(page.find("| `" + name + "` |"), std::string::npos) << name;
  }
  int examples = 0;
  for (std::size_t at = page.find("```json\n"); at != std::string::npos; at = page.find("```json\n", at + 1)) {
    const std::size_t start = at + 8;
    const Seen seen = decode(std::string_view(page).substr(start, page.find("```", start) - start));
    EXPECT_TRUE(seen.reasons.empty()) << seen.details[0];
    examples += static_cast<int>(seen.events.size());
  }
  EXPECT_EQ(examples, 3);
}

}  // namespace
}  // namespace costdrift::daemon
