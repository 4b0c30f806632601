#include "replay/injection.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "core/hash.h"
#include "daemon/decode/decode.h"

namespace costdrift::replay {
namespace {

using Json = nlohmann::json;

// 0..1, the same for the same text and seed.
double draw(const std::string& text, std::uint64_t seed) {
  const std::uint64_t mixed = core::hash64(std::to_string(seed) + "/" + text);
  return static_cast<double>(mixed >> 11) / 9007199254740992.0;  // 2^53
}

std::string text_of(const Json& event, const char* key) {
  const auto found = event.find(key);
  return found != event.end() && found->is_string() ? found->get<std::string>() : std::string();
}

void scale_tokens(Json& event, const char* key, double factor) {
  const auto found = event.find(key);
  if (found != event.end() && found->is_number_integer()) {
    *found = std::llround(static_cast<double>(found->get<std::int64_t>()) * factor);
  }
}

Json copy_of(const Json& event, const char* suffix) {
  Json copy = event;
  if (const auto id = text_of(event, "event_id"); !id.empty()) copy["event_id"] = id + suffix;
  return copy;
}

Json second_attempt(const Json& event) {
  Json copy = copy_of(event, "-injected-retry");
  copy.erase("retry_count");
  const auto attempt = event.find("attempt");
  copy["attempt"] = attempt != event.end() && attempt->is_number_integer() ? attempt->get<std::int64_t>() + 1 : 2;
  return copy;
}

// The step once more; the run goes on twice as deep.
std::vector<Json> doubled_step(Json event) {
  Json copy = copy_of(event, "-injected-step");
  event.erase("run_end");
  const auto step = event.find("step");
  if (step != event.end() && step->is_number_integer()) {
    const auto n = step->get<std::int64_t>();
    event["step"] = 2 * n - 1;
    copy["step"] = 2 * n;
  }
  return {std::move(event), std::move(copy)};
}

// What becomes of one event; the reported cost is as before.
std::vector<Json> drifted(const Injection& injection, Json event, const std::string& place) {
  const std::string run = text_of(event, "run_id"), id = text_of(event, "event_id");
  const bool by_run = injection.drift == InjectedDrift::loops;
  if (by_run && run.empty()) return {std::move(event)};
  const bool hit = draw(by_run ? run : id.empty() ? place : id, injection.seed) < injection.size;
  switch (injection.drift) {
    case InjectedDrift::prompt:
      scale_tokens(event, "input_tokens", 1 + injection.size);
      return {std::move(event)};
    case InjectedDrift::price:
      if (event.contains("cost_usd") && event["cost_usd"].is_number()) {
        event["cost_usd"] = event["cost_usd"].get<double>() * (1 + injection.size);
      }
      return {std::move(event)};
    case InjectedDrift::retries:
      if (hit) return {event, second_attempt(event)};
      return {std::move(event)};
    case InjectedDrift::cache_loss:
      if (hit && event.contains("cache_read_tokens")) event["cache_read_tokens"] = 0;
      return {std::move(event)};
    case InjectedDrift::loops:
      if (hit) return doubled_step(std::move(event));
      return {std::move(event)};
    case InjectedDrift::mix:
      if (hit) event["model"] = injection.to_model;
      return {std::move(event)};
  }
  core::bug("unknown drift");
}

// The first event of a record.
class First final : public daemon::EventHandler {
 public:
  explicit First(const daemon::PriceBook& prices) : prices_(prices) {}
  void on_event(const core::UsageEvent& event) override {
    if (found) return;
    found = true;
    ts = event.ts;
    app = event.app;
    core::UsageEvent priced = event;
    prices_.price(priced);
    cost = priced.cost;
    list_cost = priced.list_cost;
  }
  void on_rejected(daemon::RejectReason, std::string_view) override {}
  bool found = false;
  core::EventTime ts;
  std::string app;
  core::NanoUsd cost;
  std::optional<core::NanoUsd> list_cost;

 private:
  const daemon::PriceBook& prices_;
};

}  // namespace

std::string_view drift_name(InjectedDrift drift) {
  switch (drift) {
    case InjectedDrift::prompt:
      return "prompt";
    case InjectedDrift::retries:
      return "retries";
    case InjectedDrift::cache_loss:
      return "cache_loss";
    case InjectedDrift::loops:
      return "loops";
    case InjectedDrift::price:
      return "price";
    case InjectedDrift::mix:
      return "mix";
  }
  core::bug("unknown drift");
}

std::string_view watching_detector(InjectedDrift drift) {
  switch (drift) {
    case InjectedDrift::prompt:
      return "prompt_growth";
    case InjectedDrift::retries:
      return "retry_rate";
    case InjectedDrift::cache_loss:
      return "cache_hit_rate";
    case InjectedDrift::loops:
      return "loop_depth";
    case InjectedDrift::price:
      return "price_change";
    case InjectedDrift::mix:
      return "model_mix";
  }
  core::bug("unknown drift");
}

struct Injector::Impl {
  std::vector<Injection> injections;
  std::vector<std::map<core::EventTime, core::NanoUsd>> added;  // by minute
  std::vector<std::int64_t> changed;
  std::unique_ptr<daemon::Decoder> decoder;
  const daemon::PriceBook* prices = nullptr;

  First read(std::string_view record) {
    First first(*prices);
    decoder->decode(record, first);
    return first;
  }

  bool in_time(const Injection& injection, core::EventTime ts) const {
    return injection.from <= ts && ts < injection.to;
  }

  void hand_on(const daemon::LogRecord& record, daemon::LogHandler& next) {
    const First before = read(record.value);
    const auto found = std::find_if(injections.begin(), injections.end(), [&](const Injection& injection) {
      return before.found && injection.app == before.app && in_time(injection, before.ts);
    });
    Json event = found == injections.end() ? Json() : Json::parse(record.value, nullptr, false);
    if (!event.is_object()) return next.on_record(record);
    const auto index = static_cast<std::size_t>(found - injections.begin());
    const std::string place = std::to_string(record.partition) + ":" + std::to_string(record.offset);
    const std::string text = changed_record(index, event, before, place);
    next.on_record({record.partition, record.offset, text, record.appended_at});
  }

  std::string changed_record(std::size_t index, const Json& event, const First& before, const std::string& place) {
    core::NanoUsd cost{};
    Json after = Json::array();
    for (Json& one : drifted(injections[index], event, place)) {
      cost += settle_cost(injections[index], one, before);
      after.push_back(std::move(one));
    }
    changed[index] += after.size() > 1 || after[0] != event ? 1 : 0;
    added[index][core::floor_to(before.ts, core::minutes(1))] += cost - before.cost;
    return after.dump(-1, ' ', false, Json::error_handler_t::replace);
  }

  // Lets a reported cost follow the list; returns the cost of the event.
  core::NanoUsd settle_cost(const Injection& injection, Json& event, const First& before) {
    const First now = read(event.dump(-1, ' ', false, Json::error_handler_t::replace));
    const bool reported = event.contains("cost_usd") && event["cost_usd"].is_number();
    if (!reported || injection.drift == InjectedDrift::price || !now.list_cost || !before.list_cost ||
        before.list_cost->nano <= 0 || now.list_cost == before.list_cost) {
      return now.cost;
    }
    const double ratio = static_cast<double>(now.list_cost->nano) / static_cast<double>(before.list_cost->nano);
    event["cost_usd"] = event["cost_usd"].get<double>() * ratio;
    return core::from_usd(event["cost_usd"].get<double>());
  }
};

Injector::Injector(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Injector::~Injector() = default;

core::Result<std::unique_ptr<Injector>> Injector::make(std::vector<Injection> injections,
                                                       const config::Settings& settings,
                                                       const daemon::PriceBook& prices) {
  auto decoder = daemon::make_decoder("canonical", {.max_message_bytes = settings.limits.max_message_bytes});
  if (!decoder) return decoder.error();
  auto impl = std::make_unique<Impl>();
  impl->added.resize(injections.size());
  impl->changed.resize(injections.size());
  impl->injections = std::move(injections);
  impl->decoder = *std::move(decoder);
  impl->prices = &prices;
  return std::unique_ptr<Injector>(new Injector(std::move(impl)));
}

RecordEdit Injector::edit() {
  return [this](const daemon::LogRecord& record, daemon::LogHandler& next) { impl_->hand_on(record, next); };
}

const std::vector<Injection>& Injector::injections() const { return impl_->injections; }

core::NanoUsd Injector::added(std::size_t injection, core::EventTime at) const {
  core::NanoUsd sum{};
  for (const auto& [minute, cost] : impl_->added[injection]) {
    if (minute < at) sum += cost;
  }
  return sum;
}

std::int64_t Injector::changed(std::size_t injection) const { return impl_->changed[injection]; }

}  // namespace costdrift::replay
