// SeriesDictionary: the series (app, model) that are told apart, at most max_series of them, and their roll-ups. It is
// part of the state: which series have a place must not depend on restarts.
//
// Operation  a series gets its place when its first bucket closes (in order of bucket time, then text), and loses it
//            after kSeriesKept without a call. Events of series without a place count for other(). When all places are
//            taken, kSpenderPlaces more are there for series that turn out to be large (state/unplaced_spend.h).
//            Roll-ups get theirs when their first minute has passed; at most max_series of them (but not less than
//            1,000) beyond those of apps and models, which are no more than series. A team or provider without a place
//            counts for the roll-up of its kind with the value "__other__".
// Memory     about 300 bytes per series; SeriesState addresses are stable for the life of the dictionary.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/series.h"
#include "core/time.h"
#include "state/flat_index.h"
#include "state/store.h"

namespace costdrift::state {

inline constexpr core::Duration kSeriesKept = core::days(35);
// As many as can have one percent of the spend at a time.
inline constexpr std::int64_t kSpenderPlaces = 100;

struct SeriesState {
  core::SeriesKey key;
  std::uint32_t id = 0;  // dense, for this process only
  bool admitted = false;
  core::SeriesKind kind = core::SeriesKind::app_model;
  core::EventTime last_day = core::EventTime::min();  // UTC day of its newest closed bucket
  // What the rings hold of it, at least: a restart forgets the exact times and they are then found by reading.
  core::EventTime oldest_minute = core::EventTime::max(), newest_minute = core::EventTime::min();
  core::EventTime oldest_hour = core::EventTime::max(), newest_hour = core::EventTime::min();
  std::string packed;  // as events name it: app, 0 byte, model
};

// The canonical key of a roll-up; `value` does not matter for SeriesKind::all.
core::SeriesKey roll_up_key(core::SeriesKind kind, std::string_view value);

// The canonical key of an event's series.
core::SeriesKey series_of(std::string_view app, std::string_view model);
// The same for the event and for the text of its series.
std::uint64_t series_hash(std::string_view app, std::string_view model);
std::uint64_t series_hash(const core::SeriesKey& series);

class SeriesDictionary {
 public:
  SeriesDictionary(Store& store, std::int64_t max_series);
  core::Result<void> load();

  // By the event's own texts; builds no string. nullptr: the series has no place (yet).
  SeriesState* find(std::string_view app, std::string_view model);
  SeriesState* find(std::string_view text);
  // Gives a place to a series that has none; nullptr when all places are taken.
  SeriesState* admit(std::string_view text);
  // The same for a large series; nullptr when the places for those are taken too.
  SeriesState* admit_spender(std::string_view text);
  // The roll-up of that kind (not app_model) and value; gives it a place if it has none.
  SeriesState& roll_up(core::SeriesKind kind, std::string_view value);
  bool full() const { return admitted_ >= max_series_; }
  SeriesState& other() { return *states_.front(); }

  SeriesState& at(std::uint32_t id) { return *states_[id]; }
  // Also former series, which are no longer `admitted`.
  const std::vector<std::unique_ptr<SeriesState>>& all() const { return states_; }
  std::int64_t admitted_count() const { return admitted_; }

  // The series had a call on this UTC day.
  void touch(SeriesState& series, core::EventTime day);
  // Whether forget_before(day) would free a place, if no series had a call from now on.
  bool would_free_before(core::EventTime day) const;
  // Takes the place from every series without a call on `day` or later.
  void forget_before(core::EventTime day);

 private:
  SeriesState& add(core::SeriesKey key);
  void set_last_day(SeriesState& series, core::EventTime day);
  SeriesState& admit_key(core::SeriesKey key);
  std::int64_t& count_of(core::SeriesKind kind);
  void index(const SeriesState& series);

  Store& store_;
  std::int64_t max_series_;
  std::int64_t admitted_ = 0;          // (app, model)
  std::int64_t apps_and_models_ = 0;   // roll-ups
  std::int64_t teams_and_others_ = 0;  // roll-ups of the other kinds
  std::map<core::EventTime, std::int64_t> admitted_by_last_day_;
  std::vector<std::unique_ptr<SeriesState>> states_;
  std::map<std::string, SeriesState*, std::less<>> by_text_;
  FlatIndex index_;
  std::string packed_;  // scratch
};

// Rows of KeySpace::meta that name a series with a place.
inline constexpr std::string_view kSeriesRowPrefix{"series\0", 7};

}  // namespace costdrift::state
