// What the judgement of one series costs and reaches, each as a table on standard output; seeded, so that a run can be
// repeated. bench/README.md says what they mean.
#pragma once

namespace costdrift::bench {

void print_cold_start();
void print_recipe();
void print_cost();
void print_loss();

}  // namespace costdrift::bench
