#include "replay/progress.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "core/text.h"

namespace costdrift::replay {
namespace {

constexpr int kBarWidth = 20;
constexpr std::chrono::milliseconds kBetween{200};
constexpr double kFractionToForecast = 0.005;

std::string bar(double fraction) {
  const int done = std::clamp(static_cast<int>(fraction * kBarWidth), 0, kBarWidth);
  std::string text = "[" + std::string(static_cast<std::size_t>(done), '=');
  if (done < kBarWidth) text += '>';
  text.resize(kBarWidth + 1, ' ');
  return text + "]";
}

}  // namespace

std::string progress_text(std::int64_t events, double fraction, core::Duration elapsed) {
  std::string text;
  if (fraction >= 0) {
    const std::string percent = std::to_string(static_cast<int>(std::min(fraction, 1.0) * 100));
    text = bar(fraction) + std::string(4 - std::min<std::size_t>(percent.size(), 3), ' ') + percent + " %   ";
  }
  text += core::group_digits(events) + " events";
  const double seconds = core::to_seconds(elapsed);
  if (seconds <= 0) return text;
  text += "   " + core::group_digits(std::llround(static_cast<double>(events) / seconds)) + "/s";
  if (fraction < kFractionToForecast || fraction >= 1) return text;
  const double left = seconds * (1 - fraction) / fraction;
  return text + "   " + core::describe_duration(core::seconds(std::llround(std::ceil(left)))) + " left";
}

void Progress::update(std::int64_t events, double fraction) {
  if (!terminal_) return;
  const core::MonotonicTime now = clock_.monotonic_now();
  if (on_screen_ && now - shown_ < kBetween) return;
  shown_ = now;
  on_screen_ = true;
  const auto elapsed = std::chrono::duration_cast<std::chrono::microseconds>(now - began_).count();
  out_ << "\r\x1b[K" << progress_text(events, fraction, core::microseconds(elapsed)) << std::flush;
}

void Progress::clear() {
  if (on_screen_) out_ << "\r\x1b[K" << std::flush;
  on_screen_ = false;
}

}  // namespace costdrift::replay
