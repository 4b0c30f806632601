#include "config/sections.h"

#include "config/binding.h"

namespace costdrift::config {
namespace {

constexpr double kMinute = 60, kHour = 3600, kDay = 86400;

// The layout of the file; a version that this program does not know is refused.
SectionField config_version() {
  return {{.name = "config_version",
           .type = FieldType::choice,
           .doc = "Version of this file's layout; may be left out.",
           .choices = "1"},
          "1",
          [](const Settings&) { return Value(std::string("1")); },
          [](Settings&, const Value&) {}};
}

std::vector<SectionField> kafka_fields() {
  return {
      bind<&Settings::kafka, &KafkaSettings::brokers>(
          {.name = "brokers", .doc = "Kafka brokers to begin with, for example localhost:9092.", .required = true}),
      bind<&Settings::kafka, &KafkaSettings::topics>(
          {.name = "topics",
           .type = FieldType::record_list,
           .doc = "Topics with usage events, for example [{name: llm.usage}].",
           .required = true,
           .record = &kTopicRecord}),
      bind<&Settings::kafka, &KafkaSettings::group_id>(
          {.name = "group_id",
           .doc = "Consumer group that shares the partitions among several daemons; empty: no group, this daemon reads "
                  "them."}),
      bind<&Settings::kafka, &KafkaSettings::partitions>(
          {.name = "partitions",
           .type = FieldType::integer_list,
           .doc = "Without a group: the partitions to read of every topic; empty: all.",
           .min = 0,
           .max = 1e6}),
      bind<&Settings::kafka, &KafkaSettings::start_from>(
          {.name = "start_from",
           .type = FieldType::choice,
           .doc = "Where a partition begins that has no stored position.",
           .choices = "earliest|latest"}),
      bind<&Settings::kafka, &KafkaSettings::on_log_change>(
          {.name = "on_log_change",
           .type = FieldType::choice,
           .doc =
               "When a partition is not the log that was read (made anew, cut, or deleted unread by retention): stop "
               "and say so, or restart reading from the earliest or latest record.",
           .choices = "stop|earliest|latest"}),
      bind<&Settings::kafka, &KafkaSettings::dead_letter_topic>(
          {.name = "dead_letter_topic",
           .doc = "Existing topic on the same brokers to which rejected records are copied, with the reason in their "
                  "headers; empty: they are only counted."}),
      bind<&Settings::kafka, &KafkaSettings::properties>(
          {.name = "properties",
           .type = FieldType::text_map,
           .doc = "librdkafka properties, passed on as they are, for example security.protocol: ssl.",
           .secret = true}),
  };
}

std::vector<SectionField> state_fields() {
  return {
      bind<&Settings::state, &StateSettings::path>(
          {.name = "path", .doc = "Directory of what the daemon remembers; created if missing.", .required = true}),
      bind<&Settings::state, &StateSettings::commit_interval>(
          {.name = "commit_interval",
           .type = FieldType::duration,
           .doc = "How often windows, incidents and offsets are written in one synced batch; while a backlog is "
                  "read and nothing is to be sent, less often: commits then take a twentieth of the time.",
           .min = 0.01,
           .max = kMinute}),
      bind<&Settings::state, &StateSettings::min_free_mib>(
          {.name = "min_free_mib",
           .type = FieldType::integer,
           .doc = "Reading stops while the disk of the state directory has less free space than this.",
           .unit = "MiB",
           .min = 0,
           .max = 1e9}),
      bind<&Settings::state, &StateSettings::ballast_mib>(
          {.name = "ballast_mib",
           .type = FieldType::integer,
           .doc = "Size of a file in the state directory that is given up when less than this is free, so that alerts "
                  "can still be delivered on a full disk; 0: none.",
           .unit = "MiB",
           .min = 0,
           .max = 1e6}),
  };
}

std::vector<SectionField> time_fields() {
  return {
      bind<&Settings::time, &TimeSettings::bucket>(
          {.name = "bucket",
           .type = FieldType::duration,
           .doc = "Length of a bucket of event time, the smallest unit that is judged; must divide a minute.",
           .min = 1,
           .max = kMinute}),
      bind<&Settings::time, &TimeSettings::out_of_orderness>(
          {.name = "out_of_orderness",
           .type = FieldType::duration,
           .doc = "A partition's buckets close this long after its newest event; later events are counted as late.",
           .min = 0,
           .max = kDay}),
      bind<&Settings::time, &TimeSettings::idle_timeout>(
          {.name = "idle_timeout",
           .type = FieldType::duration,
           .doc = "A caught-up partition without events for this long no longer holds the others back.",
           .min = 1,
           .max = kDay}),
      bind<&Settings::time, &TimeSettings::max_future_skew>(
          {.name = "max_future_skew",
           .type = FieldType::duration,
           .doc = "How far an event's time may be ahead of the clock.",
           .min = 0,
           .max = kDay}),
      bind<&Settings::time, &TimeSettings::dedup_window>(
          {.name = "dedup_window",
           .type = FieldType::duration,
           .doc = "For how long a second event with the same event_id is a duplicate.",
           .min = 0,
           .max = 7 * kDay}),
      bind<&Settings::time, &TimeSettings::run_timeout>(
          {.name = "run_timeout",
           .type = FieldType::duration,
           .doc = "An agent run without calls for this long has ended; what goes on later is another run, from its own "
                  "first step.",
           .min = kMinute,
           .max = 7 * kDay}),
  };
}

std::vector<SectionField> page_fields() {
  return {
      bind<&Settings::pages, &PageSettings::false_pages_per_week>(
          {.name = "false_pages_per_week",
           .type = FieldType::number,
           .doc = "False pages that you accept, over everything watched; the thresholds on evidence follow from it.",
           .unit = "pages/week",
           .min = 0.001,
           .max = 1000}),
      bind<&Settings::pages, &PageSettings::min_effect>({.name = "min_effect",
                                                         .type = FieldType::ratio,
                                                         .doc = "The smallest relative change worth telling.",
                                                         .min = 0.001,
                                                         .max = 1}),
      bind<&Settings::pages, &PageSettings::min_usd_per_hour>(
          {.name = "min_usd_per_hour",
           .type = FieldType::number,
           .doc = "From this extra cost on an alert is a page (warning); below it is a ticket (info).",
           .unit = "USD/h",
           .min = 0,
           .max = 1e9}),
      bind<&Settings::pages, &PageSettings::critical_usd_per_hour>(
          {.name = "critical_usd_per_hour",
           .type = FieldType::number,
           .doc = "From this extra cost on a page is critical.",
           .unit = "USD/h",
           .min = 0,
           .max = 1e9}),
      bind<&Settings::pages, &PageSettings::resolve_after_silence>(
          {.name = "resolve_after_silence",
           .type = FieldType::duration,
           .doc = "An incident ends when its series has had no traffic for this long.",
           .min = kMinute,
           .max = 365 * kDay}),
      bind<&Settings::pages, &PageSettings::group_within>(
          {.name = "group_within",
           .type = FieldType::duration,
           .doc = "What several detectors tell of the same calls is one incident when the changes began within this of "
                  "each other.",
           .min = 0,
           .max = kDay}),
  };
}

std::vector<SectionField> price_fields() {
  return {
      bind<&Settings::prices, &PriceSettings::path>(
          {.name = "path", .doc = "Price file in the LiteLLM format; empty: the one that ships with costdrift."}),
      bind<&Settings::prices, &PriceSettings::aliases>(
          {.name = "aliases",
           .type = FieldType::text_map,
           .doc = "Model names of your events that the price file knows under another name, as yours: its."}),
  };
}

std::vector<SectionField> http_fields() {
  return {
      bind<&Settings::http, &HttpSettings::listen>(
          {.name = "listen",
           .doc = "Address of the page, API, metrics and health, as host:port; port 0: any free one."}),
      bind<&Settings::http, &HttpSettings::token_file>(
          {.name = "token_file",
           .type = FieldType::secret_file,
           .doc = "Token that the page and the API then ask for; needed when `listen` is not loopback."}),
      bind<&Settings::http, &HttpSettings::public_url>(
          {.name = "public_url", .doc = "Base of the links in messages, for example https://costdrift.example.org."}),
  };
}

std::vector<SectionField> dead_man_fields() {
  return {
      bind<&Settings::dead_man_switch, &DeadManSettings::url_file>(
          {.name = "url_file",
           .type = FieldType::secret_file,
           .doc = "File that holds the address of the receiver; absent: nobody is told."}),
      bind<&Settings::dead_man_switch, &DeadManSettings::every>(
          {.name = "every", .type = FieldType::duration, .doc = "Time between two requests.", .min = 1, .max = kHour}),
  };
}

std::vector<SectionField> log_fields() {
  return {
      bind<&Settings::log, &LogSettings::level>({.name = "level",
                                                 .type = FieldType::choice,
                                                 .doc = "The least important lines that are written.",
                                                 .choices = "debug|info|warn|error"}),
      bind<&Settings::log, &LogSettings::format>({.name = "format",
                                                  .type = FieldType::choice,
                                                  .doc = "auto: text on a terminal, JSON otherwise.",
                                                  .choices = "auto|json|text"}),
  };
}

std::vector<SectionField> limit_fields() {
  return {
      bind<&Settings::limits, &LimitSettings::max_series>({.name = "max_series",
                                                           .type = FieldType::integer,
                                                           .doc =
                                                               "Series kept apart; further ones are summed up as one, "
                                                               "but for those (100 at most) that come to 1 % of the "
                                                               "spend.",
                                                           .min = 1,
                                                           .max = 1e8}),
      bind<&Settings::limits, &LimitSettings::max_message_bytes>({.name = "max_message_bytes",
                                                                  .type = FieldType::integer,
                                                                  .doc = "A longer Kafka record is rejected.",
                                                                  .unit = "bytes",
                                                                  .min = 1024,
                                                                  .max = 1 << 30}),
      bind<&Settings::limits, &LimitSettings::max_incidents_kept>(
          {.name = "max_incidents_kept",
           .type = FieldType::integer,
           .doc = "Incidents kept for the page and the API; the oldest ended ones go first.",
           .min = 1,
           .max = 1e8}),
      bind<&Settings::limits, &LimitSettings::incidents_per_minute>(
          {.name = "incidents_per_minute",
           .type = FieldType::integer,
           .doc = "Incidents that a sink is told of one by one in a minute; while there are more, it gets one digest a "
                  "minute instead, until five minutes have been quiet. 0: no digests.",
           .min = 0,
           .max = 1e6}),
      bind<&Settings::limits, &LimitSettings::ticket_ttl>(
          {.name = "ticket_ttl",
           .type = FieldType::duration,
           .doc = "A ticket (severity info) that a sink could not be told of for this long is given up; pages never "
                  "are. 0s: nothing is.",
           .min = 0,
           .max = 365 * kDay}),
  };
}

std::vector<SectionField> closing_fields() {
  return {
      bind<&Settings::routes>({.name = "routes",
                               .type = FieldType::record_list,
                               .doc =
                                   "Who is told of what: the first route that fits an alert decides; no routes: every "
                                   "sink is told everything.",
                               .record = &kRouteRecord}),
      bind<&Settings::runbook_url>(
          {.name = "runbook_url",
           .doc = "Link to your runbook in every message; {detector} becomes the detector's name."}),
  };
}

}  // namespace

std::vector<Section> sections() {
  return {
      {"", "", {config_version()}},
      {"kafka", "Where the events come from.", kafka_fields()},
      {"state", "Where the daemon keeps what it remembers.", state_fields()},
      {"time", "How event time is cut and how long is waited for late events.", time_fields()},
      {"pages", "What is worth telling a person.", page_fields()},
      {"prices", "What models cost, for events without a cost of their own.", price_fields()},
      {"http", "The page, the API, metrics and health checks.", http_fields()},
      {"dead_man_switch",
       "A receiver that alarms when requests stop coming (as Healthchecks does): they come while the daemon reads and "
       "judges events.",
       dead_man_fields()},
      {"log", "The daemon's own log.", log_fields()},
      {"limits", "Bounds on memory.", limit_fields()},
      {"", "", closing_fields()},
  };
}

std::vector<FieldSpec> specs_of(const Section& section) {
  std::vector<FieldSpec> specs;
  for (const SectionField& field : section.fields) {
    specs.push_back(field.spec);
    specs.back().default_value = field.default_text;
  }
  return specs;
}

void apply(const Section& section, const Values& values, Settings& settings) {
  for (const SectionField& field : section.fields) {
    const auto found = values.all().find(field.spec.name);
    if (found != values.all().end()) field.set(settings, found->second);
  }
}

Values values_of(const Section& section, const Settings& settings) {
  Values values;
  for (const SectionField& field : section.fields) values.set(std::string(field.spec.name), field.get(settings));
  return values;
}

}  // namespace costdrift::config
