// Records made to do harm, between calls as they should be: the daemon reads on, every record is accounted for under
// its reason, no clock of a producer moves the watermark beyond ours, and replay comes to the same state.
#include <gtest/gtest.h>

#include <cstdio>
#include <map>
#include <sstream>

#include "daemon/demo/embedded_broker.h"
#include "tests/support/hostile_events.h"
#include "tests/support/live_and_replay.h"
#include "tests/support/places.h"

namespace costdrift::tests {
namespace {

constexpr const char* kTopic = "llm.usage";

constexpr const char* kHere = "the time of the call before it";

// The time of a call, as it stands there.
std::string time_of(const std::string& line) {
  const auto begin = line.find("\"ts\":") + 5;
  return line.substr(begin, line.find_first_of(",}", begin) - begin);
}

std::string put_in_time(std::string record, const std::string& time) {
  const std::string here = "\"" + std::string(kHere) + "\"";
  for (auto at = record.find(here); at != std::string::npos; at = record.find(here)) {
    record.replace(at, here.size(), time);
  }
  return record;
}

// Accepted by the decoder, but not what they seem.
std::vector<std::string> odd_events() {
  const auto at = [](const std::string& ts, const std::string& more = "") {
    return R"({"ts":")" + ts + R"(","model":"gpt-4o","app":"odd","input_tokens":10,"output_tokens":1)" + more + "}";
  };
  return {
      at("2200-12-31T23:59:59Z"),  // the largest time there is
      at("2130-01-01T00:00:00Z"),
      at("2020-01-01T00:00:00Z"),  // years late
      at("2025-03-03T09:00:00Z"),  // a day late
      at(kHere, R"(,"event_id":"twice")"),
      at(kHere, R"(,"event_id":"twice")"),
      at(kHere, R"(,"cost_usd":1000000)"),
      at(kHere, R"(,"input_tokens":1000000000)"),
      at(kHere, R"(,"app":"<script>alert(1)</script>")"),
      at(kHere, R"(,"app":"=cmd|' /C calc'!A0")"),
      at(kHere, R"(,"team":"<!channel> *x* `y`")"),
      at(kHere, R"(,"app":"__other__","model":"__other__")"),
      at(kHere, R"(,"app":"a,model=b%2C")"),
      "[" + at(kHere) + ",{\"x\":1}," + at("2131-01-01T00:00:00Z") + "]",
  };
}

struct Corpus {
  TrafficLog log;
  std::map<std::string, std::int64_t> rejected;  // by reason
  std::int64_t hostile = 0;
};

// Every hostile record into each partition, among calls. A record with a line feed is several lines in a file.
Corpus corpus() {
  Corpus corpus{demo_traffic(2, {"support-bot"}), {}};
  std::vector<std::string> records = odd_events();
  corpus.rejected["missing_field"] = 2;  // of the array, in both partitions
  for (const auto& list : {hostile_documents(), hostile_times_and_texts(), hostile_numbers()}) {
    for (const auto& hostile : list) {
      if (hostile.record.find('\n') != std::string::npos) continue;
      records.push_back(hostile.record);
      corpus.rejected[std::string(daemon::reject_name(hostile.reason))] += 2;
    }
  }
  for (auto& lines : corpus.log.partitions) {
    std::string time = time_of(lines.front());
    for (std::size_t i = 0; i < records.size(); ++i) {
      const auto place = std::min(lines.size() / 2 + 3 * i, lines.size() - 1);
      time = lines[place].find("\"event_id\"") != std::string::npos ? time_of(lines[place]) : time;
      lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(place) + 1, put_in_time(records[i], time));
    }
  }
  corpus.hostile = static_cast<std::int64_t>(records.size());
  return corpus;
}

// "name=number" in the line of a dump.
std::int64_t number(const std::string& line, const std::string& name) {
  const auto at = line.find(" " + name + "=");
  return at == std::string::npos ? 0 : std::stoll(line.substr(at + name.size() + 2));
}

TEST(HostileInput, DaemonAndReplayReadOnAccountForAllOfItAndAgree) {
  const auto broker = daemon::EmbeddedBroker::start({.name = kTopic, .partitions = 2});
  ASSERT_TRUE(broker) << broker.error().message;
  const Corpus corpus = tests::corpus();
  EXPECT_GE(corpus.hostile, 60);
  ASSERT_TRUE(publish(corpus.log, (*broker)->bootstrap(), kTopic));
  LiveAndReplay both(costdrift_program(), (*broker)->bootstrap(), kTopic, corpus.log);
  const std::string live = both.run_live();
  both.expect_replay(live);
  std::istringstream positions(rows_of(live, "positions"));
  std::map<std::string, std::int64_t> sums;
  for (std::string line; std::getline(positions, line);) {
    std::int64_t rejected = 0;
    for (const auto& [reason, count] : corpus.rejected) {
      rejected += number(line, "dead." + reason);
      sums[reason] += number(line, "dead." + reason);
    }
    EXPECT_EQ(number(line, "consumed"),
              number(line, "accepted") + number(line, "duplicate") + number(line, "late") + rejected)
        << line;
    EXPECT_GE(number(line, "late"), 4) << line;
    EXPECT_NE(line.find(" newest=2025-03-0"), std::string::npos)
        << "the watermark follows a producer's clock: " << line;
  }
  for (const auto& [reason, count] : corpus.rejected) EXPECT_EQ(sums[reason], count) << reason;
  std::printf("%lld hostile records in each of 2 partitions, %lld records in all: all accounted for, replay agrees\n",
              static_cast<long long>(corpus.hostile), static_cast<long long>(corpus.log.records()));
}

}  // namespace
}  // namespace costdrift::tests
