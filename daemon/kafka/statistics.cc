#include "daemon/kafka/statistics.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace costdrift::daemon {
namespace {

// A leader of ours answers a fetch every fetch.wait.max.ms, data or not.
constexpr std::int64_t kLongestSilenceUs = 3'000'000;

ClusterView::Broker broker_view(const nlohmann::json& broker) {
  ClusterView::Broker view;
  view.name = broker.value("nodename", std::string());
  if (view.name.empty()) view.name = broker.value("name", std::string());
  view.connected = broker.value("state", std::string()) == "UP";
  const auto silence = broker.value("rxidle", std::int64_t{-1});
  view.answers = view.connected && silence >= 0 && silence <= kLongestSilenceUs;
  return view;
}

void add_brokers(const nlohmann::json& brokers, ClusterView& view) {
  for (const auto& [key, broker] : brokers.items()) {
    const std::string source = broker.value("source", std::string());
    if (source != "configured" && source != "learned") continue;
    auto& known = view.brokers[broker.value("nodeid", std::int32_t{-1})];
    if (!known.connected) known = broker_view(broker);
  }
}

void add_leaders(const nlohmann::json& topics, ClusterView& view) {
  for (const auto& [topic, fields] : topics.items()) {
    const auto partitions = fields.find("partitions");
    if (partitions == fields.end()) continue;
    for (const auto& [key, partition] : partitions->items()) {
      const auto number = partition.value("partition", std::int32_t{-1});
      if (number >= 0) view.leaders[{topic, number}] = partition.value("leader", std::int32_t{-1});
    }
  }
}

}  // namespace

bool ClusterView::any_connected() const {
  return std::any_of(brokers.begin(), brokers.end(), [](const auto& entry) { return entry.second.connected; });
}

bool ClusterView::leader_answers(const TopicPartition& partition) const {
  const auto leader = leaders.find(partition);
  if (leader == leaders.end() || leader->second < 0) return false;
  const auto broker = brokers.find(leader->second);
  return broker != brokers.end() && broker->second.answers;
}

core::Result<ClusterView> parse_statistics(std::string_view json) {
  const auto fail = [] { return core::fail(core::ErrorCode::internal, "librdkafka's statistics cannot be read"); };
  try {
    const auto document = nlohmann::json::parse(json);
    if (!document.contains("brokers") || !document.contains("topics")) return fail();
    ClusterView view;
    add_brokers(document["brokers"], view);
    add_leaders(document["topics"], view);
    return view;
  } catch (const nlohmann::json::exception&) {
    return fail();
  }
}

}  // namespace costdrift::daemon
