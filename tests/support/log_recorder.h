// LogRecorder: a LogHandler that keeps what a source reported, and poll_until(), which polls a source until a condition
// holds. Record values are "TIME" or "TIME anything", TIME in seconds of event time.
#pragma once

#include <chrono>
#include <cstdlib>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "daemon/log_source.h"

namespace costdrift::test {

class LogRecorder : public daemon::LogHandler {
 public:
  struct Seen {
    std::size_t partition = 0;
    std::int64_t offset = 0;
    std::string value;
  };

  Start on_assigned(const daemon::TopicPartition& partition) override {
    assigned.push_back(partition);
    newest.push_back(core::EventTime::min());
    Start start;
    start.index = assigned.size() - 1;
    if (const auto stored = next_offsets.find(partition); stored != next_offsets.end()) {
      start.next_offset = stored->second;
      start.repeat_last = repeat_last;
    }
    return start;
  }
  void on_revoked(std::size_t partition, bool lost) override {
    revoked.insert(partition);
    any_lost = any_lost || lost;
  }
  void on_record(const daemon::LogRecord& record) override {
    seen.push_back({record.partition, record.offset, std::string(record.value)});
    next_offsets[assigned[record.partition]] = record.offset + 1;
    caught_up.erase(record.partition);
    const core::EventTime time = core::EventTime{0} + core::seconds(std::atoll(seen.back().value.c_str()));
    newest[record.partition] = std::max(newest[record.partition], time);
    note_lead();
  }
  void on_log_changed(std::size_t, const std::string& what) override { changes.push_back(what); }
  void on_caught_up(std::size_t partition) override { caught_up.insert(partition); }
  core::EventTime newest_event(std::size_t partition) const override { return newest[partition]; }

  bool all_caught_up(std::size_t partitions) const { return caught_up.size() == partitions; }

  std::map<daemon::TopicPartition, std::int64_t> next_offsets;  // what a restarted daemon would know
  bool repeat_last = false;
  std::vector<daemon::TopicPartition> assigned;
  std::vector<Seen> seen;
  std::set<std::size_t> caught_up, revoked;
  bool any_lost = false;
  std::vector<std::string> changes;
  // The most that any partition was ahead of another one that had been read and was not caught up.
  core::Duration widest_lead;

 private:
  void note_lead() {
    for (std::size_t a = 0; a < newest.size(); ++a) {
      for (std::size_t b = 0; b < newest.size(); ++b) {
        if (caught_up.contains(b) || newest[a] == core::EventTime::min() || newest[b] == core::EventTime::min())
          continue;
        widest_lead = std::max(widest_lead, newest[a] - newest[b]);
      }
    }
  }

  std::vector<core::EventTime> newest;
};

// False: the condition did not come to hold within a minute, or the source failed.
inline bool poll_until(daemon::LogSource& source, LogRecorder& recorder, const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    if (!source.poll(core::milliseconds(50), recorder)) return condition();
  }
  return true;
}

}  // namespace costdrift::test
