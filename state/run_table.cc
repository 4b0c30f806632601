#include "state/run_table.h"

#include <algorithm>
#include <tuple>

#include "core/bytes.h"
#include "state/ordered_key.h"
#include "state/run_weight.h"

namespace costdrift::state {
namespace {

constexpr std::uint64_t kRunTableVersion = 3, kWithoutStepsBefore = 2;

// The place of a call without a step is its rank among the observations of its metric in the bucket, after the calls
// of earlier buckets. Equal observations may swap places: they weigh the same together.
void weigh_pending(std::vector<PendingObservation>& pending, std::int64_t earlier_calls, SummaryBuilder& summary) {
  std::sort(pending.begin(), pending.end());
  std::int64_t rank = 0;
  for (std::size_t i = 0; i < pending.size(); ++i) {
    const PendingObservation& seen = pending[i];
    rank = i > 0 && pending[i - 1].metric == seen.metric ? rank + 1 : 1;
    const std::int64_t place = seen.step > 0 ? seen.step : earlier_calls + rank;
    summary.add(seen.metric, seen.bin, run_weight(place) * seen.times);
  }
}

// What of the whole run a summary carries.
void describe_run(const RunState& state, core::RunDelta& delta) {
  delta.last_call = state.last_call;
  delta.run_id = state.run_id;
  delta.depth = state.depth;
  delta.first_call = state.first_call;
  delta.total_cost = state.cost;
}

core::RunTransition transition(const RunState& state, std::int64_t from_depth, bool ended, std::int64_t outcomes) {
  core::RunTransition result{.from_depth = from_depth,
                             .to_depth = state.depth,
                             .ended = ended,
                             .cost = state.cost,
                             .tool_calls = std::nullopt,
                             .outcomes = static_cast<std::int32_t>(outcomes)};
  if (state.tool_reports > 0) result.tool_calls = state.tool_calls;
  return result;
}

void add_delta(const RunCalls& calls, const RunState& state, core::RunDelta& delta) {
  delta.calls += calls.calls;
  delta.max_step = std::max(delta.max_step, calls.max_step);
  delta.ended = delta.ended || calls.ended;
  delta.cost += calls.cost;
  delta.tokens += calls.tokens;
  describe_run(state, delta);
}

}  // namespace

std::string run_row_key(const SeriesState& series, std::uint64_t run) {
  return OrderedKey().text(series.key.text()).u64(run).take();
}

std::string encode_run(const RunState& state) {
  core::ByteWriter out;
  out.u64(kRunTableVersion);
  for (const std::int64_t value : {state.depth, state.calls, state.first_call.us, state.last_call.us, state.cost.nano,
                                   state.tokens, state.tool_calls, state.tool_reports})
    out.i64(value);
  out.text(state.run_id);
  out.i64(state.steps_before);
  return out.take();
}

bool decode_run(std::string_view bytes, RunState& state) {
  core::ByteReader in(bytes);
  const std::uint64_t version = in.u64();
  if (version != kRunTableVersion && version != kWithoutStepsBefore) return false;
  for (std::int64_t* value : {&state.depth, &state.calls, &state.first_call.us, &state.last_call.us, &state.cost.nano,
                              &state.tokens, &state.tool_calls, &state.tool_reports})
    *value = in.i64();
  state.run_id = in.text();
  if (version == kRunTableVersion) state.steps_before = in.i64();
  return in.finished();
}

bool RunTable::Deadline::operator<(const Deadline& other) const {
  return std::tie(at, series->key, run) < std::tie(other.at, other.series->key, other.run);
}

core::Result<void> RunTable::load(SeriesDictionary& series) {
  store_.scan(KeySpace::runs, {}, {}, [&](std::string_view key, std::string_view value) {
    OrderedKeyReader parts(key);
    RunState state;
    state.series = series.find(parts.text());
    state.run = parts.u64();
    state.saved = true;
    if (parts.failed() || !state.series || !decode_run(value, state)) {
      store_.report_unreadable(KeySpace::runs, key);
      return false;
    }
    deadlines_.insert(deadline_of(state));
    runs_.emplace(Key{state.series->id, state.run}, std::move(state));
    return true;
  });
  if (store_.failed()) return core::fail(core::ErrorCode::io, store_.failure());
  return {};
}

void RunTable::tell_whole_run(const RunState& state, core::RunDelta& delta) {
  delta.depth = state.depth;
  delta.first_call = state.first_call;
  delta.total_cost = state.cost;
}

void RunTable::apply(SeriesState& series, RunCalls& calls, SummaryBuilder& summary) {
  const Key key{series.id, calls.run};
  const auto [found, is_new] = runs_.try_emplace(key);
  RunState& state = found->second;
  if (is_new) {
    state.series = &series;
    state.run = calls.run;
    state.steps_before = std::max<std::int64_t>(calls.first_step, 1) - 1;
  } else {
    deadlines_.erase(deadline_of(state));
  }
  weigh_pending(calls.pending, state.calls, summary);
  const std::int64_t depth_before = state.depth;
  state.depth =
      calls.max_step > 0 ? std::max(state.depth, calls.max_step - state.steps_before) : state.depth + calls.calls;
  state.calls += calls.calls;
  state.first_call = std::min(state.first_call, calls.first_call);
  state.last_call = std::max(state.last_call, calls.last_call);
  state.cost += calls.cost;
  state.tokens += calls.tokens;
  state.tool_calls += calls.tool_calls;
  state.tool_reports += calls.tool_reports;
  if (is_new || calls.run_id < state.run_id) state.run_id = calls.run_id;
  add_delta(calls, state, summary.run(calls.run));
  tell_whole_run(state, summary.run(state.run));
  summary.add(transition(state, depth_before, calls.ended, calls.outcomes));
  deadlines_.insert(deadline_of(state));
  if (calls.ended) return forget(state);
  if (!state.changed) changed_.push_back(key);
  state.changed = true;
}

std::optional<core::EventTime> RunTable::next_deadline() const {
  if (deadlines_.empty()) return std::nullopt;
  return deadlines_.begin()->at;
}

void RunTable::end_silent(core::EventTime now, const std::function<SummaryBuilder&(SeriesState&)>& summary_of) {
  while (!deadlines_.empty() && (deadlines_.begin()->at <= now || runs_.size() > kMaxOpenRuns)) {
    const Deadline& next = *deadlines_.begin();
    RunState& state = runs_.at({next.series->id, next.run});
    SummaryBuilder& summary = summary_of(*state.series);
    core::RunDelta& delta = summary.run(state.run);
    delta.ended = true;
    delta.last_call = state.last_call;
    delta.run_id = state.run_id;
    tell_whole_run(state, delta);
    summary.add(transition(state, state.depth, true, 0));
    forget(state);
  }
}

void RunTable::forget(RunState& state) {
  if (state.saved) store_.erase(KeySpace::runs, run_row_key(*state.series, state.run));
  deadlines_.erase(deadline_of(state));
  runs_.erase({state.series->id, state.run});
}

void RunTable::save() {
  for (const Key& key : changed_) {
    const auto found = runs_.find(key);
    if (found == runs_.end() || !found->second.changed) continue;
    RunState& state = found->second;
    store_.put(KeySpace::runs, run_row_key(*state.series, state.run), encode_run(state));
    state.changed = false;
    state.saved = true;
  }
  changed_.clear();
}

}  // namespace costdrift::state
