#include "core/series.h"

#include <algorithm>

#include "core/result.h"

namespace costdrift::core {
namespace {

constexpr char kHexDigits[] = "0123456789ABCDEF";

void append_encoded(std::string& out, std::string_view value) {
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == ',' || c == '=' || c == '%' || byte < 0x20 || byte == 0x7f) {
      out += {'%', kHexDigits[byte >> 4], kHexDigits[byte & 15]};
    } else {
      out += c;
    }
  }
}

int hex_digit(char c) {
  const std::string_view digits = kHexDigits;
  const std::size_t at = digits.find(c);
  return at == std::string_view::npos ? -1 : static_cast<int>(at);
}

std::string decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool complete = text[i] == '%' && i + 2 < text.size();
    const int high = complete ? hex_digit(text[i + 1]) : -1;
    const int low = complete ? hex_digit(text[i + 2]) : -1;
    if (high < 0 || low < 0) {
      out += text[i];
      continue;
    }
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

// Calls visit(name, encoded value) for every label of the text until it returns false.
template <class Visit>
void for_each_label(std::string_view text, Visit visit) {
  while (!text.empty()) {
    const std::string_view label = text.substr(0, text.find(','));
    const std::size_t equals = std::min(label.find('='), label.size());
    const std::string_view value = equals < label.size() ? label.substr(equals + 1) : std::string_view();
    if (!visit(label.substr(0, equals), value)) return;
    text.remove_prefix(std::min(label.size() + 1, text.size()));
  }
}

std::string spoken(Dimension dimension, const std::string& value) {
  const std::string shown = value.empty() ? "unattributed" : value;
  if (dimension == Dimension::app || dimension == Dimension::model) return shown;
  std::string name(dimension_name(dimension));
  std::replace(name.begin(), name.end(), '_', ' ');
  return name + " " + shown;
}

}  // namespace

std::string_view dimension_name(Dimension dimension) {
  switch (dimension) {
    case Dimension::app:
      return "app";
    case Dimension::model:
      return "model";
    case Dimension::provider:
      return "provider";
    case Dimension::team:
      return "team";
    case Dimension::owner:
      return "owner";
    case Dimension::technical_owner:
      return "technical_owner";
    case Dimension::env:
      return "env";
    case Dimension::cost_center:
      return "cost_center";
    case Dimension::use_case:
      return "use_case";
    case Dimension::business_process:
      return "business_process";
    case Dimension::request_type:
      return "request_type";
    case Dimension::prompt_version:
      return "prompt_version";
    case Dimension::region:
      return "region";
    case Dimension::service_tier:
      return "service_tier";
    case Dimension::agent:
      return "agent";
    case Dimension::api_key_id:
      return "api_key_id";
  }
  bug("Dimension out of range");
}

std::optional<Dimension> dimension_from_name(std::string_view name) {
  for (const Dimension dimension : kDimensions) {
    if (dimension_name(dimension) == name) return dimension;
  }
  return std::nullopt;
}

SeriesKey SeriesKey::of(std::vector<Label> labels) {
  std::sort(labels.begin(), labels.end());
  SeriesKey key;
  for (const auto& [dimension, value] : labels) {
    if (!key.text_.empty()) key.text_ += ',';
    key.text_ += dimension_name(dimension);
    key.text_ += '=';
    append_encoded(key.text_, value);
  }
  return key;
}

SeriesKey SeriesKey::from_text(std::string text) {
  SeriesKey key;
  key.text_ = std::move(text);
  return key;
}

std::vector<Label> SeriesKey::labels() const {
  std::vector<Label> labels;
  for_each_label(text_, [&](std::string_view name, std::string_view value) {
    if (const auto dimension = dimension_from_name(name)) labels.emplace_back(*dimension, decoded(value));
    return true;
  });
  return labels;
}

std::string SeriesKey::label(Dimension dimension) const {
  std::string found;
  for_each_label(text_, [&, wanted = dimension_name(dimension)](std::string_view name, std::string_view value) {
    if (name != wanted) return true;
    found = decoded(value);
    return false;
  });
  return found;
}

SeriesKind SeriesKey::kind() const {
  if (text_.empty()) return SeriesKind::all;
  if (text_.starts_with("team=")) return SeriesKind::team;
  if (text_.starts_with("provider=")) return SeriesKind::provider;
  if (text_.starts_with("model=")) return SeriesKind::model;
  return text_.find(",model=") == std::string::npos ? SeriesKind::app : SeriesKind::app_model;
}

std::string SeriesKey::display() const {
  std::string text;
  for (const auto& [dimension, value] : labels()) {
    if (!text.empty()) text += " / ";
    text += spoken(dimension, value);
  }
  return text.empty() ? "all" : text;
}

}  // namespace costdrift::core
