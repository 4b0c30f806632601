// BlindSpotJudge: whether what producers record is still all that they do. Arithmetic, no statistics.
//
// Operation  judged on the roll-up of everything, minute by minute, by its (app, model) parts and its dropped events.
//            Per app and model: fields that stopped coming (field_presence.h). Per app: the shares of events that came
//            twice, too late, or with a time in the future (share_watch.h), and silence (silence_watch.h). Silence of
//            everything stops event time; it is told by the first minute after it. Each is an incident of its own,
//            without dollars, and ends when it is over. The silence of an app is told again every hour while it lasts.
// Limits     at most kMostApps apps and kMostSeries series are watched, those seen first; they are forgotten after 14
//            days without a call.
// Memory     about 1.5 KB an app and 800 bytes a series.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "detectors/detector.h"
#include "detectors/field_presence.h"
#include "detectors/share_watch.h"
#include "detectors/silence_watch.h"

namespace costdrift::detectors {

class BlindSpotJudge final : public SeriesJudge {
 public:
  static constexpr std::size_t kMostApps = 2000, kMostSeries = 5000;
  static constexpr std::size_t kDropReasons = 3;  // of core::DroppedEvent

  explicit BlindSpotJudge(bool page) : page_(page) {}

  void observe(const Observation& observation, std::vector<core::Finding>& findings) override;
  void rebase(const core::SeriesKey& of) override;
  void save_lanes(core::ByteWriter& out) const override;
  void save_model(core::ByteWriter& out) const override;
  bool restore(std::string_view lanes, std::string_view model) override;
  std::size_t memory_bytes() const override;

 private:
  struct App {
    std::array<ShareWatch, kDropReasons> drops;
    SilenceWatch silence;
  };
  struct Series {
    std::array<ShareWatch, kWatchedFields> fields;
    core::EventTime last_call = core::EventTime::min();
  };
  struct Minute {  // of one app
    std::int64_t calls = 0;
    std::array<std::int64_t, kDropReasons> dropped{};
  };
  using Findings = std::vector<core::Finding>;

  void watch_fields(const core::ClosedBucket& bucket, Findings& findings);
  void watch_apps(const core::ClosedBucket& bucket, Findings& findings);
  void watch_drops(const std::string& app, App& state, const Minute& minute, const core::ClosedBucket& bucket,
                   Findings& findings);
  void watch_silence(const std::string& app, App& state, const Minute& minute, const core::ClosedBucket& bucket,
                     Findings& findings);
  void watch_pause(const core::ClosedBucket& bucket, Findings& findings);
  double expected_between(core::EventTime from, core::EventTime to) const;
  void forget_gone(core::EventTime now);
  core::Finding finding(const core::ClosedBucket& bucket, core::SeriesKey series, std::string aspect) const;
  static void tell(core::Finding finding, ShareWatch::Change change, Findings& findings);

  const bool page_;
  std::map<std::string, App> apps_;
  std::map<std::string, Series> series_;
  core::EventTime last_end_ = core::EventTime::min();
  // The last pause of everything that was told, until the minute after.
  struct Pause {
    core::EventTime since;
    double missing = 0;
  };
  std::optional<Pause> pause_;
  double worst_pause_ = 0;
};

}  // namespace costdrift::detectors
