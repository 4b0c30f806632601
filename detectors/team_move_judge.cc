#include "detectors/team_move_judge.h"

#include <algorithm>

#include "core/text.h"

namespace costdrift::detectors {
namespace {

constexpr std::uint64_t kTeamMoveVersion = 2;
constexpr core::Duration kEstimateEvery = core::hours(1);
constexpr double kLostByOther = 0.5;
// Of the calls that name a team: those of other teams than before.
constexpr ShareRule kMoved{.least = 0.2, .of_usual = 0, .of_rest = 0.2, .most_usual = 0.8, .fewest_calls = 20};

std::string_view team_of(const core::AttributeSet& set) {
  for (const auto& [dimension, value] : set)
    if (dimension == core::Dimension::team) return value;
  return {};
}

std::map<std::string, core::AttributeTotals> by_team(const core::BucketSummary& summary) {
  std::map<std::string, core::AttributeTotals> teams;
  for (const auto& [set, totals] : summary.attributes)
    if (const auto team = team_of(set); !team.empty()) teams[std::string(team)].add(totals);
  return teams;
}

double per_hour(const std::map<std::string, core::AttributeTotals>& teams, const std::string& team,
                core::Duration time) {
  const auto found = teams.find(team);
  return found == teams.end() ? 0 : static_cast<double>(found->second.calls) / core::to_hours(time);
}

}  // namespace

void TeamMoveJudge::observe(const Observation& observation, std::vector<core::Finding>& findings) {
  const core::ClosedBucket& bucket = observation.bucket;
  const auto now = by_team(*bucket.summary);
  std::int64_t calls = 0;
  for (const auto& [team, totals] : now) {
    calls += totals.calls;
    if (teams_.size() < kMostTeams) teams_.try_emplace(team, nobody_);
  }
  if (calls == 0) return;
  (void)nobody_.add(bucket.start, 0, calls, kMoved);
  std::vector<std::string> gained;
  bool over = false;
  for (auto& [team, watch] : teams_) {
    const auto found = now.find(team);
    const auto change = watch.add(bucket.start, found == now.end() ? 0 : found->second.calls, calls, kMoved);
    if (change == ShareWatch::Change::began) gained.push_back(team);
    if (move_ && move_->to == team && change != ShareWatch::Change::none && change != ShareWatch::Change::began) {
      core::Finding finding = describe(observation);
      const bool back = change == ShareWatch::Change::ended;
      finding.phase = back ? core::FindingPhase::recovered : core::FindingPhase::absorbed;
      findings.push_back(std::move(finding));
      over = true;
    }
  }
  if (over) move_.reset();
  for (const std::string& team : gained) begin(team, observation, findings);
  if (move_ && bucket.end >= move_->next_estimate) follow(observation, findings);
}

// The team that lost most calls, against the hour before; nullopt: none lost enough for a move, the calls are new ones.
std::optional<std::string> TeamMoveJudge::loser(const std::string& to, const Observation& observation) const {
  const core::EventTime onset = teams_.at(to).onset(), now = observation.bucket.end;
  const auto before = by_team(observation.history->sum(onset - core::hours(1), onset));
  const auto after = by_team(observation.history->sum(onset, now));
  const auto gained = [&](const std::string& team) {
    return per_hour(after, team, now - onset) - per_hour(before, team, core::hours(1));
  };
  std::optional<std::string> from;
  double most = kLostByOther * gained(to);
  if (most <= 0) return std::nullopt;
  for (const auto& [team, watch] : teams_) {
    const double lost = -gained(team);
    if (team == to || lost < most) continue;
    most = lost;
    from = team;
  }
  return from;
}

void TeamMoveJudge::begin(const std::string& to, const Observation& observation, std::vector<core::Finding>& findings) {
  if (move_) return;
  const auto from = loser(to, observation);
  if (!from) return;
  move_ = Move{.from = *from, .to = to, .next_estimate = {}};
  follow(observation, findings);
}

void TeamMoveJudge::follow(const Observation& observation, std::vector<core::Finding>& findings) {
  move_->next_estimate = observation.bucket.end + kEstimateEvery;
  findings.push_back(describe(observation));
}

core::Finding TeamMoveJudge::describe(const Observation& observation) const {
  const ShareWatch& watch = teams_.at(move_->to);
  const core::EventTime now = observation.bucket.end;
  const core::BucketSummary since = observation.history->sum(watch.onset(), now);
  const auto teams = by_team(since);
  const auto found = teams.find(move_->to);
  core::Finding finding;
  finding.detector = "team_move";
  finding.series = series_;
  finding.aspect = "team " + move_->from + " to " + move_->to;
  finding.evaluated_at = now;
  finding.onset = finding.onset_earliest = watch.onset();
  finding.onset_latest = watch.onset() + ShareWatch::kWindow;
  finding.unit = "share of calls";
  finding.quantity = "calls of team " + core::escape_for_log(move_->to, 64);
  finding.expected = watch.usual();
  finding.observed = watch.newest();
  finding.effect = finding.expected > 0 ? finding.observed / finding.expected - 1 : 0;
  finding.effect_low = finding.effect_high = finding.effect;
  finding.harm_low = 1;
  finding.exact = finding.told_alone = true;
  finding.money_known = finding.monetary = false;
  finding.cost_part = core::CostPart::volume;
  const double hours = std::max(core::to_hours(now - watch.onset()), 1.0 / 60);
  if (found != teams.end()) {
    finding.calls = found->second.calls;
    // Of the team's calls now, the part beyond the share that was usual.
    const double part = finding.observed > 0 ? std::max(0.0, 1 - watch.usual() / finding.observed) : 0;
    finding.moved_usd_per_hour = core::to_usd(found->second.cost) / hours * part;
  }
  finding.attributes = {{core::Dimension::team, move_->to}};
  finding.samples = since.samples;
  finding.note = "moved here from team " + core::escape_for_log(move_->from, 64) + " with " +
                 core::format_usd(finding.moved_usd_per_hour) + " an hour: a move, no new spend";
  finding.quiet_if = "the calls go back to team " + core::escape_for_log(move_->from, 64);
  return finding;
}

void TeamMoveJudge::rebase(const core::SeriesKey&) {
  teams_.clear();
  nobody_ = {};
  move_.reset();
}

void TeamMoveJudge::save_lanes(core::ByteWriter& out) const {
  out.u64(kTeamMoveVersion);
  nobody_.save(out);
  out.u64(teams_.size());
  for (const auto& [team, watch] : teams_) {
    out.text(team);
    watch.save(out);
  }
  out.boolean(move_.has_value());
  if (!move_) return;
  out.text(move_->from);
  out.text(move_->to);
  out.i64(move_->next_estimate.us);
}

void TeamMoveJudge::save_model(core::ByteWriter& out) const { out.u64(kTeamMoveVersion); }

bool TeamMoveJudge::restore(std::string_view lanes, std::string_view model) {
  core::ByteReader version(model), in(lanes);
  if (version.u64() != kTeamMoveVersion || !version.finished() || in.u64() != kTeamMoveVersion) return false;
  nobody_.restore(in);
  for (std::size_t left = in.count(40); left > 0; --left) teams_[in.text()].restore(in);
  if (in.boolean()) {
    move_.emplace();
    move_->from = in.text();
    move_->to = in.text();
    move_->next_estimate = {in.i64()};
    if (!teams_.contains(move_->to)) move_.reset();
  }
  model_saved();
  return in.finished();
}

std::size_t TeamMoveJudge::memory_bytes() const { return sizeof *this + teams_.size() * (sizeof(ShareWatch) + 100); }

}  // namespace costdrift::detectors
