#include "replay/gathered.h"

#include "core/hash.h"

namespace costdrift::replay {
namespace {

constexpr std::uint64_t kGatheredVersion = 1;
constexpr std::string_view kMark = "mark";

std::string mark_of(const std::vector<IncidentLabel>& labels) {
  std::string text;
  for (const auto& label : labels) text += to_json(label) + "\n";
  core::ByteWriter out = gathered_value();
  out.u64(core::hash64(text));
  return out.take();
}

core::Error refused(const std::string& why) {
  return core::fail(core::ErrorCode::usage,
                    "going on with the replay in the state directory: " + why +
                        ". Name a directory that does not exist, to judge the log from its beginning; or go on without "
                        "--labels, --compare and reports");
}

}  // namespace

state::OrderedKey gathered_key(std::string_view part) {
  state::OrderedKey key;
  key.text(part);
  return key;
}

core::ByteWriter gathered_value() {
  core::ByteWriter out;
  out.u64(kGatheredVersion);
  return out;
}

bool read_gathered(const state::Store& store, std::string_view part, const ReadGathered& read) {
  const std::string from = gathered_key(part).take();
  std::string to = from;
  to.back() = '\x01';  // behind the 0 that ends the part's name
  bool readable = true;
  store.scan(state::KeySpace::report, from, to, [&](std::string_view key, std::string_view value) {
    state::OrderedKeyReader in_key(key);
    in_key.text();
    core::ByteReader in(value);
    readable = in.u64() == kGatheredVersion && read(in_key, in) && !in_key.failed() && in.finished();
    return readable;
  });
  return readable;
}

bool holds_a_replay(const state::Store& store) {
  bool any = false;
  store.scan(state::KeySpace::positions, "", "", [&](auto, auto) {
    any = true;
    return false;
  });
  return any;
}

core::Result<bool> resumes_report(state::Store& store, const std::vector<IncidentLabel>& labels) {
  const std::string mark = mark_of(labels);
  if (!holds_a_replay(store)) {
    store.put(state::KeySpace::report, std::string(kMark), mark);
    return false;
  }
  const auto found = store.get(state::KeySpace::report, kMark);
  if (!found) {
    return refused(
        "what --labels, --compare and reports need of every event was not kept, as it was begun or continued without "
        "them");
  }
  if (*found != mark) return refused("it was begun with other labels, and what it saw of their time was not kept");
  return true;
}

void forget_report(state::Store& store) {
  if (store.get(state::KeySpace::report, kMark)) store.erase(state::KeySpace::report, kMark);
}

}  // namespace costdrift::replay
