#include "replay/action_log.h"

#include <filesystem>
#include <fstream>

#include "state/store.h"
#include "state/tables.h"

namespace costdrift::replay {
namespace {

class Reader {
 public:
  explicit Reader(std::string path) : path_(std::move(path)) {}

  // False: reading ends here, with an error.
  bool line(std::string_view text) {
    ++number_;
    if (text.starts_with("actions ")) text.remove_prefix(8);
    if (text.empty()) return true;
    auto action = daemon::parse_action(text);
    if (!action) return fail(action.error().message);
    if (action->at == core::EventTime::min()) return fail("\"at\" is missing: say from when the action holds");
    actions_.push_back(daemon::taken_at(*action, action->at));
    return true;
  }
  core::Result<std::vector<daemon::Action>> finish() {
    if (error_) return *error_;
    return std::move(actions_);
  }

 private:
  bool fail(const std::string& why) {
    error_ = core::fail(core::ErrorCode::bad_data,
                        "reading actions from " + path_ + ", line " + std::to_string(number_) + ": " + why);
    return false;
  }
  std::string path_;
  std::vector<daemon::Action> actions_;
  std::int64_t number_ = 0;
  std::optional<core::Error> error_;
};

}  // namespace

core::Result<std::vector<daemon::Action>> read_actions(const std::string& path) {
  Reader reader(path);
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    auto store = state::Store::open(path, {.create = false, .read_only = true});
    if (!store) return store.error();
    state::Journal(**store, 1, state::KeySpace::actions).scan([&](std::string_view text) { return reader.line(text); });
    return reader.finish();
  }
  std::ifstream file(path);
  if (!file) {
    return core::fail(core::ErrorCode::io,
                      "reading actions from " + path + ": no such file or directory, or no permission");
  }
  for (std::string text; std::getline(file, text);) {
    if (!reader.line(text)) break;
  }
  return reader.finish();
}

}  // namespace costdrift::replay
