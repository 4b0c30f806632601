#include "config/cross_checks.h"

#include "config/components.h"
#include "config/nearest.h"
#include "core/series.h"

namespace costdrift::config {
namespace {

void report(ValuesReader& reader, const std::string& path, std::string_view what, std::string_view remedy) {
  reader.problems().add(reader.line_of(path), path + ": " + std::string(what), remedy);
}

void check_kafka(const KafkaSettings& kafka, ValuesReader& reader) {
  for (std::size_t i = 0; i < kafka.topics.size(); ++i) {
    for (std::size_t earlier = 0; earlier < i; ++earlier) {
      const std::string& name = kafka.topics[i].name;
      if (name.empty() || kafka.topics[earlier].name != name) continue;
      report(reader, "kafka.topics[" + std::to_string(i) + "].name", "the topic " + in_quotes(name) + " stands twice",
             "remove one");
      break;
    }
    if (!kafka.dead_letter_topic.empty() && kafka.topics[i].name == kafka.dead_letter_topic) {
      report(reader, "kafka.dead_letter_topic", "the topic is also read, so that what it gets would come back for ever",
             "name another topic, or remove it from kafka.topics");
    }
  }
  if (!kafka.group_id.empty() && !kafka.partitions.empty()) {
    report(reader, "kafka.partitions", "a consumer group assigns partitions itself", "remove partitions or group_id");
  }
}

void check_time(const TimeSettings& time, ValuesReader& reader) {
  if (core::minutes(1).us % time.bucket.us == 0) return;
  report(reader, "time.bucket", core::format_duration(time.bucket) + " does not divide a minute",
         "choose for example 1s, 5s, 10s or 1m");
}

void check_pages(const PageSettings& pages, ValuesReader& reader) {
  if (pages.critical_usd_per_hour >= pages.min_usd_per_hour) return;
  const std::string path = "pages.critical_usd_per_hour";
  // Whichever of the two the file gives.
  const std::string named = reader.line_of(path) > 0 ? path : "pages.min_usd_per_hour";
  report(reader, named, "critical_usd_per_hour is below min_usd_per_hour, so that no page is ever a warning",
         "raise critical_usd_per_hour to at least min_usd_per_hour");
}

bool is_loopback(const std::string& host) {
  return host == "localhost" || host.starts_with("127.") || host == "[::1]" || host == "::1";
}

bool is_port(const std::string& text) {
  if (text.empty() || text.size() > 5 || text.find_first_not_of("0123456789") != std::string::npos) return false;
  return std::stoi(text) <= 65535;
}

void check_http(const HttpSettings& http, ValuesReader& reader) {
  const std::size_t colon = http.listen.rfind(':');
  if (colon == std::string::npos || colon == 0 || !is_port(http.listen.substr(colon + 1))) {
    report(reader, "http.listen", "the value is not host:port", "write for example 127.0.0.1:8321");
    return;
  }
  if (http.token_file.empty() && !is_loopback(http.listen.substr(0, colon))) {
    report(reader, "http.listen", "the address is not loopback, and there is no token",
           "set http.token_file, or listen on 127.0.0.1");
  }
}

std::vector<std::string> label_names() {
  std::vector<std::string> names;
  for (int i = static_cast<int>(core::Dimension::app); i <= static_cast<int>(core::Dimension::agent); ++i) {
    names.emplace_back(core::dimension_name(static_cast<core::Dimension>(i)));
  }
  return names;
}

bool contains(const std::vector<std::string>& names, const std::string& name) {
  for (const std::string& candidate : names) {
    if (candidate == name) return true;
  }
  return false;
}

// The conditions of a route as the file has them; Route itself cannot hold an unknown severity.
void check_when(const Values::TextMap& when, const Place& place, const Catalogue& catalogue, ValuesReader& reader) {
  std::vector<std::string> severities;
  for (const core::Severity severity : {core::Severity::info, core::Severity::warning, core::Severity::critical}) {
    severities.emplace_back(core::severity_name(severity));
  }
  const std::vector<std::string> labels = label_names();
  const std::vector<std::string> detectors = component_names(catalogue.detectors);
  for (const auto& [key, value] : when) {
    const std::string path = place.of(key);
    if (key == "severity") {
      if (!contains(severities, value)) {
        report(reader, path, "there is no severity " + in_quotes(value), spelling_remedy(value, severities));
      }
    } else if (key == "detector") {
      if (!contains(detectors, value)) {
        report(reader, path, "there is no detector " + in_quotes(value), spelling_remedy(value, detectors));
      }
    } else if (!contains(labels, key)) {
      std::vector<std::string> known = {"severity", "detector"};
      known.insert(known.end(), labels.begin(), labels.end());
      report(reader, path, "alerts have no such label", spelling_remedy(key, known));
    }
  }
}

void check_send(const std::vector<std::string>& send, const std::string& path, const std::vector<std::string>& sinks,
                ValuesReader& reader) {
  for (const std::string& name : send) {
    if (contains(sinks, name)) continue;
    report(reader, path, "there is no sink " + in_quotes(name), spelling_remedy(name, sinks));
  }
}

}  // namespace

void check_routes(const std::vector<Values>& routes, const std::vector<SinkSettings>& sinks, const Catalogue& catalogue,
                  ValuesReader& reader) {
  std::vector<std::string> names;
  for (const SinkSettings& sink : sinks) names.push_back(sink.name);
  const Place list{"routes"};
  std::optional<std::size_t> takes_all;
  for (std::size_t i = 0; i < routes.size(); ++i) {
    const std::string path = list.item(i, 0).path;
    if (reader.line_of(path + ".send") == 0) {
      report(reader, path, "does not say who is told", "add send: [name of a sink], or send: [] to tell nobody");
    }
    if (takes_all) {
      report(reader, path, "is never used, because routes[" + std::to_string(*takes_all) + "] takes every alert",
             "move it up");
    }
    check_when(routes[i].map("when"), {path + ".when"}, catalogue, reader);
    check_send(routes[i].list("send"), path + ".send", names, reader);
    if (!takes_all && reader.line_of(path + ".when") == 0) takes_all = i;
  }
}

void check_across(const Settings& settings, ValuesReader& reader) {
  check_kafka(settings.kafka, reader);
  check_time(settings.time, reader);
  check_pages(settings.pages, reader);
  check_http(settings.http, reader);
}

}  // namespace costdrift::config
