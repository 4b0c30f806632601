#include "core/counts_record.h"

namespace costdrift::core {

void save_counts(ByteWriter& out, const Counts& counts) {
  out.u64(counts.size());
  for (const BinCount& item : counts) {
    out.i64(item.bin);
    out.i64(item.weight);
  }
}

Counts restore_counts(ByteReader& in) {
  Counts counts(in.count(2));
  for (BinCount& item : counts) {
    item.bin = static_cast<std::int16_t>(in.i64());
    item.weight = in.i64();
  }
  return counts;
}

}  // namespace costdrift::core
