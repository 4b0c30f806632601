#include "daemon/prices/price_book.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/support/places.h"

namespace costdrift::daemon {
namespace {

using core::CostSource;
using core::UsageEvent;

std::string data(const std::string& name) { return tests::source_path("tests/data/prices/") + name; }

PriceBook book_of(const std::string& path, const std::map<std::string, std::string>& aliases = {}) {
  auto book = PriceBook::load(path, aliases);
  EXPECT_TRUE(book) << (book ? "" : book.error().message);
  return std::move(*book);
}

UsageEvent call(std::string_view model, std::int64_t input, std::int64_t output) {
  UsageEvent event;
  event.model = model;
  event.input_tokens = input;
  event.output_tokens = output;
  return event;
}

// The cost in nano-dollars; -1: unknown. Every priced event must add up.
std::int64_t cost_of(const PriceBook& book, UsageEvent event) {
  book.price(event);
  EXPECT_EQ(event.input_cost + event.output_cost, event.cost);
  EXPECT_GE(event.input_cost.nano, 0);
  EXPECT_GE(event.output_cost.nano, 0);
  EXPECT_GE(event.cacheable_cost.nano, 0);
  EXPECT_TRUE(event.cost_source != CostSource::unknown || event.cost.nano == 0);
  return event.cost_source == CostSource::unknown ? -1 : event.cost.nano;
}

TEST(PriceBookShipped, AnthropicCallWithCacheReadsAndWrites) {
  // 7 x 3000 + 16399 x 300 + 2089 x 3750 nano-dollars in, 445 x 15000 out.
  UsageEvent event = call("claude-sonnet-4-5", 18'495, 445);
  event.cache_read_tokens = 16'399;
  event.cache_write_tokens = 2'089;
  PriceBook::shipped({}).price(event);
  EXPECT_EQ(event.cost_source, CostSource::computed);
  EXPECT_EQ(event.cost.nano, 19'449'450);
  EXPECT_EQ(event.input_cost.nano, 12'774'450);
  EXPECT_EQ(event.output_cost.nano, 6'675'000);
  EXPECT_EQ(event.cacheable_cost.nano, 18'495 * 2'700);
}

TEST(PriceBookShipped, TheContextStepHoldsForTheWholeCall) {
  const PriceBook book = PriceBook::shipped({});
  EXPECT_EQ(cost_of(book, call("claude-sonnet-4-5", 200'000, 100)), 601'500'000);
  EXPECT_EQ(cost_of(book, call("claude-sonnet-4-5", 200'001, 100)), 1'202'256'000);
  UsageEvent cached = call("claude-sonnet-4-5", 200'001, 0);
  cached.cache_read_tokens = 200'001;
  EXPECT_EQ(cost_of(book, cached), 200'001 * 600);
}

TEST(PriceBookShipped, Gpt4oWithCachedTokens) {
  UsageEvent event = call("gpt-4o-2024-08-06", 2'000, 220);
  event.cache_read_tokens = 1'024;
  event.provider = "openai";
  EXPECT_EQ(cost_of(PriceBook::shipped({}), event), 976 * 2'500 + 1'024 * 1'250 + 220 * 10'000);
}

TEST(PriceBookShipped, KnowsManyModelsAndNoUnknownOne) {
  const PriceBook book = PriceBook::shipped({});
  EXPECT_GT(book.size(), 150U);
  EXPECT_EQ(cost_of(book, call("house-model", 10, 10)), -1);
  EXPECT_EQ(cost_of(book, call("gpt-4o-minix", 10, 10)), -1);
  EXPECT_EQ(cost_of(book, call("", 10, 10)), -1);
}

// Usage answers of providers with the prices that the genai-prices project gives them.
TEST(PriceBookShipped, AgreesWithAnotherProjectOnRealUsage) {
  const PriceBook book = PriceBook::shipped({});
  std::ifstream file(data("provider_usages.jsonl"));
  int cases = 0;
  for (std::string line; std::getline(file, line); ++cases) {
    const auto usage = nlohmann::json::parse(line);
    const std::string model = usage["model"], provider = usage["provider"];
    UsageEvent event = call(model, usage["input_tokens"], usage["output_tokens"]);
    event.provider = provider;
    const auto optional = [&usage](const char* name) {
      return usage.contains(name) ? std::optional<std::int64_t>(usage[name]) : std::nullopt;
    };
    event.cache_read_tokens = optional("cache_read_tokens");
    event.cache_write_tokens = optional("cache_write_tokens");
    event.cache_write_1h_tokens = optional("cache_write_1h_tokens");
    event.reasoning_tokens = optional("reasoning_tokens");
    book.price(event);
    EXPECT_EQ(event.cost_source, CostSource::computed) << line;
    EXPECT_NEAR(core::to_usd(event.input_cost), std::stod(usage["input_usd"].get<std::string>()), 2e-9) << line;
    EXPECT_NEAR(core::to_usd(event.output_cost), std::stod(usage["output_usd"].get<std::string>()), 2e-9) << line;
  }
  EXPECT_GE(cases, 30);
}

TEST(PriceBook, TheHighestStepBelowTheInputApplies) {
  const PriceBook book = book_of(data("rules.json"));
  EXPECT_EQ(cost_of(book, call("steps", 128'000, 10)), 128'000 * 1'000 + 10 * 4'000);
  EXPECT_EQ(cost_of(book, call("steps", 128'001, 10)), 128'001LL * 2'000 + 10 * 4'000);
  EXPECT_EQ(cost_of(book, call("steps", 256'001, 10)), 256'001LL * 3'000 + 10 * 9'000);
  UsageEvent priority = call("steps", 256'001, 10);
  priority.service_tier = "priority";
  EXPECT_EQ(cost_of(book, priority), 256'001LL * 5'000 + 10 * 9'000);
  UsageEvent cached = call("steps", 128'001, 0);
  cached.cache_read_tokens = 128'000;
  EXPECT_EQ(cost_of(book, cached), 2'000 + 128'000 * 100);
  EXPECT_EQ(cost_of(book, call("inclusive", 127'999, 0)), 127'999 * 1'000);
  EXPECT_EQ(cost_of(book, call("inclusive", 128'000, 0)), 128'000 * 2'000);
}

TEST(PriceBook, ServiceTiersFallBackToTheStandardRate) {
  const PriceBook book = book_of(data("rules.json"));
  const auto cost = [&book](std::string_view tier) {
    UsageEvent event = call("service", 1'100, 10);
    event.cache_read_tokens = 100;
    event.service_tier = tier;
    return cost_of(book, event);
  };
  const std::int64_t standard = 1'000 * 2'000 + 100 * 500 + 10 * 8'000;
  for (const char* tier : {"", "standard", "default", "scale"}) EXPECT_EQ(cost(tier), standard) << tier;
  EXPECT_EQ(cost("batch"), 1'000 * 1'000 + 100 * 500 + 10 * 4'000);
  EXPECT_EQ(cost("flex"), 1'000 * 1'200 + 100 * 500 + 10 * 8'000);
  EXPECT_EQ(cost("priority"), 1'000 * 3'500 + 100 * 900 + 10 * 14'000);
  EXPECT_EQ(cost("fast"), cost("priority"));
}

TEST(PriceBook, TieredPricingPicksOneTierForTheWholeCall) {
  const PriceBook book = book_of(data("rules.json"));
  EXPECT_EQ(cost_of(book, call("tiered", 32'000, 10)), 32'000 * 1'000 + 10 * 5'000);
  UsageEvent middle = call("tiered", 32'001, 10);
  middle.cache_read_tokens = 1;
  middle.reasoning_tokens = 4;
  EXPECT_EQ(cost_of(book, middle), 32'000 * 2'000 + 400 + 6 * 10'000 + 4 * 30'000);
  // The last tier has no output and no cache rate: the model's output, the tier's input; it also holds beyond its end.
  UsageEvent last = call("tiered", 300'000, 10);
  last.cache_read_tokens = 100'000;
  EXPECT_EQ(cost_of(book, last), 300'000LL * 3'000 + 10 * 7'000);
}

TEST(PriceBook, CacheAndReasoningRates) {
  const PriceBook book = book_of(data("rules.json"));
  UsageEvent writer = call("writer", 1'000, 0);
  writer.cache_write_tokens = 900;
  writer.cache_write_1h_tokens = 500;
  EXPECT_EQ(cost_of(book, writer), 100 * 3'000 + 400 * 3'750 + 500 * 6'000);
  UsageEvent thinker = call("thinker", 0, 100);
  thinker.reasoning_tokens = 60;
  EXPECT_EQ(cost_of(book, thinker), 40 * 2'000 + 60 * 5'000);
  UsageEvent cached = call("no-cache-price", 1'000, 0);
  cached.cache_read_tokens = 400;
  cached.cache_write_tokens = 400;
  EXPECT_EQ(cost_of(book, cached), 1'000 * 2'000);
  cached.model = "old-cache-name";
  EXPECT_EQ(cost_of(book, cached), 600 * 2'000 + 400 * 200);
}

TEST(PriceBook, UnknownIsNeverFree) {
  const PriceBook book = book_of(data("rules.json"));
  for (const char* model : {"sample_spec", "last_updated", "zero", "negative", "per-image", "nobody"}) {
    EXPECT_EQ(cost_of(book, call(model, 10, 10)), -1) << model;
  }
  EXPECT_EQ(cost_of(book, call("embedder", 1'000, 0)), 20'000);
  EXPECT_EQ(cost_of(book, call("embedder", 1'000, 1)), -1);
  EXPECT_EQ(cost_of(book, call("text-price", 10, 10)), 10 * 2'000 + 10 * 8'000);
}

TEST(PriceBook, RegionalUplift) {
  const PriceBook book = book_of(data("rules.json"));
  UsageEvent event = call("uplifted", 1'000, 1'000);
  EXPECT_EQ(cost_of(book, event), 2'000'000);
  event.region = "eu";
  EXPECT_EQ(cost_of(book, event), 2'200'000);
  event.region = "us";
  EXPECT_EQ(cost_of(book, event), 2'000'000);
}

TEST(PriceBook, NamesResolveByRuleAndNeverByLikeness) {
  const PriceBook book = book_of(data("rules.json"));
  const auto rate = [&book](std::string_view model, std::string_view provider) {
    UsageEvent event = call(model, 1'000, 0);
    event.provider = provider;
    const std::int64_t cost = cost_of(book, event);
    return cost < 0 ? cost : cost / 1'000;
  };
  EXPECT_EQ(rate("gpt-4o", ""), 2'000);
  EXPECT_EQ(rate("gpt-4o", "openai"), 2'000);
  EXPECT_EQ(rate("gpt-4o", "azure"), 3'000);
  EXPECT_EQ(rate("gpt-4o", "azure.ai.openai"), 3'000);
  EXPECT_EQ(rate("azure/gpt-4o", ""), 3'000);
  EXPECT_EQ(rate("openai/gpt-4o", ""), 2'000);
  EXPECT_EQ(rate("openrouter/openai/gpt-4o", ""), 2'000);
  EXPECT_EQ(rate("gpt-4o-2024-05-13", ""), 5'000);
  EXPECT_EQ(rate("gpt-4o-2024-08-06", ""), 2'000);
  EXPECT_EQ(rate("gpt-4o-20240806", ""), 2'000);
  EXPECT_EQ(rate("openai/gpt-4o@20240806", ""), 2'000);
  EXPECT_EQ(rate("claude-x", ""), 4'000);
  EXPECT_EQ(rate("eu.anthropic.claude-x", ""), 4'400);
  EXPECT_EQ(rate("us.anthropic.claude-x-20250929-v1:0", "aws.bedrock"), 4'000);
  EXPECT_EQ(rate("bedrock/anthropic.claude-x", ""), 4'000);
  EXPECT_EQ(rate("GPT-4o", ""), 2'000);
  EXPECT_EQ(rate("mixed-case", ""), 6'000);
  EXPECT_EQ(rate("MIXED-case-2026-01-01", ""), 6'000);
  for (const char* model : {"gpt-4", "gpt-4o-mini", "gpt-4o-2024", "gpt-4oo", "pt-4o", "ft:gpt-4o:me::1", "-2024-08-06",
                            "openai/", "/", "us.", "-v1:0"}) {
    EXPECT_EQ(rate(model, ""), -1) << model;
  }
  EXPECT_EQ(rate(std::string(300, 'X'), "azure"), -1);
}

TEST(PriceBook, AliasesComeFirstAndUnknownTargetsAreTold) {
  const PriceBook book = book_of(data("rules.json"),
                                 {{"house", "gpt-4o"}, {"gpt-4o", "claude-x"}, {"typo", "gpt-5x"}, {"chain", "house"}});
  EXPECT_EQ(cost_of(book, call("house", 1, 0)), 2'000);
  EXPECT_EQ(cost_of(book, call("hub/house-2026-01-01", 1, 0)), 2'000);
  EXPECT_EQ(cost_of(book, call("gpt-4o", 1, 0)), 4'000);
  EXPECT_EQ(cost_of(book, call("gpt-4o-2024-05-13", 1, 0)), 5'000);
  EXPECT_EQ(cost_of(book, call("typo", 1, 0)), -1);
  EXPECT_EQ(book.unresolved_aliases(), (std::vector<std::string>{"chain", "typo"}));
}

TEST(PriceBook, AReportedCostIsKeptAndSplitByTheList) {
  const PriceBook book = book_of(data("rules.json"));
  UsageEvent event = call("service", 1'000, 250);  // list: 2,000,000 + 2,000,000 nano-dollars
  event.reported_cost = core::NanoUsd{1'000'003};
  book.price(event);
  EXPECT_EQ(event.cost_source, CostSource::reported);
  EXPECT_EQ(event.cost.nano, 1'000'003);
  EXPECT_NEAR(static_cast<double>(event.output_cost.nano), 500'001.5, 1);
  EXPECT_EQ(event.input_cost + event.output_cost, event.cost);
  EXPECT_EQ(event.cacheable_cost.nano, 375'001);  // 1,000 x 1,500, scaled as the cost is
}

TEST(PriceBook, AReportedCostWithoutAListIsSplitByTypicalRates) {
  const PriceBook book = book_of(data("rules.json"));
  UsageEvent event = call("nobody", 1'100, 100);  // weights: 1000 + 100 x 0.1 in, 400 out
  event.cache_read_tokens = 100;
  event.reported_cost = core::NanoUsd{1'410'000};
  book.price(event);
  EXPECT_EQ(event.cost_source, CostSource::reported);
  EXPECT_EQ(event.input_cost.nano, 1'010'000);
  EXPECT_EQ(event.output_cost.nano, 400'000);
  EXPECT_EQ(event.cacheable_cost.nano, 990'000);
}

TEST(PriceBook, FreeFailedAndCachedByAGateway) {
  const PriceBook book = book_of(data("rules.json"));
  UsageEvent free = call("service", 1'000, 10);
  free.reported_cost = core::NanoUsd{};
  book.price(free);
  EXPECT_EQ(free.cost_source, CostSource::reported);
  EXPECT_EQ(free.cost.nano, 0);
  UsageEvent hit = call("nobody", 1'000, 10);
  hit.gateway_cache_hit = true;
  EXPECT_EQ(cost_of(book, hit), 0);
  hit.reported_cost = core::NanoUsd{5};
  EXPECT_EQ(cost_of(book, hit), 5);
  UsageEvent failed;
  failed.model = "service";
  failed.status = core::CallStatus::error;
  EXPECT_EQ(cost_of(book, failed), 0);
  failed.reported_cost = core::NanoUsd{7};
  EXPECT_EQ(cost_of(book, failed), 7);
}

TEST(PriceBook, PricingAgainReplacesTheAnswer) {
  const PriceBook book = book_of(data("rules.json"));
  UsageEvent event = call("service", 1'000, 10);
  book.price(event);
  event.model = "nobody";
  EXPECT_EQ(cost_of(book, event), -1);
}

TEST(PriceBook, ABadFileIsAnErrorThatNamesIt) {
  const auto message = [](const std::string& path) {
    const auto book = PriceBook::load(path, {});
    EXPECT_FALSE(book);
    if (book) return std::string();
    EXPECT_EQ(book.error().code, core::ErrorCode::config);
    EXPECT_NE(book.error().message.find(path), std::string::npos) << book.error().message;
    return book.error().message;
  };
  EXPECT_NE(message(data("absent.json")).find("No such file"), std::string::npos);
  message(data(""));
  message(data("provider_usages.jsonl"));
  message(data("no_prices.json"));
  message(data("array.json"));
}

}  // namespace
}  // namespace costdrift::daemon
