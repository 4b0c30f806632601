#include "daemon/answers/declared_changes.h"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "core/text.h"

namespace costdrift::daemon {
namespace {

constexpr core::Duration kLag = core::hours(2);  // from a change until it shows
constexpr core::Duration kDeclaredAfter = core::minutes(10);
constexpr core::Duration kKept = core::days(21);  // longer than the longest silence that an incident tells of

bool has_label(const core::Finding& finding, const core::Label& wanted) {
  const auto& [dimension, value] = wanted;
  if (!value.empty() && finding.series.label(dimension) == value) return true;
  const auto& attributes = finding.attributes;
  if (std::find(attributes.begin(), attributes.end(), wanted) != attributes.end()) return true;
  return std::any_of(finding.drivers.begin(), finding.drivers.end(), [&](const core::Driver& driver) {
    return driver.dimension == dimension && driver.value == value;
  });
}

bool concerns(const Declaration& declaration, const core::Finding& finding) {
  return std::all_of(declaration.match.begin(), declaration.match.end(),
                     [&](const core::Label& wanted) { return has_label(finding, wanted); });
}

bool follows(const core::DeclaredChange& change, const core::Finding& finding) {
  return change.at <= finding.onset_latest + kDeclaredAfter;
}

bool lies_near(const core::DeclaredChange& change, const core::Finding& finding) {
  return follows(change, finding) && finding.onset_earliest - kLag <= change.at;
}

bool is_meant(const Declaration& declaration, const core::Finding& finding) {
  const auto& expect = declaration.expect;
  if (std::find(expect.begin(), expect.end(), finding.detector) != expect.end()) return true;
  if (declaration.change.kind != core::ChangeKind::price) return false;
  if (finding.cost_part == core::CostPart::price) return true;
  // A rise of cost that began at another time has another reason.
  return finding.symptom && finding.monetary && lies_near(declaration.change, finding);
}

bool within_bound(const Declaration& declaration, const core::Finding& finding) {
  return !declaration.up_to || std::abs(finding.effect) <= *declaration.up_to;
}

core::Duration distance(const core::DeclaredChange& change, const core::Finding& finding) {
  const core::Duration apart = finding.onset - change.at;
  return apart.us < 0 ? core::Duration{-apart.us} : apart;
}

}  // namespace

void DeclaredChanges::add(const Action& action) {
  ++edits_;
  declarations_[action.change_id] = {.change = {.id = action.change_id,
                                                .kind = action.change.value_or(core::ChangeKind::deploy),
                                                .at = action.when.value_or(action.at),
                                                .note = action.note,
                                                .by = action.by},
                                     .match = action.match,
                                     .expect = action.expect,
                                     .up_to = action.up_to,
                                     .until = action.until.value_or(action.at)};
  if (declarations_.size() <= kMostKept) return;
  const auto earlier = [](const auto& a, const auto& b) {
    return std::tie(a.second.change.at, a.first) < std::tie(b.second.change.at, b.first);
  };
  declarations_.erase(std::min_element(declarations_.begin(), declarations_.end(), earlier));
}

bool DeclaredChanges::remove(const std::string& id) {
  ++edits_;
  return declarations_.erase(id) > 0;
}

void DeclaredChanges::expire(core::EventTime now) {
  const auto gone = std::erase_if(declarations_, [&](const auto& item) {
    return std::max(item.second.change.at, item.second.until) + kKept <= now;
  });
  edits_ += static_cast<std::int64_t>(gone);
}

const core::DeclaredChange* DeclaredChanges::cause_of(const core::Finding& finding) const {
  const core::DeclaredChange* nearest = nullptr;
  for (const auto& [id, declaration] : declarations_) {
    const core::DeclaredChange& change = declaration.change;
    if (!lies_near(change, finding) || !concerns(declaration, finding)) continue;
    if (nearest == nullptr || distance(change, finding) < distance(*nearest, finding)) nearest = &change;
  }
  return nearest;
}

const Declaration* DeclaredChanges::expecting(const core::Finding& finding) const {
  for (const auto& [id, declaration] : declarations_) {
    if (!follows(declaration.change, finding) || finding.onset > declaration.until) continue;
    if (is_meant(declaration, finding) && within_bound(declaration, finding) && concerns(declaration, finding)) {
      return &declaration;
    }
  }
  return nullptr;
}

std::vector<Declaration> DeclaredChanges::all() const {
  std::vector<Declaration> result;
  for (const auto& [id, declaration] : declarations_) result.push_back(declaration);
  std::stable_sort(result.begin(), result.end(),
                   [](const Declaration& a, const Declaration& b) { return a.change.at > b.change.at; });
  return result;
}

std::string describe(const core::DeclaredChange& change) {
  std::string text(core::change_kind_name(change.kind));
  if (change.kind == core::ChangeKind::price) text += " change";
  if (!change.note.empty()) text += " \"" + core::escape_for_log(change.note, 128) + "\"";
  if (!change.by.empty()) text += " by " + core::escape_for_log(change.by, 64);
  return text;
}

}  // namespace costdrift::daemon
