#include "bench/arl_delay/plot.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace costdrift::bench {
namespace {

constexpr double kWidth = 440, kHeight = 300, kLeft = 56, kRight = 12, kTop = 28, kBottom = 44;

template <class... Args>
std::string format(const char* pattern, Args... args) {
  char text[400];
  std::snprintf(text, sizeof text, pattern, args...);
  return text;
}

// Values from `first` to `last` onto pixels from `from` to `to`.
struct LogAxis {
  double first = 1, last = 10, from = 0, to = 1;
  double operator()(double value) const {
    return from + (to - from) * std::log(value / first) / std::log(last / first);
  }
};

std::string text_at(double x, double y, const char* anchor, const std::string& text) {
  return format("<text x='%.1f' y='%.1f' text-anchor='%s'>", x, y, anchor) + escaped(text) + "</text>\n";
}

std::string line(double x1, double y1, double x2, double y2, const char* color) {
  return format("<line x1='%.1f' y1='%.1f' x2='%.1f' y2='%.1f' stroke='%s'/>\n", x1, y1, x2, y2, color);
}

std::string dot(double x, double y, const Style& style, bool hollow, double radius) {
  return format("<circle cx='%.1f' cy='%.1f' r='%.1f' stroke='%s' fill='%s'/>\n", x, y, radius, style.color.c_str(),
                hollow ? "#fff" : style.color.c_str());
}

std::string number(double value) {
  if (value >= 1e6) return format("%gM", value / 1e6);
  if (value >= 1e3) return format("%gk", value / 1e3);
  return format("%g", value);
}

// Powers of ten and what an axis needs around its values.
std::vector<double> decades(double first, double last) {
  std::vector<double> ticks;
  for (double tick = std::pow(10, std::ceil(std::log10(first) - 1e-9)); tick <= last * 1.0001; tick *= 10) {
    ticks.push_back(tick);
  }
  return ticks;
}

std::string open_svg(double width, double height) {
  return format("<svg viewBox='0 0 %.0f %.0f' width='%.0f' height='%.0f' role='img'>\n", width, height, width, height);
}

std::string draw_curve(const Curve& curve, const LogAxis& x, const LogAxis& y) {
  std::string path, dots;
  for (const Point& point : curve.points) {
    if (!(point.x > 0) || !(point.y > 0)) continue;
    path += format("%s%.1f,%.1f", path.empty() ? "M" : " L", x(point.x), y(point.y));
    dots += dot(x(point.x), y(point.y), curve.style, point.lower_bound, 2.5);
  }
  return "<g><title>" + escaped(curve.name) + "</title><path d='" + path + "' fill='none' " +
         format("stroke='%s' stroke-width='%.1f'/>\n", curve.style.color.c_str(), curve.style.width) + dots + "</g>\n";
}

struct Range {
  double low = 1e300, high = 0;
  void add(double value) {
    if (!(value > 0)) return;
    low = std::min(low, value);
    high = std::max(high, value);
  }
};

std::string axes(const LogAxis& x, const LogAxis& y, const std::string& x_label, const std::string& y_label) {
  std::string svg;
  for (const double tick : decades(x.first, x.last)) {
    svg += line(x(tick), y.from, x(tick), y.to, "#e3e3e3") + text_at(x(tick), y.from + 14, "middle", number(tick));
  }
  for (const double tick : decades(y.first, y.last)) {
    svg += line(x.from, y(tick), x.to, y(tick), "#e3e3e3") + text_at(x.from - 6, y(tick) + 4, "end", number(tick));
  }
  svg += text_at((x.from + x.to) / 2, kHeight - 8, "middle", x_label);
  svg += format("<text transform='translate(14 %.0f) rotate(-90)' text-anchor='middle'>", (y.from + y.to) / 2) +
         escaped(y_label) + "</text>\n";
  return svg;
}

}  // namespace

std::string escaped(const std::string& text) {
  std::string result;
  for (const char c : text) {
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '\'':
        result += "&#39;";
        break;
      default:
        result += c;
    }
  }
  return result;
}

std::string curve_plot(const std::string& title, const std::string& x_label, const std::string& y_label,
                       const std::vector<Curve>& curves) {
  Range xs, ys;
  for (const auto& curve : curves) {
    for (const auto& point : curve.points) {
      xs.add(point.x);
      ys.add(point.y);
    }
  }
  if (xs.high == 0) return {};
  const LogAxis x{xs.low / 1.2, xs.high * 1.2, kLeft, kWidth - kRight};
  const LogAxis y{ys.low / 1.3, ys.high * 1.3, kHeight - kBottom, kTop};
  std::string svg = open_svg(kWidth, kHeight) + text_at(kLeft, 16, "start", title) + axes(x, y, x_label, y_label);
  for (const auto& curve : curves) svg += draw_curve(curve, x, y);
  return svg + "</svg>\n";
}

std::string row_plot(const std::vector<std::string>& labels, const std::vector<Curve>& curves,
                     const std::vector<double>& goals, double last) {
  constexpr double kRow = 24, kNames = 300, kPlot = 560;
  const double bottom = kTop + kRow * static_cast<double>(labels.size());
  const LogAxis x{0.8, last, kNames, kNames + kPlot};
  std::string svg = open_svg(kNames + kPlot + 20, bottom + 40);
  for (const double tick : {1.0, 2.0, 5.0, 10.0, 20.0, 50.0}) {
    svg += line(x(tick), kTop, x(tick), bottom, "#e3e3e3") + text_at(x(tick), bottom + 14, "middle", number(tick));
  }
  svg += text_at(kNames + kPlot / 2, bottom + 32, "middle", "mean delay / the oracle's");
  const auto middle = [](std::size_t row) { return kTop + kRow * (static_cast<double>(row) + 0.5); };
  for (std::size_t row = 0; row < labels.size(); ++row) {
    svg += text_at(kNames - 10, middle(row) + 4, "end", labels[row]);
    if (goals[row] > 0) svg += line(x(goals[row]), middle(row) - 9, x(goals[row]), middle(row) + 9, "#c00");
  }
  for (const auto& curve : curves) {
    svg += "<g><title>" + escaped(curve.name) + "</title>\n";
    for (const Point& point : curve.points) {
      const double place = x(std::min(point.x, last));
      const double radius = curve.style.width > 2 ? 5 : 3.5;
      svg += dot(place, middle(static_cast<std::size_t>(point.y)), curve.style, point.lower_bound || point.x > last,
                 radius);
    }
    svg += "</g>\n";
  }
  return svg + "</svg>\n";
}

}  // namespace costdrift::bench
