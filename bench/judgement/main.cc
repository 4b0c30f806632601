// judgement [cold_start] [recipe] [cost] [loss]: the tables asked for, or all of them (about two minutes).
#include <cstdio>
#include <string_view>

#include "bench/judgement/tables.h"

int main(int argc, char** argv) {
  using namespace costdrift::bench;
  struct Table {
    std::string_view name;
    void (*print)();
  };
  constexpr Table kTables[] = {
      {"cold_start", print_cold_start}, {"recipe", print_recipe}, {"cost", print_cost}, {"loss", print_loss}};
  int printed = 0;
  for (const Table& table : kTables) {
    bool wanted = argc < 2;
    for (int i = 1; i < argc; ++i) wanted = wanted || table.name == argv[i];
    if (!wanted) continue;
    table.print();
    std::fflush(stdout);
    ++printed;
  }
  if (printed > 0) return 0;
  std::fprintf(stderr, "judgement: no such table; there are cold_start, recipe, cost and loss\n");
  return 64;
}
