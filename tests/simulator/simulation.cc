#include "tests/simulator/simulation.h"

#include <set>

#include "core/hash.h"
#include "daemon/catalogue.h"
#include "daemon/run_loop.h"
#include "state/dump.h"
#include "state/ledger.h"
#include "tests/support/fake_clock.h"
#include "tests/support/simulated_disk.h"

namespace costdrift::tests {
namespace {

constexpr const char* kPath = "/state";
constexpr int kMaxTurns = 20'000;
constexpr core::Duration kMaxDrain = core::minutes(10);

config::Settings settings() {
  return *config::parse_settings(
      "kafka: {brokers: localhost:9092, topics: [{name: llm.usage}]}\nstate: {path: /state}\n"
      "limits: {max_series: 2}\npages: {min_usd_per_hour: 0.01}\nsinks: {chat: {type: console}, pager: {type: "
      "console}}\n",
      "simulation.yaml", daemon::catalogue());
}

class Simulation {
 public:
  Simulation(const TrafficLog& traffic, const Plan& plan)
      : traffic_(traffic), plan_(plan), random_(plan.seed), settings_(settings()), receivers_(random_) {
    receivers_.faults = plan.sinks;
  }

  SimulationOutcome run(const std::string& reference) {
    if (open()) {
      for (int turn = 0; turn < kMaxTurns && !finished(); ++turn) step();
    }
    if (!finished()) violate("liveness", "not everything was read and delivered in the end");
    if (life_) check_end(reference);
    outcome_.lives = receivers_.life;
    outcome_.trace = core::hash64(trace_ + outcome_.dump);
    return std::move(outcome_);
  }

 private:
  // What dies with the process.
  struct Life {
    std::unique_ptr<state::Store> store;
    std::unique_ptr<state::DeliveryTable> deliveries;
    std::unique_ptr<SimulatedSinks> sinks;
    std::unique_ptr<daemon::Pipeline> pipeline;
    std::unique_ptr<SimulatedLog> log;
    std::unique_ptr<daemon::RunLoop> loop;
    core::EventTime watermark = core::EventTime::min();
  };

  bool open() {
    ++receivers_.life;
    auto life = std::make_unique<Life>();
    auto store = state::Store::open(kPath, {.sync = plan_.bug != SeededBug::unsynced_commit, .env = disk_.env()});
    if (!store) return violate("I1", "the state does not open again: " + store.error().message);
    life->store = *std::move(store);
    life->deliveries = std::make_unique<state::DeliveryTable>(*life->store);
    life->sinks = std::make_unique<SimulatedSinks>(receivers_, *life->deliveries, random_.bits(),
                                                   plan_.bug != SeededBug::unopened_end);
    auto pipeline = daemon::Pipeline::make(settings_, *life->store, prices_,
                                           [this](const core::AlertEvent& event) { decided(event); });
    if (!pipeline) return violate("I1", "the pipeline does not start again: " + pipeline.error().message);
    life->pipeline = *std::move(pipeline);
    life->log = std::make_unique<SimulatedLog>(traffic_, random_, faults_stopped_ ? LogFaults{} : plan_.log);
    life->loop = std::make_unique<daemon::RunLoop>(
        *life->pipeline, clock_, daemon::RunLoopOptions{.idle_timeout = {}},
        [this](std::vector<daemon::Outgoing> outgoing) { committed(std::move(outgoing)); });
    life_ = std::move(life);
    check_receivers_know_only_what_is_durable();
    remember_noted_attempts();
    life_->sinks->want(life_->pipeline->undelivered(), clock_.monotonic_now());
    return true;
  }

  void remember_noted_attempts() {
    for (const auto& [id, event] : book()) {
      const auto told = life_->deliveries->get(SimulatedSinks::kPager, id);
      const bool noted = told && told->action == static_cast<std::uint8_t>(core::NotificationAction::trigger);
      if (noted) receivers_.attempt_was_noted(SimulatedSinks::kPager, id);
    }
  }

  void decided(const core::AlertEvent& event) {
    if (plan_.bug != SeededBug::early_message) return;
    const core::Notification notification{core::NotificationAction::trigger, event};
    life_->sinks->want({{SimulatedSinks::kChat, notification}}, clock_.monotonic_now());
    life_->sinks->deliver_due(clock_.monotonic_now());
  }

  void committed(std::vector<daemon::Outgoing> outgoing) {
    if (plan_.bug == SeededBug::forgotten_message && random_.chance(0.5)) outgoing.pop_back();
    life_->sinks->want(outgoing, clock_.monotonic_now());
  }

  void step() {
    clock_.advance(plan_.turn);
    if (!faults_stopped_ && random_.chance(plan_.kill)) {
      disk_.kill_after(1 + static_cast<std::int64_t>(random_.uniform() * 30));
    }
    const auto turned = life_->loop->turn(*life_->log, {});
    if (turned) life_->sinks->deliver_due(clock_.monotonic_now());
    if (!turned || disk_.dead()) return die();
    check_watermark();
    if (life_->sinks->pending() > 2 * (life_->pipeline->incidents().open_count() + kMaxEnded)) {
      violate("I6", "a queue holds more than one message an incident");
    }
    if (!faults_stopped_ && life_->log->lag() == 0) stop_faults();
  }

  void die() {
    disk_.kill_after(1);
    life_.reset();
    const bool power_loss = random_.chance(plan_.power_loss);
    if (power_loss) disk_.lose_power();
    disk_.revive();
    trace_ += power_loss ? "power;" : "kill;";
    open();
  }

  void stop_faults() {
    faults_stopped_ = true;
    faults_stopped_at_ = clock_.monotonic_now();
    disk_.revive();
    receivers_.faults = {};
    life_->log->stop_faults();
  }

  bool finished() const {
    return !life_ || (faults_stopped_ && life_->log->lag() == 0 && life_->sinks->pending() == 0 &&
                      life_->loop->commits() > 0 && !life_->store->dirty());
  }

  void check_watermark() {
    const core::EventTime mark = life_->pipeline->watermark();
    if (mark < life_->watermark) violate("I7", "the watermark went back");
    life_->watermark = mark;
    core::EventTime newest = core::EventTime::min();
    for (std::size_t p = 0; p < life_->pipeline->partitions(); ++p) {
      newest = std::max(newest, life_->pipeline->partition(p).position().newest);
    }
    if (mark > newest) violate("I7", "the watermark is beyond the newest event");
  }

  std::map<std::string, core::AlertEvent> book() const {
    std::map<std::string, core::AlertEvent> newest;
    for (auto& event : life_->pipeline->incidents().newest(1000)) newest.emplace(event.incident_id, event);
    return newest;
  }

  void check_receivers_know_only_what_is_durable() {
    const auto incidents = book();
    for (const char* sink : {SimulatedSinks::kChat, SimulatedSinks::kPager}) {
      for (const auto& message : receivers_.messages(sink)) {
        const auto known = incidents.find(message.incident_id);
        if (known == incidents.end() || known->second.version < message.version) {
          violate("I8", std::string(sink) + " knows a message that the reopened state does not");
        }
      }
    }
  }

  void check_end(const std::string& reference) {
    const auto drained = clock_.monotonic_now() - faults_stopped_at_;
    if (faults_stopped_ && drained > std::chrono::microseconds(kMaxDrain.us)) {
      violate("liveness", "reading and delivering the rest took more than ten minutes");
    }
    const auto dumped =
        state::dump_store(*life_->store, {}, [&](std::string_view line) { outcome_.dump.append(line).append("\n"); });
    if (!dumped) violate("I1", dumped.error().message);
    if (!reference.empty() && outcome_.dump != reference) violate("I1", first_difference(reference));
    check_accounting();
    check_receivers(SimulatedSinks::kChat, true);
    check_receivers(SimulatedSinks::kPager, false);
    outcome_.incidents = static_cast<int>(book().size());
  }

  std::string first_difference(const std::string& reference) const {
    const auto at = std::mismatch(reference.begin(), reference.end(), outcome_.dump.begin(), outcome_.dump.end());
    const auto line_of = [](const std::string& text, std::size_t position) {
      const auto begin = text.rfind('\n', position) + 1;
      return text.substr(begin, text.find('\n', position) - begin).substr(0, 300);
    };
    const auto position = static_cast<std::size_t>(at.first - reference.begin());
    return "the state differs, first in\n  without faults: " + line_of(reference, position) +
           "\n  with faults:    " + line_of(outcome_.dump, position);
  }

  void check_accounting() {
    std::int64_t counted = 0, records = 0, in_ledger = 0;
    for (std::size_t p = 0; p < life_->pipeline->partitions(); ++p) {
      const state::Accounting& a = life_->pipeline->partition(p).position().accounting;
      if (a.consumed != a.accepted + a.duplicate + a.late + a.dead_total()) violate("I5", "the accounting is off");
      counted += a.accepted + a.late;
      records += a.consumed;
    }
    life_->store->scan(state::KeySpace::ledger, {}, {}, [&](std::string_view, std::string_view value) {
      if (const auto row = state::decode_ledger_row(value)) in_ledger += row->totals.calls;
      return true;
    });
    const auto in_open_buckets = static_cast<std::int64_t>(traffic_.partitions.size());
    if (in_ledger + in_open_buckets != counted) violate("I5", "the ledger is not the sum of the accepted events");
    if (records != traffic_.records()) violate("I5", "not every record is accounted for once");
  }

  void check_receivers(const char* sink, bool hears_everything) {
    std::map<std::string, std::int64_t> last;
    std::set<std::pair<std::string, std::int64_t>> seen;
    for (const auto& message : receivers_.messages(sink)) {
      ++outcome_.messages;
      if (!seen.emplace(message.incident_id, message.version).second) ++outcome_.duplicates;
      const auto before = last.find(message.incident_id);
      if (before != last.end() && message.version < before->second) violate("I3", "an older version after a newer one");
      if (!hears_everything && message.action == core::NotificationAction::resolve &&
          !receivers_.beginning_was_tried(sink, message.incident_id)) {
        violate("I3", std::string(sink) + " heard of an end before a beginning");
      }
      last[message.incident_id] = message.version;
      trace_ += sink + message.incident_id + std::to_string(message.version) + ";";
    }
    for (const auto& [id, event] : book()) {
      const auto told = last.find(id);
      const bool needs_nothing = !hears_everything && told == last.end() && event.resolved_at.has_value();
      if (needs_nothing) continue;
      if (told == last.end())
        violate("I2", std::string(sink) + " never heard of " + event.summary);
      else if (told->second != event.version)
        violate("I4", std::string(sink) + " was not told the newest version");
    }
  }

  bool violate(const std::string& invariant, const std::string& what) {
    outcome_.violations.push_back(invariant + ": " + what);
    return false;
  }

  static constexpr std::int64_t kMaxEnded = 50;

  const TrafficLog& traffic_;
  const Plan plan_;
  Random random_;
  FakeClock clock_;
  SimulatedDisk disk_;
  const config::Settings settings_;
  const daemon::PriceBook prices_ = daemon::PriceBook::shipped({});
  Receivers receivers_;
  std::unique_ptr<Life> life_;
  bool faults_stopped_ = false;
  core::MonotonicTime faults_stopped_at_;
  std::string trace_;
  SimulationOutcome outcome_;
};

}  // namespace

SimulationOutcome simulate(const TrafficLog& traffic, const Plan& plan, const std::string& reference) {
  return Simulation(traffic, plan).run(reference);
}

}  // namespace costdrift::tests
