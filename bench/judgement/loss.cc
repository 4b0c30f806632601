// A large loss: every ServeGen application spends $300 an hour and its prompts double, so that the loss is over
// pages.critical_usd_per_hour. How long after the first word (ticket or page) an urgent page goes out.
#include <algorithm>
#include <cstdio>
#include <vector>

#include "bench/judgement/tables.h"
#include "tests/support/places.h"
#include "tests/support/servegen.h"

namespace costdrift::bench {

void print_loss() {
  int runs = 0, late = 0, silent = 0;
  std::vector<double> minutes;
  for (const auto& [name, series] : tests::read_servegen(tests::source_path())) {
    for (const double at : {3.4, 6.3, 8.75}) {
      if (series.mean_between(at, at + 1) <= 0) continue;
      tests::Playback playback{.usd_per_hour = 300, .until_day = at + 1, .injection = {.name = "x2", .factor = 2}};
      playback.injection.at_day = at;
      for (const auto& told : tests::play_servegen(series, playback)) {
        if (told.at_day < at) continue;
        ++runs;
        if (told.urgent_day < 0) {
          ++silent;
          break;
        }
        minutes.push_back((told.urgent_day - told.at_day) * 24 * 60);
        late += minutes.back() > 30 ? 1 : 0;
        break;
      }
    }
  }
  std::sort(minutes.begin(), minutes.end());
  std::printf(
      "Prompts x 2 at $300 an hour: %d changes found; urgent page within 30 minutes of the first word: %d, later: "
      "%d, never within a day: %d\n",
      runs, runs - late - silent, late, silent);
  if (!minutes.empty()) {
    std::printf("minutes to the page: median %.0f, most %.0f\n\n", minutes[minutes.size() / 2], minutes.back());
  }
}

}  // namespace costdrift::bench
