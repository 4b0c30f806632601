#include "tests/support/delivery_bench.h"

#include <cstdlib>
#include <filesystem>

#include "tests/support/await.h"

namespace costdrift::tests {
namespace {

class CancelProbe final : public sinks::HttpClient {
 public:
  explicit CancelProbe(const std::function<void()>& on_cancel) : on_cancel_(on_cancel) {}
  sinks::HttpReply post(const sinks::HttpRequest&) override { core::bug("test: no HTTP here"); }
  void cancel() override {
    if (on_cancel_) on_cancel_();
  }

 private:
  const std::function<void()>& on_cancel_;
};

std::unique_ptr<state::Store> open_store(const std::string& path, const state::StoreOptions& options) {
  auto store = state::Store::open(path, options);
  if (!store) core::bug(("test: " + store.error().message).c_str());
  return std::move(*store);
}

}  // namespace

DeliveryBench::DeliveryBench(int storm_limit, core::Duration ticket_ttl)
    : store_(open_store("bench", {.in_memory = true})), storm_limit_(storm_limit), ticket_ttl_(ticket_ttl) {}

DeliveryBench::~DeliveryBench() {
  for (auto& [name, record] : records_) record.hold(false);
  delivery_.reset();
  store_.reset();
  std::error_code ignored;
  if (!directory_.empty()) std::filesystem::remove_all(directory_, ignored);
}

void DeliveryBench::start_on_a_store_that_cannot_be_written(const SinkPlan& plan) {
  directory_ = (std::filesystem::temp_directory_path() / "costdrift-bench-XXXXXX").string();
  if (mkdtemp(directory_.data()) == nullptr) core::bug("test: no temporary directory");
  const std::string path = directory_ + "/state";
  open_store(path, {.create = true});
  store_ = open_store(path, {.create = false, .read_only = true});
  open({plan});
}

void DeliveryBench::open(const std::vector<SinkPlan>& plans) {
  table_ = std::make_unique<state::DeliveryTable>(*store_);
  std::vector<daemon::SinkSetup> setups;
  for (const SinkPlan& plan : plans) {
    setups.push_back({plan.name, plan.type, std::make_unique<RecordingSink>(records_[plan.name], clock_),
                      plan.min_interval, plan.burst, std::make_unique<CancelProbe>(on_cancel_)});
  }
  plans_ = plans;
  delivery_ =
      std::make_unique<daemon::Delivery>(std::move(setups), *table_, clock_, &clock_, storm_limit_, ticket_ttl_);
}

void DeliveryBench::restart() {
  delivery_.reset();
  open(std::vector<SinkPlan>(plans_));
}

void DeliveryBench::want(const std::string& sink, const std::string& incident_id, std::int64_t version,
                         core::NotificationAction action, core::Severity severity) {
  core::Notification notification;
  notification.action = action;
  notification.event.incident_id = incident_id;
  notification.event.version = version;
  notification.event.severity = severity;
  delivery_->want(sink, std::move(notification));
}

daemon::SinkStatistics DeliveryBench::statistics(const std::string& sink) const {
  for (daemon::SinkStatistics& one : delivery_->statistics()) {
    if (one.name == sink) return one;
  }
  core::bug("test: no such sink");
}

bool DeliveryBench::advance(core::Duration step) {
  clock_.advance(step);
  return settle();
}

bool DeliveryBench::await_idle() const {
  return await([this] {
    for (const daemon::SinkStatistics& sink : delivery_->statistics()) {
      if (sink.pending > 0) return false;
    }
    return true;
  });
}

}  // namespace costdrift::tests
