// Law: the distribution of one call's value, to draw from and to judge by.
#pragma once

#include <functional>

#include "bench/arl_delay/random.h"

namespace costdrift::bench {

struct Law {
  std::function<double(Random&)> draw;
  std::function<double(double)> log_density;  // log mass for the discrete laws; -infinity outside the support
};

// 1 with chance p, else 0.
Law bernoulli(double p);
// shift + a log-normal value; `sd` of the logarithm.
Law log_normal(double median, double sd, double shift = 0);
// A log-normal body and, with chance `share`, a Pareto tail with exponent `alpha` that begins at `from`.
Law pareto_tail(double median, double sd, double share, double from, double alpha);
// 1, 2, ... steps.
Law geometric(double mean);

}  // namespace costdrift::bench
