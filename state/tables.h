// Typed views of the smaller key spaces: positions, detector memory, incidents, outbox, deliveries, journal, dedup.
//
// Threads  the stream thread, unless said otherwise. Nothing is durable before Store::commit().
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/time.h"
#include "state/store.h"

namespace costdrift::state {

// consumed == accepted + dead_lettered + duplicate + late, always.
struct Accounting {
  std::int64_t consumed = 0;
  std::int64_t accepted = 0;
  std::int64_t duplicate = 0;
  std::int64_t late = 0;
  std::map<std::string, std::int64_t, std::less<>> dead_lettered;  // by reason
  std::int64_t dead_total() const;
};

struct Position {
  static constexpr std::int64_t kEarliest = -1, kLatest = -2;
  std::int64_t next_offset = 0;                     // or one of the two above: where to begin in a log not read yet
  std::int64_t log_epoch = 0;                       // how often the partition turned out to be another log
  std::int64_t records = 0;                         // Kafka records or log lines read
  core::EventTime newest = core::EventTime::min();  // newest accepted event time
  std::uint64_t fingerprint = 0;                    // hash of the value of record next_offset - 1; 0: none yet
  Accounting accounting;
};

class PositionTable {
 public:
  explicit PositionTable(Store& store) : store_(store) {}
  std::optional<Position> get(std::string_view topic, std::int32_t partition) const;
  void put(std::string_view topic, std::int32_t partition, const Position& position);

 private:
  Store& store_;
};

// Opaque bytes with a version, owned by whoever defines their meaning: lanes and models by (detector, series),
// incidents by id, dead letters by where they stand in their log.
class RecordTable {
 public:
  RecordTable(Store& store, KeySpace space) : store_(store), space_(space) {}
  std::optional<std::string> get(std::string_view key) const;
  void put(std::string_view key, std::string_view value);
  void erase(std::string_view key);
  void scan(const Store::Visit& visit) const;
  // The row is not what its version says (Store::report_unreadable()).
  void report_unreadable(std::string_view key) const { store_.report_unreadable(space_, key); }

 private:
  Store& store_;
  KeySpace space_;
};

// The key of a detector's memory for a series.
std::string memory_key(std::string_view detector, std::string_view series_text);

// One message that a sink should know about: level-triggered, so there is one entry per (sink, incident) however
// long the sink is down, and the newest version is what gets sent.
struct OutboxEntry {
  std::string sink;
  std::string incident_id;
  std::int64_t version = 0;
  std::uint8_t action = 0;  // core::NotificationAction
  std::string alert_event;  // bytes of state/alert_record.h
};

class Outbox {
 public:
  explicit Outbox(Store& store) : store_(store) {}
  void want(const OutboxEntry& entry);
  void erase(std::string_view sink, std::string_view incident_id);
  // Entries whose version is newer than the delivered one, by sink then incident.
  std::vector<OutboxEntry> pending() const;

 private:
  Store& store_;
};

// What a sink was last told. Written at once and synced, by the sink's own worker (thread-safe).
struct Delivery {
  std::int64_t version = 0;
  std::uint8_t action = 0;
  bool dead = false;  // given up: the sink rejected it
  std::string reason;
};

class DeliveryTable {
 public:
  explicit DeliveryTable(Store& store) : store_(store) {}
  std::optional<Delivery> get(std::string_view sink, std::string_view incident_id) const;
  core::Result<void> put(std::string_view sink, std::string_view incident_id, const Delivery& delivery);
  // All of them (incident id, what was told) or none.
  core::Result<void> put_all(std::string_view sink, const std::vector<std::pair<std::string, Delivery>>& deliveries);

 private:
  Store& store_;
};

// JSON lines in the order in which they were decided: every alert event (core/alert_event_json.h) in KeySpace::journal,
// every action of a person in KeySpace::actions. The newest `keep` lines are kept.
class Journal {
 public:
  Journal(Store& store, std::int64_t keep, KeySpace space = KeySpace::journal);
  void append(std::string json);
  std::int64_t size() const { return next_ - first_; }
  void scan(const std::function<bool(std::string_view json)>& visit) const;

 private:
  Store& store_;
  std::int64_t keep_;
  KeySpace space_;
  std::int64_t first_ = 0, next_ = 0;
};

// Event ids of the last `window` of event time of one partition.
class DedupTable {
 public:
  DedupTable(Store& store, std::string topic, std::int32_t partition, core::Duration window);
  ~DedupTable();
  core::Result<void> load();
  // False when the id was seen with an event time within the window before the partition's newest.
  bool insert(std::string_view event_id, core::EventTime ts, core::EventTime newest);
  // Puts new ids into the store and erases expired ones.
  void save();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace costdrift::state
