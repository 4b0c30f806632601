// A catalogue of components like the real ones, and short ways to load a text with it.
#pragma once

#include <string>

#include "config/settings.h"

namespace costdrift::config {

inline constexpr FieldSpec kPromptGrowthFields[] = {
    {.name = "min_effect",
     .type = FieldType::ratio,
     .default_value = "15%",
     .doc = "Smallest change.",
     .min = 0.01,
     .max = 1},
    {.name = "tiers", .type = FieldType::text_list, .default_value = "[gold, silver]", .doc = "Dear tiers."},
    {.name = "mode", .type = FieldType::choice, .doc = "How.", .choices = "fast|slow"},
    {.name = "hard_limit", .type = FieldType::integer, .doc = "Limit.", .unit = "tokens", .min = 1, .max = kNoLimit},
    {.name = "window", .type = FieldType::duration, .default_value = "2h", .doc = "Window.", .min = 60, .max = 86400},
};

inline constexpr FieldSpec kSlackFields[] = {
    {.name = "webhook_url_file", .type = FieldType::secret_file, .doc = "Webhook address.", .required = true},
};

inline constexpr FieldSpec kPagerdutyFields[] = {
    {.name = "routing_key_file", .type = FieldType::secret_file, .doc = "Integration key.", .required = true},
    {.name = "url", .default_value = "https://events.pagerduty.com/v2/enqueue", .doc = "Events API."},
};

inline constexpr FieldSpec kWebhookFields[] = {
    {.name = "url", .doc = "Receiver."},
    {.name = "url_file", .type = FieldType::secret_file, .doc = "File with the receiver."},
    {.name = "signing_secret_file", .type = FieldType::secret_file, .doc = "File with the signing secret."},
    {.name = "allow_http", .type = FieldType::boolean, .default_value = "false", .doc = "Plain http."},
    {.name = "header_value", .doc = "Value of the Authorization header.", .secret = true},
};

inline Catalogue test_catalogue() {
  return {{{"prompt_growth", "Prompts grow.", kPromptGrowthFields}, {"retry_rate", "Retries | attempts.", {}}},
          {{"console", "Prints.", {}},
           {"slack", "Posts.", kSlackFields},
           {"pagerduty", "Pages.", kPagerdutyFields},
           {"webhook", "Posts JSON.", kWebhookFields}}};
}

inline core::Result<Settings> load_text(const std::string& yaml) {
  return parse_settings(yaml, "c.yaml", test_catalogue());
}

// What is wrong with the text; "" when nothing is.
inline std::string problems_of(const std::string& yaml) {
  const auto settings = load_text(yaml);
  return settings ? "" : settings.error().message;
}

// What every file must have, in three lines; the test's own text follows from line 4 on.
inline const std::string kRequired =
    "kafka: {brokers: 'localhost:9092', topics: [{name: llm.usage}]}\n"
    "state: {path: /var/lib/costdrift}\n"
    "sinks: {finops: {type: console}, oncall: {type: console}}\n";

}  // namespace costdrift::config
