#include "daemon/answers/silences.h"

#include <algorithm>
#include <tuple>

namespace costdrift::daemon {

void Silences::add(const Action& action) {
  silences_[action.silence_id] = {.id = action.silence_id,
                                  .match = action.match,
                                  .from = action.at,
                                  .until = action.until.value_or(action.at),
                                  .by = action.by,
                                  .note = action.note};
}

bool Silences::remove(const std::string& id) { return silences_.erase(id) > 0; }

bool Silences::cover(const std::vector<core::Label>& labels, core::EventTime now) const {
  return std::any_of(silences_.begin(), silences_.end(), [&](const auto& item) {
    const Silence& silence = item.second;
    if (now < silence.from || now >= silence.until) return false;
    return std::all_of(silence.match.begin(), silence.match.end(), [&](const core::Label& wanted) {
      return std::find(labels.begin(), labels.end(), wanted) != labels.end();
    });
  });
}

void Silences::expire(core::EventTime now) {
  std::erase_if(silences_, [&](const auto& item) { return item.second.until <= now; });
}

std::vector<Silence> Silences::all() const {
  std::vector<Silence> result;
  for (const auto& [id, silence] : silences_) result.push_back(silence);
  std::sort(result.begin(), result.end(),
            [](const Silence& a, const Silence& b) { return std::tie(a.until, a.id) < std::tie(b.until, b.id); });
  return result;
}

}  // namespace costdrift::daemon
