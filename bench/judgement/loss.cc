// A large loss: every ServeGen application spends $300 an hour on average and its prompts double. Where that loses more
// than pages.critical_usd_per_hour in the hour after the first word (ticket or page): how long until an urgent page.
#include <algorithm>
#include <cstdio>
#include <optional>
#include <vector>

#include "bench/judgement/tables.h"
#include "config/settings.h"
#include "tests/support/places.h"
#include "tests/support/servegen.h"

namespace costdrift::bench {
namespace {

constexpr double kUsdPerHour = 300;

// What calls of twice the size cost more, from `from_day` on for an hour.
double loss_in_the_hour(const tests::ServeGenSeries& series, double from_day) {
  const double tokens_per_hour = series.calls_per_day() * series.mean_tokens() / 24;
  return series.tokens_between(from_day, from_day + 1.0 / 24) / tokens_per_hour * kUsdPerHour;
}

std::optional<tests::Told> first_word(const tests::ServeGenSeries& series, double at_day) {
  tests::Playback playback{.usd_per_hour = kUsdPerHour, .until_day = at_day + 1, .injection = {.factor = 2}};
  playback.injection.at_day = at_day;
  for (const auto& told : tests::play_servegen(series, playback)) {
    if (told.at_day >= at_day) return told;
  }
  return std::nullopt;
}

}  // namespace

void print_loss() {
  int found = 0, silent = 0;
  std::vector<double> minutes;
  for (const auto& [name, series] : tests::read_servegen(tests::source_path())) {
    for (const double at : {3.4, 6.3, 8.75}) {
      if (series.mean_between(at, at + 1) <= 0) continue;
      const auto told = first_word(series, at);
      if (!told) continue;
      ++found;
      if (loss_in_the_hour(series, told->at_day) < config::PageSettings().critical_usd_per_hour) continue;
      if (told->urgent_day < 0) {
        ++silent;
      } else {
        minutes.push_back((told->urgent_day - told->at_day) * 24 * 60);
      }
    }
  }
  std::sort(minutes.begin(), minutes.end());
  const auto soon = std::upper_bound(minutes.begin(), minutes.end(), 30.0) - minutes.begin();
  std::printf(
      "Prompts x 2 at $300 an hour: %d changes found; %d of them lose $50 in the hour after the first word\n"
      "urgent page within 30 minutes: %d, later: %d, never: %d\n",
      found, static_cast<int>(minutes.size()) + silent, static_cast<int>(soon),
      static_cast<int>(minutes.size()) - static_cast<int>(soon), silent);
  if (!minutes.empty()) {
    std::printf("minutes to the page: median %.0f, most %.0f\n\n", minutes[minutes.size() / 2], minutes.back());
  }
}

}  // namespace costdrift::bench
