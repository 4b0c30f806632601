// ADWIN (Bifet, Gavalda 2007): the window of all values, cut where two parts differ most; the statistic is ln(1 /
// delta) at which the best cut would fire, upward cuts only. Exponential histogram with five buckets a row and a look
// every 32 values, as in river; one difference: the window is not shortened, since a run ends at its first alarm.
#pragma once

#include <vector>

#include "bench/arl_delay/method.h"

namespace costdrift::bench {

class Adwin final : public Method {
 public:
  void learn(std::span<const Call> history) override;
  double step(const Call& call) override;

 private:
  static constexpr int kPerRow = 5;
  struct Row {  // of buckets of 2^row values each
    double sum[kPerRow + 1] = {};
    int size = 0;
  };
  void insert(double value);
  double best_cut() const;

  std::vector<Row> rows_;
  double width_ = 0, mean_ = 0, squares_ = 0;
  int since_look_ = 0;
  double statistic_ = 0;
};

}  // namespace costdrift::bench
