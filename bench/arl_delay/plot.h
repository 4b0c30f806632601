// Plots as SVG text, without scripts or files beside them.
#pragma once

#include <string>
#include <vector>

namespace costdrift::bench {

// One rule's colour and weight in every plot.
struct Style {
  std::string color;
  double width = 1.5;
};

struct Point {
  double x = 0, y = 0;
  bool lower_bound = false;  // some trials ended without an alarm: the truth lies beyond; drawn hollow
};

struct Curve {
  std::string name;
  Style style;
  std::vector<Point> points;
};

// Both axes logarithmic. Points that are not positive are left out.
std::string curve_plot(const std::string& title, const std::string& x_label, const std::string& y_label,
                       const std::vector<Curve>& curves);

// One row for each label; the points of curve c have y = row. x is logarithmic, from 0.8 to `last`; what lies beyond is
// drawn hollow at the edge. `goals`: a tick per row, 0 for none.
std::string row_plot(const std::vector<std::string>& labels, const std::vector<Curve>& curves,
                     const std::vector<double>& goals, double last);

// Text with the characters that HTML reserves replaced.
std::string escaped(const std::string& text);

}  // namespace costdrift::bench
