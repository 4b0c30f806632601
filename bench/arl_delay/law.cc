#include "bench/arl_delay/law.h"

#include <cmath>
#include <limits>

namespace costdrift::bench {
namespace {

double log_normal_log_density(double x, double mu, double sd) {
  if (x <= 0) return -std::numeric_limits<double>::infinity();
  const double log_x = std::log(x);
  const double z = (log_x - mu) / sd;
  return -0.5 * z * z - log_x - std::log(sd) - 0.9189385332046727;
}

}  // namespace

Law bernoulli(double p) {
  return {[p](Random& random) { return random.chance(p) ? 1.0 : 0.0; },
          [hit = std::log(p), miss = std::log1p(-p)](double x) { return x > 0.5 ? hit : miss; }};
}

Law log_normal(double median, double sd, double shift) {
  const double mu = std::log(median);
  return {[=](Random& random) { return shift + std::exp(mu + sd * random.normal()); },
          [=](double x) { return log_normal_log_density(x - shift, mu, sd); }};
}

Law pareto_tail(double median, double sd, double share, double from, double alpha) {
  const double mu = std::log(median);
  return {[=](Random& random) {
            return random.chance(share) ? from * std::pow(random.uniform(), -1 / alpha)
                                        : std::exp(mu + sd * random.normal());
          },
          [=](double x) {
            const double body = (1 - share) * std::exp(log_normal_log_density(x, mu, sd));
            const double tail = x >= from ? share * alpha / from * std::pow(x / from, -alpha - 1) : 0;
            return std::log(body + tail);
          }};
}

Law geometric(double mean) {
  return {[mean](Random& random) { return static_cast<double>(random.geometric(mean)); },
          [stop = std::log(1 / mean), on = std::log1p(-1 / mean)](double x) { return stop + (x - 1) * on; }};
}

}  // namespace costdrift::bench
