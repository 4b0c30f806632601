#include "tests/support/sample_snapshot.h"

namespace costdrift::tests {

namespace {

constexpr core::EventTime kNoon{1'772'452'800'000'000};  // 2026-03-02T12:00:00Z

core::EventTime at(std::int64_t minutes) { return kNoon + core::minutes(minutes); }

void set_part(core::AlertEvent& event, core::CostPart part, double usd) {
  event.usd_split[static_cast<std::size_t>(part)] = usd;
}

core::AlertEvent retry_alert() {
  core::AlertEvent event = sample_alert();
  event.incident_id = "9d5b0a3f6a1c44d1b7a2c2f6b3a1e7c4";
  event.detector = "retry_rate";
  event.severity = core::Severity::critical;
  event.series = core::SeriesKey::of({{core::Dimension::app, "doc-indexer"}, {core::Dimension::model, "gpt-4o-mini"}});
  event.labels = event.series.labels();
  event.onset = at(101);
  event.quantity = "retries per attempt";
  event.unit = "retries/attempt";
  event.expected = 0.048;
  event.observed = 0.251;
  event.effect = 4.23;
  event.effect_low = 3.6;
  event.effect_high = 4.9;
  event.usd_so_far = 212.4;
  event.usd_per_hour = 96.5;
  event.usd_per_month = 69'480;
  for (double& part : event.usd_split) part = 0;
  set_part(event, core::CostPart::retry, 96.5);
  event.drivers = {{core::Dimension::region, "eu-west-1", 0.99}};
  event.owner = "";
  event.also.clear();
  const core::IncidentRef other{
      "0123456789abcdef0123456789abcdef",
      core::SeriesKey::of({{core::Dimension::app, "support-bot"}, {core::Dimension::model, "gpt-4o"}})};
  event.elsewhere = {.incidents = 3, .usd_per_hour = 44, .largest = {{other, 0.309, 38.0, false}}};
  event.summary =
      "doc-indexer / gpt-4o-mini: retries per attempt 0.251, expected 0.048 (+420 %) since 13:41 UTC; $97 an hour, "
      "$69k a "
      "month at this rate; 99 % of it is region eu-west-1";
  return event;
}

core::AlertEvent resolved_alert() {
  core::AlertEvent event = sample_alert();
  event.incident_id = "11112222333344445555666677778888";
  event.status = core::AlertStatus::resolved;
  event.detector = "cache_hit_rate";
  event.onset = at(-600);
  event.resolved_at = at(-410);
  event.summary =
      "billing-copilot / claude-sonnet-4: cache hit rate 0.12, expected 0.71 (-83 %) from 02:00 to 05:10 UTC";
  event.usd_so_far = 57.31;
  return event;
}

core::AlertEvent unpriced_alert() {
  core::AlertEvent event = resolved_alert();
  event.incident_id = "aaaabbbbccccddddeeeeffff00001111";
  event.status = core::AlertStatus::retracted;
  event.usd_so_far = event.usd_per_hour = event.usd_per_month = std::nullopt;
  event.summary = "lab / llama-3-70b: output tokens per call 812, expected 640 (+27 %)";
  event.onset = at(-900);
  event.resolved_at = at(-860);
  return event;
}

daemon::PartitionStatus partition(std::int32_t number, std::int64_t accepted) {
  daemon::PartitionStatus status;
  status.partition = {"llm.usage", number};
  status.accounting.accepted = accepted;
  status.accounting.duplicate = 12;
  status.accounting.late = 3;
  status.accounting.dead_lettered = {{"malformed", 2}, {"missing_field", 5}};
  status.accounting.consumed = accepted + 22;
  status.next_offset = status.accounting.consumed;
  status.newest = at(130);
  status.caught_up = true;
  return status;
}

daemon::SinkStatistics sink(std::string name, std::string type, std::int64_t delivered) {
  daemon::SinkStatistics statistics;
  statistics.name = std::move(name);
  statistics.type = std::move(type);
  statistics.delivered = delivered;
  return statistics;
}

}  // namespace

core::AlertEvent sample_alert() {
  core::AlertEvent event;
  event.incident_id = "0123456789abcdef0123456789abcdef";
  event.detector = "prompt_growth";
  event.severity = core::Severity::warning;
  event.reason = "first seen";
  event.series = core::SeriesKey::of({{core::Dimension::app, "support-bot"}, {core::Dimension::model, "gpt-4o"}});
  event.labels = event.series.labels();
  event.onset = at(125);
  event.onset_earliest = at(124);
  event.onset_latest = at(127);
  event.detected_at = at(129);
  event.updated_at = at(144);
  event.acknowledged_at = at(133);
  event.acknowledged_by = "ana";
  event.unit = "tokens/call";
  event.quantity = "input tokens per call";
  event.expected = 1980;
  event.observed = 2592;
  event.effect = 0.309;
  event.effect_low = 0.28;
  event.effect_high = 0.34;
  event.log10_evidence = 7.3;
  event.usd_so_far = 41.2;
  event.usd_per_hour = 38;
  event.usd_per_month = 27'360;
  set_part(event, core::CostPart::input, 33.5);
  set_part(event, core::CostPart::volume, 4.5);
  event.drivers = {{core::Dimension::use_case, "rag-search", 0.94}, {core::Dimension::prompt_version, "v14", 0.91}};
  event.owner_team = "cx";
  event.owner = "ana";
  event.cost_center = "CC-1204";
  event.calls = 1840;
  event.samples = {{core::from_usd(0.42), "llm.usage", 3, 991, "4bf92f3577b34da6a3ce929d0e0e4736", ""}};
  event.also = {{"spend", at(126), "dollars per minute", "$/min", 1.2, 1.83, 0.525, 38}};
  event.summary =
      "support-bot / gpt-4o: input tokens per call 2,592, expected 1,980 (+31 %) since 14:05 UTC; $38 an hour, $27k a "
      "month "
      "at this rate; 94 % of it is use case rag-search";
  event.quiet_if = "effect below 10 % or under $5/h";
  event.incident_url = "http://127.0.0.1:8321/#0123456789abcdef0123456789abcdef";
  event.runbook_url = "https://runbooks.example.com/prompt_growth";
  event.replay_command =
      "costdrift replay --config /etc/costdrift/costdrift.yaml --kafka --from 2026-03-01T14:00:00Z --to "
      "2026-03-02T14:10:00Z";
  return event;
}

daemon::ApiSnapshot quiet_snapshot() {
  daemon::ApiSnapshot snapshot;
  snapshot.version = "0.1.0";
  snapshot.ready = true;
  snapshot.partitions = {partition(0, 1'284'332), partition(1, 1'301'118)};
  snapshot.watermark = at(128);
  snapshot.series = 412;
  snapshot.open_buckets = 96;
  snapshot.judges = 1'870;
  snapshot.commits = 5'120;
  snapshot.unpriced_events = 17;
  snapshot.reported_usd = 1'204.5;
  snapshot.computed_usd = 8'310.25;
  snapshot.input_tokens = 4'211'000'123;
  snapshot.output_tokens = 402'000'456;
  snapshot.sinks = {sink("finops", "slack", 14), sink("oncall", "pagerduty", 3)};
  return snapshot;
}

daemon::ApiSnapshot sample_snapshot() {
  daemon::ApiSnapshot snapshot = quiet_snapshot();
  snapshot.lag = 1'532;
  snapshot.incidents = std::make_shared<const std::vector<core::AlertEvent>>(
      std::vector{sample_alert(), retry_alert(), resolved_alert(), unpriced_alert()});
  snapshot.sinks.push_back(sink("ledger", "webhook", 9));
  snapshot.sinks.back().pending = 2;
  snapshot.sinks.back().retried = 6;
  snapshot.sinks.back().rejected = 1;
  snapshot.sinks.back().last_problem = "HTTP status 503; tried again in 40 s";
  snapshot.problems = {"2 messages wait for the sink ledger since 13:58 UTC"};
  return snapshot;
}

daemon::ApiSnapshot hostile_snapshot() {
  daemon::ApiSnapshot snapshot = sample_snapshot();
  const std::string script = "<script>document.title='owned'</script>";
  const std::string image = "\"><img src=x onerror=\"document.title='owned'\">";
  const std::string right_to_left = "\u05e9\u05dc\u05d5\u05dd \u202etxt.exe";
  std::vector<core::AlertEvent> incidents = *snapshot.incidents;
  core::AlertEvent& first = incidents.front();
  first.summary = script + " / " + image + ": input tokens per call 2,592, expected 1,980 (+31 %) " + right_to_left;
  first.owner_team = image;
  first.owner = right_to_left;
  first.drivers.front().value = script;
  first.samples.front().trace_id = image;
  first.replay_command = "costdrift replay --config '" + script + "'";
  first.runbook_url = "javascript:document.title='owned'";
  incidents[1].summary = std::string(300, 'W') + " one long word";
  incidents[2].summary = image;
  snapshot.incidents = std::make_shared<const std::vector<core::AlertEvent>>(std::move(incidents));
  snapshot.sinks.front().name = script;
  snapshot.sinks.front().last_problem = "bytes that are not UTF-8: \xff\xfe";
  snapshot.partitions.front().partition.topic = "a\"b\\c\nd";
  snapshot.problems = {image};
  return snapshot;
}

}  // namespace costdrift::tests
