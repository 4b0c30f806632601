#include "core/text.h"

#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "core/utf8.h"

namespace costdrift::core {
namespace {

// Above this a double no longer fits an int64 or a sentence.
constexpr double kLargestGrouped = 9e18;

template <class... Arguments>
std::string printed(const char* format, Arguments... arguments) {
  std::array<char, 64> buffer;
  std::snprintf(buffer.data(), buffer.size(), format, arguments...);
  return buffer.data();
}

std::string without_trailing_zeros(std::string text) {
  if (text.find('.') == std::string::npos) return text;
  text.resize(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text;
}

bool is_harmful(char32_t c) {
  const bool control = c < 0x20 || (c >= 0x7f && c <= 0x9f);
  const bool line_break = c == 0x2028 || c == 0x2029;
  const bool bidi =
      c == 0x061c || c == 0x200e || c == 0x200f || (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
  return control || line_break || bidi;
}

std::string hex_escaped(std::string_view bytes) {
  std::string out;
  for (const char byte : bytes) out += printed("\\x%02x", static_cast<unsigned>(static_cast<unsigned char>(byte)));
  return out;
}

}  // namespace

std::string group_digits(std::int64_t value) {
  std::string text = std::to_string(value);
  const std::size_t first_digit = value < 0 ? 1 : 0;
  for (std::size_t at = text.size(); at > first_digit + 3;) text.insert(at -= 3, 1, ',');
  return text;
}

std::string describe_number(double value) {
  if (!std::isfinite(value)) return "unknown";
  const double size = std::abs(value);
  if (size >= 999.5 && size < kLargestGrouped) return group_digits(std::llround(value));
  if (size >= kLargestGrouped || (size > 0 && size < 1e-6)) return printed("%.3g", value);
  if (size == 0) return "0";
  const int decimals = 2 - static_cast<int>(std::floor(std::log10(size)));
  return without_trailing_zeros(printed("%.*f", decimals, value));
}

std::string describe_percent(double ratio) {
  if (!std::isfinite(ratio)) return "unknown";
  if (ratio >= 99) return "over 100 times";
  const double percent = ratio * 100;
  const double size = std::abs(percent);
  const char* sign = percent < 0 ? "-" : "+";
  if (size < 0.05) return "0 %";
  if (size < 9.95) return sign + without_trailing_zeros(printed("%.1f", size)) + " %";
  if (size >= kLargestGrouped) return sign + printed("%.1e", size) + " %";
  const double step = size < 99.5 ? 1 : std::pow(10, std::floor(std::log10(size)) - 1);
  return sign + group_digits(std::llround(std::round(size / step) * step)) + " %";
}

std::string escape_for_log(std::string_view text, std::size_t max_bytes) {
  static constexpr std::string_view kMark = "...";
  std::string out;
  std::size_t cut = 0;  // where the mark goes if not everything fits
  while (!text.empty()) {
    const CodePoint point = first_code_point(text);
    const std::string_view bytes = text.substr(0, point.bytes);
    out += !point.valid || is_harmful(point.value) ? hex_escaped(bytes) : std::string(bytes);
    if (out.size() > max_bytes) {
      out.resize(cut);
      return out.append(kMark.substr(0, max_bytes - cut));
    }
    if (out.size() + kMark.size() <= max_bytes) cut = out.size();
    text.remove_prefix(point.bytes);
  }
  return out;
}

std::string truncate_code_points(std::string_view text, std::size_t max_code_points) {
  static constexpr std::string_view kEllipsis = "\u2026";
  std::size_t at = 0;
  std::size_t before_last = 0;
  for (std::size_t points = 0; at < text.size(); ++points) {
    if (points == max_code_points) {
      return max_code_points == 0 ? std::string() : std::string(text.substr(0, before_last)).append(kEllipsis);
    }
    before_last = at;
    at += first_code_point(text.substr(at)).bytes;
  }
  return std::string(text);
}

bool is_valid_utf8(std::string_view text) {
  while (!text.empty()) {
    const CodePoint point = first_code_point(text);
    if (!point.valid) return false;
    text.remove_prefix(point.bytes);
  }
  return true;
}

}  // namespace costdrift::core
