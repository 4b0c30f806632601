#include "daemon/kafka/properties.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>
#include <utility>

namespace costdrift::daemon {
namespace {

constexpr std::size_t kMaxClientId = 64;  // librdkafka 2.0.2 crashes on long ones (#4689)

struct Reserved {
  std::string_view key;
  std::string_view why;
};

constexpr std::array kReserved = {
    Reserved{"enable.auto.commit", "the position in the log is kept with the state, so that every event counts once"},
    Reserved{"enable.auto.offset.store",
             "the position in the log is kept with the state, so that every event counts once"},
    Reserved{"auto.offset.reset",
             "a position that the log does not hold must stop costdrift, not skip or repeat events silently; "
             "kafka.start_from says where a new partition begins"},
    Reserved{"enable.partition.eof", "costdrift learns from it that it has read everything"},
    Reserved{"statistics.interval.ms", "the health report lives on it"},
    Reserved{"bootstrap.servers", "it is kafka.brokers"},
    Reserved{"metadata.broker.list", "it is kafka.brokers"},
    Reserved{"group.id", "it is kafka.group_id"},
};

KafkaProperties defaults(const std::string& host) {
  const std::string client = ("costdrift-" + host).substr(0, kMaxClientId);
  return {
      {"client.id", client},
      {"check.crcs", "true"},
      {"allow.auto.create.topics", "false"},
      {"partition.assignment.strategy", "cooperative-sticky"},
      {"session.timeout.ms", "45000"},
      {"heartbeat.interval.ms", "3000"},
      {"max.poll.interval.ms", "300000"},
      // Small queues make librdkafka 2.0.2 fetch in fits of one second: bytes bound the memory, not messages.
      {"queued.min.messages", "1000000"},
      {"queued.max.messages.kbytes", "131072"},
      {"fetch.message.max.bytes", "1048576"},
      {"fetch.wait.max.ms", "100"},
      {"receive.message.max.bytes", "100000000"},
      {"topic.metadata.refresh.interval.ms", "60000"},
      // With the jitter of librdkafka a broker that is back is tried again within 7.5 s, so that all is read within 15
      // s.
      {"reconnect.backoff.max.ms", "5000"},
      {"socket.keepalive.enable", "true"},
  };
}

void force(KafkaProperties& properties, const config::KafkaSettings& settings) {
  properties["bootstrap.servers"] = settings.brokers;
  // librdkafka wants a name even where no group is joined.
  properties["group.id"] = settings.group_id.empty() ? "costdrift-without-group" : settings.group_id;
  properties["enable.auto.commit"] = "false";
  properties["enable.auto.offset.store"] = "false";
  properties["auto.offset.reset"] = "error";
  properties["enable.partition.eof"] = "true";
  properties["statistics.interval.ms"] = "1000";
  if (!settings.group_id.empty()) properties.try_emplace("group.instance.id", properties["client.id"]);
}

// "sasl.password_file" -> "sasl.password"; empty when the key names no file.
std::string key_of_file(std::string_view key) {
  for (const std::string_view suffix : {"_file", ".file"}) {
    if (key.size() > suffix.size() && key.ends_with(suffix))
      return std::string(key.substr(0, key.size() - suffix.size()));
  }
  return "";
}

core::Result<std::pair<std::string, std::string>> read_property(const std::string& key, const std::string& value) {
  const std::string target = key_of_file(key);
  if (target.empty()) return std::pair{key, value};
  auto secret = config::read_secret(value);
  if (!secret) return core::fail(core::ErrorCode::config, "kafka.properties: " + key + ": " + secret.error().message);
  return std::pair{target, std::move(*secret)};
}

std::int64_t number(const KafkaProperties& properties, const std::string& key) {
  const auto found = properties.find(key);
  std::int64_t value = 0;
  if (found == properties.end()) return value;
  std::from_chars(found->second.data(), found->second.data() + found->second.size(), value);
  return value;
}

// What a consumer and a producer of the same brokers have in common.
bool is_about_the_connection(std::string_view key) {
  constexpr std::array kPrefixes = {"security.",   "sasl.",      "ssl.",    "enable.sasl.", "enable.ssl.",
                                    "socket.",     "broker.",    "client.", "reconnect.",   "metadata.",
                                    "api.version", "bootstrap.", "debug",   "resolve_",     "oauthbearer"};
  return std::any_of(kPrefixes.begin(), kPrefixes.end(), [&](const char* prefix) { return key.starts_with(prefix); });
}

}  // namespace

core::Result<KafkaProperties> kafka_properties(const config::KafkaSettings& settings, const std::string& host) {
  KafkaProperties given;
  for (const auto& [key, value] : settings.properties) {
    auto property = read_property(key, value);
    if (!property) return property.error();
    const auto reserved = std::find_if(kReserved.begin(), kReserved.end(),
                                       [&](const Reserved& candidate) { return candidate.key == property->first; });
    if (reserved != kReserved.end()) {
      return core::fail(core::ErrorCode::config,
                        "kafka.properties: " + key + " cannot be set: " + std::string(reserved->why) + "; remove it");
    }
    if (!given.insert(*property).second) {
      return core::fail(core::ErrorCode::config,
                        "kafka.properties: " + property->first + " is given twice; remove one");
    }
  }
  KafkaProperties properties = std::move(given);
  properties.merge(defaults(host));
  force(properties, settings);
  return properties;
}

KafkaProperties producer_properties(const KafkaProperties& source) {
  KafkaProperties properties = {{"enable.idempotence", "true"},
                                {"acks", "all"},
                                {"linger.ms", "5"},
                                {"message.max.bytes", "2000000"},
                                {"allow.auto.create.topics", "false"},
                                // How long a topic is waited for before its letters come back to us.
                                {"topic.metadata.propagation.max.ms", "1000"}};
  for (const auto& [key, value] : source) {
    if (is_about_the_connection(key)) properties[key] = value;
  }
  return properties;
}

void share_queue_memory(KafkaProperties& properties, int partitions) {
  constexpr std::int64_t kSmallestPiece = 65'536;
  const std::int64_t total_kib = number(properties, "queued.max.messages.kbytes");
  const std::int64_t piece = number(properties, "fetch.message.max.bytes");
  if (total_kib <= 0 || piece <= 0) return;  // librdkafka has refused them, or will
  const std::int64_t share_kib = std::max<std::int64_t>(1, total_kib / std::max(1, partitions));
  properties["queued.max.messages.kbytes"] = std::to_string(share_kib);
  // One answer may bring a whole piece beyond the bound.
  const std::int64_t fitting = std::clamp<std::int64_t>(share_kib * 1024 / 2, std::min(piece, kSmallestPiece), piece);
  properties["fetch.message.max.bytes"] = std::to_string(fitting);
}

}  // namespace costdrift::daemon
