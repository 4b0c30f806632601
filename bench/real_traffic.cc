// real_traffic [apps]: the judgement of real series, measured: pages and tickets on eleven ServeGen applications over
// 14 days at default settings, natural shifts found, and injected changes found. Prints two tables. About a minute.
//
// An application spends $60 an hour here, so that 10 % more of it is over pages.min_usd_per_hour and twice as much over
// pages.critical_usd_per_hour. Traffic is thinned to 8,000 calls a day.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <string>
#include <vector>

#include "tests/support/places.h"
#include "tests/support/servegen.h"

namespace costdrift::tests {
namespace {

const std::set<std::string> kQuiet{"m-mid-14",   "m-mid-23",   "m-mid-30",  "m-small-12",
                                   "m-small-13", "m-small-14", "m-large-5", "m-large-56"};

void print_natural(const ServeGenSeries& series, const std::vector<Told>& told) {
  const auto pages = std::count_if(told.begin(), told.end(), [](const Told& one) { return one.page_day >= 0; });
  std::printf("%-18s %-6s %6.2f %8zu %6ld ", series.app.c_str(), kQuiet.contains(series.app) ? "quiet" : "shifts",
              series.calls_per_day() / 8000, told.size(), static_cast<long>(pages));
  for (const Told& one : told) {
    const double before = series.mean_between(0, one.onset_day);
    const double after = series.mean_between(one.at_day, one.at_day + 1);
    std::printf(" [%s day %.2f onset %.2f effect %+.0f%% true %+.0f%%", one.page_day >= 0 ? "PAGE" : "ticket",
                one.at_day, one.onset_day, 100 * one.effect, before > 0 ? 100 * (after / before - 1) : 0);
    if (one.page_day >= 0) std::printf(" paged %.2f", one.page_day);
    std::printf(" end %.2f]", one.end_day);
  }
  std::printf("\n");
  std::fflush(stdout);
}

double median(std::vector<double> values) {
  if (values.empty()) return -1;
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

struct Power {
  int runs = 0;
  std::vector<double> ticket_h, page_h;
};

double share_within(const std::vector<double>& hours, double limit, int runs) {
  return static_cast<double>(std::count_if(hours.begin(), hours.end(), [&](double h) { return h <= limit; })) /
         std::max(runs, 1);
}

Power inject(const std::map<std::string, ServeGenSeries>& all, const char* field, const Injection& change, double usd) {
  Power power;
  for (const auto& [name, series] : all) {
    if (!kQuiet.contains(series.app) || series.field != field) continue;
    for (const double at : {5.2, 6.3, 7.15, 8.05, 8.75, 9.6}) {
      if (series.mean_between(at, at + 2) <= 0) continue;
      Playback playback{.usd_per_hour = usd, .until_day = at + 2, .injection = change};
      playback.injection.at_day = at;
      double ticket = -1, page = -1;
      for (const Told& one : play_servegen(series, playback)) {
        if (one.end_day < at) continue;
        if (ticket < 0 && one.at_day >= at) ticket = (one.at_day - at) * 24;
        if (page < 0 && one.page_day >= at) page = (one.page_day - at) * 24;
      }
      ++power.runs;
      if (ticket >= 0) power.ticket_h.push_back(ticket);
      if (page >= 0) power.page_h.push_back(page);
      if (std::getenv("REAL_TRAFFIC_VERBOSE") != nullptr) {
        std::printf("  %s %s at %.2f: ticket %.1f h, page %.1f h\n", name.c_str(), change.name.c_str(), at, ticket,
                    page);
      }
    }
  }
  return power;
}

void print_power(const char* field, const std::string& change, const Power& power) {
  std::printf("%-7s %-6s %4d   %5.2f %6.2f %8.2f   %5.2f %6.2f %8.2f\n", field, change.c_str(), power.runs,
              share_within(power.ticket_h, 3, power.runs), share_within(power.ticket_h, 24, power.runs),
              median(power.ticket_h), share_within(power.page_h, 4, power.runs),
              share_within(power.page_h, 24, power.runs), median(power.page_h));
  std::fflush(stdout);
}

Power both(Power a, const Power& b) {
  a.runs += b.runs;
  a.ticket_h.insert(a.ticket_h.end(), b.ticket_h.begin(), b.ticket_h.end());
  a.page_h.insert(a.page_h.end(), b.page_h.begin(), b.page_h.end());
  return a;
}

void inject_everywhere(const std::map<std::string, ServeGenSeries>& all, double usd) {
  std::printf("\ninjected on quiet series\nchanged change runs  ticket<3h <24h median_h   page<4h <24h median_h\n");
  const Injection changes[] = {{.name = "x1.1", .factor = 1.1},
                               {.name = "x1.25", .factor = 1.25},
                               {.name = "+600", .added = 600},
                               {.name = "x2", .factor = 2}};
  for (const Injection& change : changes) {
    const Power input = inject(all, "input", change, usd), output = inject(all, "output", change, usd);
    print_power("input", change.name, input);
    print_power("output", change.name, output);
    print_power("either", change.name, both(input, output));
  }
}

int run(const std::string& only) {
  const auto all = read_servegen(source_path());
  constexpr double kUsd = 60;
  if (only != "inject") {
    std::printf("series             kind    8k/day tickets+pages pages\n");
    double incidents = 0;
    for (const auto& [name, series] : all) {
      if (!only.empty() && name.find(only) == std::string::npos) continue;
      const auto told = play_servegen(series, {.usd_per_hour = kUsd, .injection = {}});
      std::printf("%-6s ", series.field.c_str());
      print_natural(series, told);
      incidents += static_cast<double>(told.size());
    }
    std::printf("incidents: %.0f\n", incidents);
  }
  if (!only.empty() && only != "inject") return 0;
  inject_everywhere(all, kUsd);
  return 0;
}

}  // namespace
}  // namespace costdrift::tests

int main(int argc, char** argv) { return costdrift::tests::run(argc > 1 ? argv[1] : ""); }
