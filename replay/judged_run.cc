#include "replay/judged_run.h"

#include <fstream>
#include <iostream>

#include "core/text.h"
#include "replay/gathered.h"

namespace costdrift::replay {
core::Result<void> write_text(const std::string& path, const std::string& text) {
  if (path.empty()) return {};
  std::ofstream file;
  if (path != "-") file.open(path, std::ios::binary | std::ios::trunc);
  std::ostream& out = path == "-" ? static_cast<std::ostream&>(std::cout) : file;
  out << text << std::flush;
  if (out) return {};
  return core::fail(core::ErrorCode::io,
                    "writing the report to " + path + ": no such directory, no permission, or the disk is full");
}

Listeners JudgedRun::listeners(bool judged, bool drawn, daemon::PipelineListener* other) {
  std::vector<daemon::PipelineListener*> all;
  if (other != nullptr) all.push_back(other);
  all.push_back(&told_);
  all.push_back(&keeper_);
  if (judged) {
    all.push_back(&misses_);
    all.push_back(&spend_);
  }
  if (drawn) all.push_back(&curves_);
  return Listeners(std::move(all));
}

core::Result<void> JudgedRun::keep_in(state::Store& store) {
  keeps_ = true;
  const auto resumes = resumes_report(store, labels_);
  if (!resumes) return resumes.error();
  if (!*resumes || (told_.load(store) && misses_.load(store) && spend_.load(store) && curves_.load(store))) return {};
  return core::fail(core::ErrorCode::bad_data,
                    "going on with the replay in the state directory: what its report gathered is damaged, or was "
                    "written by another version of costdrift; name a directory that does not exist, to judge the log "
                    "from its beginning");
}

void JudgedRun::save(state::Store& store) {
  if (!keeps_) return;
  told_.save(store);
  misses_.save(store);
  spend_.save(store);
  curves_.save(store);
}

ReplayOutcome JudgedRun::outcome(const config::Settings& settings) const {
  return {config_, told_.all(), score(labels_, told_.all(), misses_, settings, spend_.begin(), spend_.end())};
}

bool wants_reports(const ReplayOptions& options) {
  return !options.report.empty() || !options.markdown.empty() || !options.json.empty();
}

int reports_to_output(const ReplayOptions& options) {
  return (options.json == "-" ? 1 : 0) + (options.markdown == "-" ? 1 : 0) + (options.report == "-" ? 1 : 0);
}

core::Result<void> write_reports(const ReplayOptions& options, const ReplayReport& report, const SeriesCurves& curves) {
  if (auto written = write_text(options.json, options.json.empty() ? "" : to_json(report)); !written) return written;
  if (auto written = write_text(options.report, options.report.empty() ? "" : to_html(report, curves)); !written)
    return written;
  return write_text(options.markdown, options.markdown.empty() ? "" : to_markdown(report));
}

void print_misses(const ReplayReport& report, std::ostream& out) {
  const Scorecard& card = report.a.card;
  out << card.found << " of " << card.real_labels << " known incidents found, " << card.missed << " missed, "
      << card.false_pages << " false pages, " << card.duplicates << " duplicates\n";
  for (std::size_t i = 0; i < report.labels.size(); ++i) {
    if (!report.labels[i].real || card.labels[i].incident) continue;
    out << "  missed: " << core::format_rfc3339(report.labels[i].from) << ", " << describe_match(report.labels[i])
        << ": " << card.labels[i].reason << '\n';
  }
}

}  // namespace costdrift::replay
