// arl_delay: how long after a change each rule alarms, when all raise false alarms equally often. See bench/README.md.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "bench/arl_delay/page.h"
#include "bench/arl_delay/summary.h"
#include "bench/arl_delay/table.h"
#include "bench/arl_delay/trials.h"

namespace costdrift::bench {
namespace {

struct Options {
  bool quick = false;
  Effort effort;
  std::vector<std::string> scenarios;  // parts of names; empty: all
  std::string report;                  // empty: beside the program
};

bool wanted(const Options& options, const Scenario& scenario) {
  return options.scenarios.empty() ||
         std::any_of(options.scenarios.begin(), options.scenarios.end(),
                     [&](const std::string& part) { return scenario.name.find(part) != std::string::npos; });
}

bool write_report(const Options& options, const std::vector<ScenarioResult>& results) {
  std::ofstream file(options.report);
  file << report_page(results, options.effort);
  file.close();
  if (file.good()) return true;
  std::fprintf(stderr, "arl_delay: cannot write the page to %s; choose a place with --report\n",
               options.report.c_str());
  return false;
}

int run(const Options& options) {
  const auto scenarios = all_scenarios();
  std::printf("%s", table_heading(options.effort).c_str());
  std::vector<ScenarioResult> results;
  for (const auto& scenario : scenarios) {
    if (!wanted(options, scenario)) continue;
    results.push_back(run_scenario(scenario, options.effort));
    std::printf("%s", scenario_table(results.back()).c_str());
    std::fflush(stdout);
  }
  if (results.empty()) {
    std::fprintf(stderr, "arl_delay: no scenario has that in its name; `arl_delay --list` prints the names\n");
    return 64;
  }
  if (!write_report(options, results)) return 74;
  std::printf("\nPage: %s\n", options.report.c_str());
  const Summary summary = summarise(results);
  std::printf("%s\n%s\n", wider_goals_line(summary).c_str(), closing_line(summary).c_str());
  return 0;
}

}  // namespace
}  // namespace costdrift::bench

int main(int argc, char** argv) {
  using namespace costdrift::bench;
  Options options;
  int runs = 0, trials = 0;
  bool list = false;
  options.effort.threads = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  CLI::App app{
      "Delay to detection at equal false-alarm rates: costdrift's kernel, the optimum, and the rules in use today"};
  app.add_flag("--quick", options.quick, "fewer streams: under a minute on two cores");
  app.add_option("--scenario", options.scenarios, "only scenarios with this in their name; may be given again");
  app.add_option("--seed", options.effort.seed, "of all streams")->capture_default_str();
  app.add_option("--runs", runs, "streams without change for each scenario")->check(CLI::PositiveNumber);
  app.add_option("--trials", trials, "streams with each change")->check(CLI::PositiveNumber);
  app.add_option("--threads", options.effort.threads, "changes the time it takes, not the result")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_flag("--kernel-only", options.effort.kernel_only, "costdrift and the oracle alone");
  app.add_option("--report", options.report, "where to write the page (default: arl_delay.html beside the program)");
  app.add_flag("--list", list, "print the names of the scenarios and end");
  CLI11_PARSE(app, argc, argv);
  if (list) {
    for (const auto& scenario : all_scenarios()) std::printf("%s\n", scenario.name.c_str());
    return 0;
  }
  if (options.report.empty()) {
    options.report = std::filesystem::path(argv[0]).replace_filename("arl_delay.html").string();
  }
  options.effort.runs = runs > 0 ? runs : options.quick ? 80 : 1000;
  options.effort.trials = trials > 0 ? trials : options.quick ? 80 : 1000;
  return run(options);
}
