// Gathered: what a report needs of a replay beside its alerts, kept in the replay's own state (KeySpace::report) and
// durable with it, so that a replay that was interrupted goes on with its report too.
//
// Rows    one part each for told incidents, labels, hours of spend, slots of series and bad lines; the class that
//         gathers a part writes and reads its rows. A mark says that everything from the beginning on is there, and for
//         which labels; bad lines have a mark of their own.
// Errors  none of reading but false: a row is not of a version that this program knows.
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "core/bytes.h"
#include "core/result.h"
#include "replay/label.h"
#include "state/ordered_key.h"
#include "state/store.h"

namespace costdrift::replay {

// Begins a row's key, or its value.
state::OrderedKey gathered_key(std::string_view part);
core::ByteWriter gathered_value();
// Calls read(rest of the key, rest of the value) for every row of the part in the order of keys, until it returns
// false.
using ReadGathered = std::function<bool(state::OrderedKeyReader& key, core::ByteReader& value)>;
bool read_gathered(const state::Store& store, std::string_view part, const ReadGathered& read);

// Whether the state holds a replay, which goes on; false: this one begins.
bool holds_a_replay(const state::Store& store);

// Whether a report goes on with what an earlier replay into the state gathered; false: the state holds none, and this
// one begins. Error (usage): it holds one that gathered nothing, not everything, or for other labels.
core::Result<bool> resumes_report(state::Store& store, const std::vector<IncidentLabel>& labels);
// A replay without a report goes on there: what was gathered is no longer everything.
void forget_report(state::Store& store);

}  // namespace costdrift::replay
