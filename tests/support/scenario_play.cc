#include <algorithm>
#include <nlohmann/json.hpp>

#include "daemon/catalogue.h"
#include "daemon/pipeline.h"
#include "tests/support/scenario.h"

namespace costdrift::tests {
namespace {

core::Result<config::Settings> settings_of(const Scenario& scenario) {
  std::string yaml = "kafka: {brokers: localhost:9092, topics: [{name: llm.usage}]}\nstate: {path: /scenario}\n";
  if (!scenario.pages.empty()) yaml += "pages: " + scenario.pages + "\n";
  if (!scenario.detectors.empty()) yaml += "detectors: " + scenario.detectors + "\n";
  return config::parse_settings(yaml + "sinks: {}\n", scenario.name + ".yaml", daemon::catalogue());
}

// As the daemon would have taken them, each at its time.
core::Result<std::vector<daemon::Action>> declarations_of(const Scenario& scenario) {
  std::vector<daemon::Action> actions;
  for (const auto& declared : scenario.declared) {
    nlohmann::json request = {{"action", "declare"}, {"kind", declared.kind},     {"note", declared.note},
                              {"by", declared.by},   {"expect", declared.expect}, {"match", nlohmann::json::object()}};
    for (const auto& [label, value] : declared.match) request["match"][label] = value;
    if (!declared.up_to.empty()) request["up_to"] = declared.up_to;
    const auto action = daemon::parse_action(request.dump());
    if (!action) return action.error();
    actions.push_back(daemon::taken_at(*action, scenario.start() + scenario.history + declared.at));
  }
  return actions;
}

std::vector<const ScenarioRecord*> in_order(const std::vector<ScenarioRecord>& records, ReadingOrder order) {
  std::vector<const ScenarioRecord*> read;
  for (const auto& record : records) read.push_back(&record);
  if (order == ReadingOrder::by_event_time) return read;
  const auto place = [](const ScenarioRecord* record) {
    return std::tuple(core::floor_to(record->ts, core::hours(1)), kScenarioPartitions - record->partition,
                      record->offset);
  };
  std::sort(read.begin(), read.end(), [&](const auto* a, const auto* b) { return place(a) < place(b); });
  return read;
}

}  // namespace

core::Result<std::vector<core::AlertEvent>> play(const Scenario& scenario, const std::vector<ScenarioRecord>& records,
                                                 ReadingOrder order) {
  auto settings = settings_of(scenario);
  if (!settings) return settings.error();
  auto store = state::Store::open("/scenario", {.sync = false, .in_memory = true});
  if (!store) return store.error();
  const daemon::PriceBook prices = daemon::PriceBook::shipped({});
  std::vector<core::AlertEvent> alerts;
  auto pipeline = daemon::Pipeline::make(*settings, **store, prices,
                                         [&](const core::AlertEvent& event) { alerts.push_back(event); });
  if (!pipeline) return pipeline.error();
  for (std::size_t i = 0; i < kScenarioPartitions; ++i) {
    if (auto added = (*pipeline)->add_partition({"llm.usage", static_cast<std::int32_t>(i)}); !added) {
      return added.error();
    }
  }
  auto declared = declarations_of(scenario);
  if (!declared) return declared.error();
  std::string problem;
  (*pipeline)->plan(*std::move(declared), [&](const std::string& text) { problem = text; });
  // Advances and commits at moments that differ between the two orders: neither may show.
  const std::size_t advance_every = order == ReadingOrder::by_event_time ? 64 : 1000;
  const std::size_t commit_every = 32 * advance_every;
  std::size_t read = 0;
  for (const ScenarioRecord* record : in_order(records, order)) {
    (*pipeline)->process({record->partition, record->offset, record->json, {}});
    if (++read % advance_every == 0) (*pipeline)->advance();
    if (read % commit_every != 0) continue;
    if (auto committed = (*pipeline)->commit(); !committed) return committed.error();
  }
  (*pipeline)->advance();
  if (auto committed = (*pipeline)->commit(); !committed) return committed.error();
  if (!problem.empty()) return core::fail(core::ErrorCode::bad_data, scenario.name + ": " + problem);
  return alerts;
}

}  // namespace costdrift::tests
