// Streams of calls drawn from the ServeGen applications: real histograms of six hours, real rates of ten minutes,
// independent inside both. tests/data/servegen.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "core/time.h"
#include "daemon/incidents/lifecycle.h"

namespace costdrift::tests {

struct Histogram {
  std::vector<std::int64_t> values;
  std::vector<double> cumulated;  // of the same length, ends at 1
  double mean() const;
  std::int64_t draw(double uniform) const;
};

// One field of one application.
struct ServeGenSeries {
  std::string app, field;                    // "input" | "output"
  std::map<std::int64_t, Histogram> shapes;  // by second of the start of six hours
  std::map<std::int64_t, double> rates;      // calls per second, by second of the start of ten minutes
  double calls_per_day() const;
  double mean_tokens() const;  // over all calls
  // Mean tokens of the calls in [from, to); 0 without calls.
  double mean_between(double from_day, double to_day) const;
  double tokens_between(double from_day, double to_day) const;  // of all calls together
};

// Every series of the files, by "app field".
std::map<std::string, ServeGenSeries> read_servegen(const std::string& source_dir);

// A change of every value from `at_day` on.
struct Injection {
  std::string name;
  double factor = 1;
  double added = 0;
  double at_day = 1e9;
};

struct Playback {
  double calls_per_day = 8000;  // thinned to at most this
  double usd_per_hour = 60;     // the series' mean spend
  double until_day = 14;
  std::uint64_t seed = 1;
  Injection injection;
};

// What an operator would have been told. An operator accepts a page 72 h after it ("expected"), so that a drift that
// lasts is one incident and the series is watched again.
struct Told {
  double at_day = 0;
  double onset_day = 0;
  double page_day = -1;  // -1: it stayed a ticket
  double urgent_day = -1;
  double effect = 0;
  double end_day = -1;
};

// Plays the series through a judge of prompt_growth and the life cycle's gates at default settings.
std::vector<Told> play_servegen(const ServeGenSeries& series, const Playback& playback);

}  // namespace costdrift::tests
