// Settings: the whole checked configuration. config/REFERENCE.md (generated) describes every field.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "config/field.h"
#include "core/alert_event.h"
#include "core/time.h"

namespace costdrift::config {

struct TopicSettings {
  std::string name;
  std::string format = "canonical";
};

struct KafkaSettings {
  std::string brokers;
  std::vector<TopicSettings> topics;
  std::string group_id;                  // empty: no group, partitions are assigned by hand
  std::vector<std::int32_t> partitions;  // with no group: these of every topic; empty: all
  std::string start_from = "earliest";   // earliest | latest: where a partition without stored position begins
  std::string on_log_change = "stop";    // stop | earliest | latest: when a partition is another log than before
  std::string dead_letter_topic;         // where rejected records go; empty: nowhere
  std::map<std::string, std::string> properties;  // passed to librdkafka as they are
};

struct StateSettings {
  std::string path;
  core::Duration commit_interval = core::milliseconds(250);
  std::int64_t min_free_mib = 256;
  std::int64_t ballast_mib = 64;  // given up when the disk is full; 0: none
};

struct TimeSettings {
  core::Duration bucket = core::seconds(5);
  core::Duration out_of_orderness = core::minutes(2);  // a partition's watermark trails its newest event by this
  core::Duration idle_timeout = core::seconds(60);  // a caught-up partition without events stops holding the watermark
  core::Duration max_future_skew = core::minutes(5);
  core::Duration dedup_window = core::minutes(15);
  core::Duration run_timeout = core::minutes(30);  // an agent run silent for this long has ended
};

struct PageSettings {
  double false_pages_per_week = 1;
  double min_effect = 0.10;
  double min_usd_per_hour = 5;
  double critical_usd_per_hour = 50;
  core::Duration resolve_after_silence = core::hours(24);  // an incident whose series has no traffic ends
  core::Duration group_within = core::minutes(30);  // between the changes that two findings of one incident tell of
};

struct PriceSettings {
  std::string path;  // LiteLLM price file; empty: the one that ships with costdrift
  std::map<std::string, std::string> aliases;
};

struct DetectorSettings {
  std::string name;
  bool enabled = true;
  bool shadow = false;  // judges, and tells nobody
  Values values;
};

struct SinkSettings {
  std::string name;  // the operator's name for it
  std::string type;  // a name from sinks.def
  Values values;
};

// First matching route wins. Empty members match everything.
struct Route {
  std::optional<core::Severity> severity;
  std::string detector;
  std::map<std::string, std::string> labels;  // team, app, env, ...
  std::vector<std::string> send;
};

struct HttpSettings {
  std::string listen = "127.0.0.1:8321";
  std::string token_file;  // needed when `listen` is not loopback
  std::string public_url;  // base of the links in messages; empty: none
};

struct DeadManSettings {
  std::string url_file;  // empty: nobody is told that the daemon watches
  core::Duration every = core::minutes(1);
};

struct LogSettings {
  std::string level = "info";   // debug | info | warn | error
  std::string format = "auto";  // auto | json | text
};

struct LimitSettings {
  std::int64_t max_series = 200'000;
  std::int64_t max_message_bytes = 262'144;
  std::int64_t max_incidents_kept = 10'000;
  std::int64_t incidents_per_minute = 20;       // told to a sink one by one; 0: no digests
  core::Duration ticket_ttl = core::hours(24);  // how long a ticket waits for its sink; 0: for ever
};

struct Settings {
  std::string source_path;  // the file it came from; for messages and the replay command
  KafkaSettings kafka;
  StateSettings state;
  TimeSettings time;
  PageSettings pages;
  PriceSettings prices;
  std::vector<DetectorSettings> detectors;  // every known detector, in detectors.def order
  std::vector<SinkSettings> sinks;          // in file order
  std::vector<Route> routes;                // in file order; none: everything to every sink
  HttpSettings http;
  DeadManSettings dead_man_switch;
  LogSettings log;
  LimitSettings limits;
  std::string runbook_url;  // "{detector}" is replaced
};

struct Catalogue {
  std::vector<ComponentSpec> detectors;
  std::vector<ComponentSpec> sinks;
};

// Reads and checks a YAML file; contacts nothing and creates nothing. Every problem is reported at once: the error
// (code config) holds one line each, "file:line: problem; remedy". Unknown keys are problems, with the nearest known
// key as a remedy.
// ${VAR}, ${VAR:-default}, ${VAR:?message} and $$ are replaced in scalar values after parsing.
core::Result<Settings> load_settings(const std::string& path, const Catalogue& catalogue);
// The same from a text; `name` stands for the file in messages.
core::Result<Settings> parse_settings(const std::string& yaml, const std::string& name, const Catalogue& catalogue);

// Every value in force as YAML that loads to the same settings. Secrets are printed as "<secret>": fields marked
// secret, and values of kafka.properties whose key speaks of a password, secret, key or token.
std::string print_effective(const Settings& settings, const Catalogue& catalogue);

// The reference page (Markdown) of every section, field, detector and sink; compared with config/REFERENCE.md by a
// test.
std::string print_reference(const Catalogue& catalogue);

// Reads a secret from its file: trailing white space trimmed. Refuses an empty file and one that others may read
// (mode & 077), with the chmod that mends it. The message names the path, never the content.
core::Result<std::string> read_secret(const std::string& path);

}  // namespace costdrift::config
