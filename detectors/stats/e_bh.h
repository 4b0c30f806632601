// e-BH: how far a threshold may be lowered because many series are near it at the same time.
//
// Operation  of N e-values, those of the k largest are discoveries when the k-th is at least N / (q k): the expected
//            share of false ones among them is at most q, however the values depend on each other. A Shiryaev-Roberts
//            statistic over the calls of a week is an e-value for "nothing changed in this week".
// Source     Wang, Ramdas, "False discovery rate control with e-values", JRSS B 2022; over time, as error over
//            patience: Dandapanthula, Ramdas, arXiv 2501.04130, 2025.
// Units      nats. A margin is ln(e B / N), with B the false pages a week: 0 is where one alone alarms.
#pragma once

#include <vector>

namespace costdrift::detectors::stats {

// The largest relief r >= 0 such that the alarms with margin >= -r are discoveries at false discovery rate `q`; 0 when
// the budget's own threshold is already the wider one. At most kMostRelief.
inline constexpr double kMostRelief = 6.9;
double e_bh_relief(std::vector<double> margins, double q, double false_pages_per_week);

}  // namespace costdrift::detectors::stats
