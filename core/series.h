// SeriesKey: what a baseline is kept for, as a canonical text such as "app=support-bot,model=gpt-4o".
//
// The text is the identity everywhere: in state, in incident ids, in dumps. Dimensions stand in enum order; the
// characters , = % and control characters in values are percent-encoded, so that text and labels convert both ways.
#pragma once

#include <compare>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace costdrift::core {

// Names a field of UsageEvent that can label a series or explain a change. Values are stored: do not renumber.
enum class Dimension : std::uint8_t {
  app = 1,
  model = 2,
  provider = 3,
  team = 4,
  owner = 5,
  technical_owner = 6,
  env = 7,
  cost_center = 8,
  use_case = 9,
  business_process = 10,
  request_type = 11,
  prompt_version = 12,
  region = 13,
  service_tier = 14,
  agent = 15,
  api_key_id = 16,
};

inline constexpr Dimension kDimensions[] = {
    Dimension::app,          Dimension::model,
    Dimension::provider,     Dimension::team,
    Dimension::owner,        Dimension::technical_owner,
    Dimension::env,          Dimension::cost_center,
    Dimension::use_case,     Dimension::business_process,
    Dimension::request_type, Dimension::prompt_version,
    Dimension::region,       Dimension::service_tier,
    Dimension::agent,        Dimension::api_key_id,
};

// The event-schema name, e.g. "use_case".
std::string_view dimension_name(Dimension dimension);
// The other way round; nullopt when no dimension has that name.
std::optional<Dimension> dimension_from_name(std::string_view name);

using Label = std::pair<Dimension, std::string>;

// What a series is the sum of. Everything but app_model is a roll-up, derived from the (app, model) series.
enum class SeriesKind : std::uint8_t { app_model = 0, app = 1, model = 2, team = 3, provider = 4, all = 5 };

// A set of kinds.
class SeriesKinds {
 public:
  constexpr SeriesKinds(std::initializer_list<SeriesKind> kinds) {
    for (const SeriesKind kind : kinds) bits_ |= bit(kind);
  }
  constexpr bool has(SeriesKind kind) const { return (bits_ & bit(kind)) != 0; }
  constexpr SeriesKinds& operator|=(SeriesKinds other) {
    bits_ |= other.bits_;
    return *this;
  }

 private:
  static constexpr unsigned bit(SeriesKind kind) { return 1U << static_cast<unsigned>(kind); }
  unsigned bits_ = 0;
};

class SeriesKey {
 public:
  SeriesKey() = default;
  // Labels in any order, each dimension once. An empty value is kept ("app=,model=gpt-4o": calls that name no app),
  // so that it is not taken for the roll-up over that dimension ("model=gpt-4o").
  static SeriesKey of(std::vector<Label> labels);
  // Trusts `text` to come from text() of another key (state files, dumps).
  static SeriesKey from_text(std::string text);

  const std::string& text() const { return text_; }
  // In enum order. Labels of dimensions that this version does not know are left out.
  std::vector<Label> labels() const;
  // The value of one dimension; empty when the key does not have it.
  std::string label(Dimension dimension) const;
  // By the dimensions in the text, whatever their values.
  SeriesKind kind() const;
  // For sentences: "support-bot / gpt-4o"; other dimensions with their name: "team cx / gpt-4o". An empty value reads
  // "unattributed", the key without labels "all". Values are as the producer wrote them: escape before showing.
  std::string display() const;

  auto operator<=>(const SeriesKey&) const = default;

 private:
  std::string text_;
};

}  // namespace costdrift::core
