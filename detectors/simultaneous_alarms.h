// SimultaneousAlarms: the series whose evidence is near its threshold at this time, and what that allows
// (stats/e_bh.h).
//
// Operation  every judged bucket reports the margin of its series: evidence less threshold, of the judge that is
//            nearest. Once all buckets of a time were judged, the relief for the next time is taken: thresholds are
//            that much lower while more than ten series drift together (a tenth of the discoveries may be false). A
//            series that fell silent counts for a day.
// Threads    the stream thread. The order of reports within a bucket time does not matter.
// Memory     one entry for each series within kMostRelief of its threshold.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "core/bytes.h"
#include "core/time.h"

namespace costdrift::detectors {

class SimultaneousAlarms {
 public:
  static constexpr double kFalseDiscoveries = 0.1;

  void report(std::string_view series, double margin, core::EventTime at);
  // All buckets that end at `now` were judged.
  void bucket_time_ended(core::EventTime now, double false_pages_per_week);
  // Nats to take from every threshold.
  double relief() const { return relief_; }

  void save(core::ByteWriter& out) const;
  // False: not of this version; as new then.
  bool restore(std::string_view bytes);
  // True once after something changed since the last save().
  bool changed() const { return changed_; }
  void saved() { changed_ = false; }

 private:
  struct Near {
    double margin = 0;
    core::EventTime at;
  };
  std::map<std::string, Near, std::less<>> near_;
  double relief_ = 0;
  bool changed_ = false;
};

}  // namespace costdrift::detectors
