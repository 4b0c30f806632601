#include "daemon/decode/decode_value.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <optional>
#include <utility>

#include "daemon/decode/text_words.h"

namespace costdrift::daemon {
namespace {

constexpr std::size_t kMaxTextBytes = 128;
constexpr double kMaxUsd = 1e6;
constexpr double kMaxMilliseconds = 86'400'000;
constexpr std::int64_t kEarliestUs = 1'577'836'800'000'000;  // 2020-01-01
constexpr std::int64_t kLatestUs = 7'289'654'400'000'000;    // 2201-01-01, as core::parse_rfc3339

std::string_view kind_name(JsonKind kind) {
  switch (kind) {
    case JsonKind::boolean:
      return "a boolean";
    case JsonKind::integer:
    case JsonKind::huge_integer:
    case JsonKind::real:
      return "a number";
    case JsonKind::text:
      return "a string";
    case JsonKind::array:
      return "an array";
    case JsonKind::object:
      return "an object";
  }
  return "";
}

bool is_number(const JsonValue& value) {
  return value.kind == JsonKind::integer || value.kind == JsonKind::real || value.kind == JsonKind::huge_integer;
}

double as_real(const JsonValue& value) {
  if (value.kind == JsonKind::real) return value.real;
  if (value.kind == JsonKind::huge_integer) return static_cast<double>(static_cast<std::uint64_t>(value.integer));
  return static_cast<double>(value.integer);
}

std::string number_text(const JsonValue& value) {
  if (value.kind == JsonKind::integer) return std::to_string(value.integer);
  if (value.kind == JsonKind::huge_integer) return std::to_string(static_cast<std::uint64_t>(value.integer));
  std::array<char, 32> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value.real).ptr;
  return {buffer.data(), end};
}

bool wrong_type(std::string_view name, const JsonValue& value, std::string_view expected, Rejection& rejection) {
  return reject(rejection, RejectReason::bad_type,
                std::string(name) + ": " + std::string(kind_name(value.kind)) + " where " + std::string(expected) +
                    " is expected");
}

bool out_of_range(std::string_view name, const JsonValue& value, std::int64_t min, std::int64_t max,
                  RejectReason reason, Rejection& rejection) {
  return reject(
      rejection, reason,
      std::string(name) + ": " + number_text(value) + " is not in " + std::to_string(min) + ".." + std::to_string(max));
}

bool read_real(std::string_view name, const JsonValue& value, double max, RejectReason reason, double& out,
               Rejection& rejection) {
  if (!is_number(value)) return wrong_type(name, value, "a number", rejection);
  const double number = as_real(value);
  // The negated form is also false for NaN.
  if (!(number >= 0 && number <= max)) {
    return out_of_range(name, value, 0, static_cast<std::int64_t>(max), reason, rejection);
  }
  out = number;
  return true;
}

// The high bit of some byte is set when a byte of the word is not printable ASCII.
constexpr std::uint64_t unprintable(std::uint64_t word) {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  const std::uint64_t del = word ^ (kOnes * 0x7F);
  return (word | ((word - kOnes * 0x20) & ~word) | ((del - kOnes) & ~del)) & (kOnes * 0x80);
}

// The common case of a label, eight bytes at a time.
bool is_printable_ascii(std::string_view text) {
  constexpr std::uint64_t kFourSpaces = 0x2020202000000000;
  const TextWords words = words_of(text);
  if (text.size() < 4) return unprintable(words.first | kFourSpaces | (text.empty() ? 0x20202020 : 0x20000000)) == 0;
  if (text.size() < 8) return unprintable(words.first | (words.last << 32)) == 0;
  std::uint64_t bad = unprintable(words.last);
  for (std::size_t i = 0; i + 8 < text.size(); i += 8) bad |= unprintable(load_word<std::uint64_t>(text.data() + i));
  return bad == 0;
}

bool is_forbidden(std::uint32_t code_point) {
  return code_point < 0x20 || (code_point >= 0x7F && code_point < 0xA0) || code_point == 0x061C ||
         (code_point >= 0x200E && code_point <= 0x200F) || (code_point >= 0x2028 && code_point <= 0x202E) ||
         (code_point >= 0x2066 && code_point <= 0x2069);
}

// The first forbidden code point of a text that the JSON parser has found to be valid UTF-8.
std::optional<std::uint32_t> find_forbidden(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const std::size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (i + length > text.size()) return 0xFFFD;
    std::uint32_t code_point = length == 1 ? lead : lead & (0xFFU >> (length + 1));
    for (std::size_t k = 1; k < length; ++k) {
      code_point = (code_point << 6) | (static_cast<unsigned char>(text[i + k]) & 0x3FU);
    }
    if (is_forbidden(code_point)) return code_point;
    i += length;
  }
  return std::nullopt;
}

std::string_view trim_spaces(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

std::int64_t epoch_us(std::uint64_t number) {
  if (number < 100'000'000'000) return static_cast<std::int64_t>(number * 1'000'000);
  if (number < 100'000'000'000'000) return static_cast<std::int64_t>(number * 1'000);
  if (number < 100'000'000'000'000'000) return static_cast<std::int64_t>(number);
  return static_cast<std::int64_t>(number / 1'000);
}

std::optional<std::int64_t> epoch_us(double number) {
  if (!(number >= 0 && number < 1e19)) return std::nullopt;
  const double scale = number < 1e11 ? 1e6 : number < 1e14 ? 1e3 : number < 1e17 ? 1 : 1e-3;
  return std::llround(number * scale);
}

std::optional<std::int64_t> text_us(std::string_view text) {
  std::uint64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error == std::errc() && stop == end) return epoch_us(number);
  const auto time = core::parse_rfc3339(text);
  if (!time) return std::nullopt;
  return time->us;
}

std::optional<std::int64_t> time_us(const JsonValue& value) {
  if (value.kind == JsonKind::text) return text_us(trim_spaces(value.text));
  if (value.kind == JsonKind::real) return epoch_us(value.real);
  if (value.kind == JsonKind::integer && value.integer < 0) return std::nullopt;
  return epoch_us(static_cast<std::uint64_t>(value.integer));
}

std::string quoted(std::string_view text) { return '"' + std::string(text.substr(0, 40)) + '"'; }

}  // namespace

bool reject(Rejection& rejection, RejectReason reason, std::string detail) {
  rejection.reason = reason;
  rejection.detail = std::move(detail);
  return false;
}

bool read_integer(std::string_view name, const JsonValue& value, IntegerRange range, std::int64_t& out,
                  Rejection& rejection) {
  if (!is_number(value)) return wrong_type(name, value, "an integer", rejection);
  if (value.kind == JsonKind::integer && value.integer >= range.min && value.integer <= range.max) [[likely]] {
    out = value.integer;
    return true;
  }
  const double number = as_real(value);
  if (value.kind == JsonKind::real && number != std::floor(number)) {
    return reject(rejection, range.reason, std::string(name) + ": " + number_text(value) + " is not an integer");
  }
  // Every range lies far inside 2^53, so that the comparison and the conversion are exact.
  if (number < static_cast<double>(range.min) || number > static_cast<double>(range.max)) {
    return out_of_range(name, value, range.min, range.max, range.reason, rejection);
  }
  out = static_cast<std::int64_t>(number);
  return true;
}

bool read_boolean(std::string_view name, const JsonValue& value, bool& out, Rejection& rejection) {
  if (value.kind != JsonKind::boolean) return wrong_type(name, value, "true or false", rejection);
  out = value.integer != 0;
  return true;
}

bool read_cost(std::string_view name, const JsonValue& value, core::NanoUsd& out, Rejection& rejection) {
  double usd = 0;
  if (!read_real(name, value, kMaxUsd, RejectReason::bad_cost, usd, rejection)) return false;
  out = core::from_usd(usd);
  return true;
}

bool read_milliseconds(std::string_view name, const JsonValue& value, double& out, Rejection& rejection) {
  return read_real(name, value, kMaxMilliseconds, RejectReason::bad_number, out, rejection);
}

bool read_text(std::string_view name, const JsonValue& value, std::string_view& out, Rejection& rejection) {
  if (value.kind != JsonKind::text) return wrong_type(name, value, "a string", rejection);
  const std::string_view text = trim_spaces(value.text);
  if (text.size() > kMaxTextBytes) {
    return reject(rejection, RejectReason::bad_text,
                  std::string(name) + ": " + std::to_string(text.size()) + " bytes, more than 128");
  }
  if (!is_printable_ascii(text)) {
    if (const auto forbidden = find_forbidden(text)) {
      std::array<char, 16> code{};
      std::snprintf(code.data(), code.size(), "U+%04X", *forbidden);
      return reject(rejection, RejectReason::bad_text,
                    std::string(name) + ": holds the control character " + code.data());
    }
  }
  out = text;
  return true;
}

bool read_time(std::string_view name, const JsonValue& value, core::EventTime& out, Rejection& rejection) {
  if (!is_number(value) && value.kind != JsonKind::text) {
    return wrong_type(name, value, "a time (RFC 3339 or epoch number)", rejection);
  }
  const auto us = time_us(value);
  if (!us) {
    const std::string shown = value.kind == JsonKind::text ? quoted(value.text) : number_text(value);
    return reject(rejection, RejectReason::bad_timestamp,
                  std::string(name) + ": " + shown + " is not a time (RFC 3339 or epoch number)");
  }
  if (*us < kEarliestUs || *us >= kLatestUs) {
    return reject(rejection, RejectReason::bad_timestamp,
                  std::string(name) + ": " + (*us < kEarliestUs ? "before 2020" : "after 2200"));
  }
  out = {*us};
  return true;
}

}  // namespace costdrift::daemon
