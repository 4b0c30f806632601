#include "daemon/demo/app_profile.h"

#include <array>

namespace costdrift::daemon::demo {

namespace {

constexpr std::array<Model, 6> kModels = {{
    {"gpt-4o", "openai", 2500, 1250, 10000},
    {"gpt-4o-mini", "openai", 150, 75, 600},
    {"claude-sonnet-4-5", "anthropic", 3000, 300, 15000},
    {"claude-haiku-4-5", "anthropic", 1000, 100, 5000},
    {"claude-opus-4-5", "anthropic", 5000, 500, 25000},
    {"gemini-2.5-flash", "vertex_ai", 300, 30, 2500},
}};
constexpr const Model* kGpt4o = &kModels[0];
constexpr const Model* kGpt4oMini = &kModels[1];
constexpr const Model* kSonnet = &kModels[2];
constexpr const Model* kHaiku = &kModels[3];
constexpr const Model* kOpus = &kModels[4];
constexpr const Model* kGeminiFlash = &kModels[5];

constexpr ModelShare kOnlyGpt4o[] = {{kGpt4o, 1.0}};
constexpr ModelShare kOnlySonnet[] = {{kSonnet, 1.0}};
constexpr ModelShare kOnlyHaiku[] = {{kHaiku, 1.0}};
constexpr ModelShare kOnlyOpus[] = {{kOpus, 1.0}};
constexpr ModelShare kOnlyGeminiFlash[] = {{kGeminiFlash, 1.0}};
constexpr ModelShare kMostlyMini[] = {{kGpt4oMini, 0.9}, {kGpt4o, 0.1}};

constexpr UseCase kSupport[] = {{"answers", 0.6}, {"triage", 0.3}, {"refunds", 0.1}};
constexpr UseCase kCheckout[] = {{"product-advice", 0.7}, {"address-check", 0.3}};
constexpr UseCase kSearch[] = {{"rag-search", 0.8}, {"rag-summary", 0.2}};
constexpr UseCase kReports[] = {{"weekly-report", 0.5}, {"board-report", 0.2}, {"ad-hoc", 0.3}};
constexpr UseCase kReview[] = {{"pull-request", 1.0}};
constexpr UseCase kOps[] = {{"runbook", 0.7}, {"diagnosis", 0.3}};
constexpr UseCase kChat[] = {{"chat", 1.0}};
constexpr UseCase kExtract[] = {{"invoices", 0.6}, {"contracts", 0.4}};

constexpr std::array<AppProfile, 8> kApps = {{
    {.app = "support-bot",
     .team = "cx",
     .owner = "ana",
     .cost_center = "CC-1204",
     .env = "prod",
     .region = "eu-west-1",
     .prompt_version = "support-v7",
     .models = kOnlyGpt4o,
     .use_cases = kSupport,
     .day = DayShape::office,
     .per_second = 4.0,
     .input = {1980, 0.45},
     .output = {220, 0.6}},
    {.app = "checkout-assist",
     .team = "shop",
     .owner = "bram",
     .cost_center = "CC-2010",
     .env = "prod",
     .region = "eu-west-1",
     .prompt_version = "checkout-v3",
     .models = kOnlySonnet,
     .use_cases = kCheckout,
     .day = DayShape::consumer,
     .per_second = 2.2,
     .input = {1800, 0.4},
     .output = {260, 0.5},
     .retry_share = 0.05},
    {.app = "docs-search",
     .team = "platform",
     .owner = "chidi",
     .cost_center = "CC-3100",
     .env = "prod",
     .region = "us-east-1",
     .prompt_version = "docs-v12",
     .models = kOnlyHaiku,
     .use_cases = kSearch,
     .day = DayShape::office,
     .per_second = 2.5,
     .input = {5200, 0.4},
     .output = {300, 0.6},
     .cache_hit_share = 0.9,
     .cached_part = 0.8,
     .retrieved_part = 0.6},
    {.app = "report-writer",
     .team = "finance",
     .owner = "dora",
     .cost_center = "CC-4400",
     .env = "prod",
     .region = "eu-west-1",
     .prompt_version = "report-v2",
     .models = kOnlySonnet,
     .use_cases = kReports,
     .day = DayShape::office,
     .per_second = 1.7,
     .input = {6000, 0.45},
     .output = {1500, 0.5}},
    {.app = "code-review-agent",
     .team = "devtools",
     .owner = "emeka",
     .cost_center = "CC-5150",
     .env = "prod",
     .region = "us-east-1",
     .prompt_version = "review-v9",
     .models = kOnlyHaiku,
     .use_cases = kReview,
     .day = DayShape::office,
     .per_second = 0.25,
     .input = {3000, 0.5},
     .output = {350, 0.6},
     .mean_steps = 3,
     .growth_per_step = {1500, 0.5}},
    {.app = "ops-agent",
     .team = "sre",
     .owner = "fatima",
     .cost_center = "CC-6001",
     .env = "prod",
     .region = "us-east-1",
     .prompt_version = "ops-v4",
     .models = kOnlyOpus,
     .use_cases = kOps,
     .day = DayShape::consumer,
     .per_second = 0.04,
     .input = {4000, 0.5},
     .output = {300, 0.6},
     .mean_steps = 3,
     .growth_per_step = {1200, 0.5}},
    {.app = "chat-web",
     .team = "web",
     .owner = "goran",
     .cost_center = "CC-7300",
     .env = "prod",
     .region = "eu-west-1",
     .prompt_version = "chat-v21",
     .models = kMostlyMini,
     .use_cases = kChat,
     .day = DayShape::consumer,
     .per_second = 3.5,
     .input = {700, 0.8},
     .output = {350, 0.9},
     .error_share = 0.003,
     .burst_share = 0.01},
    {.app = "data-extract",
     .team = "data",
     .owner = "hana",
     .cost_center = "CC-8080",
     .env = "batch",
     .region = "eu-west-1",
     .prompt_version = "extract-v5",
     .models = kOnlyGeminiFlash,
     .use_cases = kExtract,
     .day = DayShape::nightly,
     .per_second = 3.0,
     .input = {3000, 0.6},
     .output = {500, 1.0},
     .tail_share = 0.04,
     .tail_index = 2.3,
     .burst_share = 0.02},
}};

// By hour of the day, UTC; 1 is the height of a weekday.
constexpr std::array<double, 25> kOffice = {.15, .12, .10, .10, .12, .18, .35, .62, .85, .95, 1.0, 1.0, .95,
                                            .95, 1.0, 1.0, .98, .90, .72, .52, .40, .32, .25, .19, .15};
constexpr std::array<double, 25> kConsumer = {.35, .26, .20, .18, .19, .25, .38, .52, .66, .76, .84, .90, .95,
                                              .94, .92, .92, .94, .97, 1.0, 1.0, .98, .88, .70, .50, .35};
constexpr std::array<double, 25> kNightly = {.85, 1.0, 1.0, 1.0, .90, .60, .40, .40, .40, .40, .40, .40, .40,
                                             .40, .40, .40, .40, .40, .40, .40, .40, .45, .55, .70, .85};

const std::array<double, 25>& hours_of(DayShape shape) {
  switch (shape) {
    case DayShape::office:
      return kOffice;
    case DayShape::consumer:
      return kConsumer;
    case DayShape::nightly:
      return kNightly;
  }
  return kOffice;
}

double weekend_factor(DayShape shape) {
  switch (shape) {
    case DayShape::office:
      return 0.3;
    case DayShape::consumer:
      return 0.85;
    case DayShape::nightly:
      return 1.0;
  }
  return 1.0;
}

}  // namespace

std::span<const AppProfile> all_apps() { return kApps; }

const AppProfile* find_app(std::string_view name) {
  for (const AppProfile& profile : kApps) {
    if (profile.app == name) return &profile;
  }
  return nullptr;
}

std::span<const Model> all_models() { return kModels; }

double weekly_level(DayShape shape, core::EventTime t) {
  const core::EventTime midnight = core::floor_to(t, core::days(1));
  const std::int64_t weekday = (midnight.us / core::days(1).us + 3) % 7;  // 0: Monday; 1970-01-01 was a Thursday
  const double hour = core::to_hours(t - midnight);
  const auto whole = static_cast<std::size_t>(hour);
  const auto& level = hours_of(shape);
  const double value = level[whole] + (level[whole + 1] - level[whole]) * (hour - static_cast<double>(whole));
  return weekday >= 5 ? value * weekend_factor(shape) : value;
}

}  // namespace costdrift::daemon::demo
