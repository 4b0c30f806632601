#include "replay/review.h"

#include <algorithm>
#include <fstream>

#include "core/text.h"

namespace costdrift::replay {
namespace {

bool is_known(const ToldIncident& incident, const std::vector<IncidentLabel>& labels) {
  return std::any_of(labels.begin(), labels.end(),
                     [&](const IncidentLabel& label) { return means(label, incident.told()); });
}

void show(const ToldIncident& incident, std::size_t number, std::size_t count, std::ostream& out) {
  const core::AlertEvent& event = incident.last;
  out << "\n[" << number << "/" << count << "] " << core::severity_name(event.severity) << ", told "
      << core::format_rfc3339(incident.told().updated_at) << " by " << event.detector << "\n  "
      << core::escape_for_log(event.summary, 600) << '\n';
  if (event.resolved_at) out << "  ended " << core::format_rfc3339(*event.resolved_at) << ": " << event.reason << '\n';
}

bool ends_within_a_line(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  char last = 0;
  return file.seekg(-1, std::ios::end) && file.get(last) && last != '\n';
}

}  // namespace

IncidentLabel label_of(const ToldIncident& incident, bool real) {
  const core::AlertEvent& event = incident.last;
  IncidentLabel label{.from = event.onset,
                      .to = std::max(event.resolved_at.value_or(event.updated_at), incident.told().updated_at),
                      .match = event.series.labels(),
                      .kind = event.detector,
                      .note = "reviewed",
                      .real = real};
  if (label.to <= label.from) label.to = label.from + core::minutes(1);
  return label;
}

std::vector<IncidentLabel> review(const std::vector<ToldIncident>& incidents, const std::vector<IncidentLabel>& known,
                                  std::istream& in, std::ostream& out) {
  std::vector<const ToldIncident*> open;
  for (const auto& incident : incidents) {
    if (!is_known(incident, known)) open.push_back(&incident);
  }
  std::vector<IncidentLabel> labels;
  out << open.size() << " incidents to review, " << incidents.size() - open.size() << " labelled before\n";
  for (std::size_t i = 0; i < open.size(); ++i) {
    show(*open[i], i + 1, open.size(), out);
    std::string answer;
    do {
      out << "  a real incident? [y]es, [n]o, [s]kip, [q]uit: " << std::flush;
      if (!std::getline(in, answer)) answer.assign(1, 'q');
    } while (answer.empty() || std::string("ynsq").find(answer[0]) == std::string::npos);
    if (answer[0] == 'q') break;
    if (answer[0] != 's') labels.push_back(label_of(*open[i], answer[0] == 'y'));
  }
  out << '\n' << labels.size() << " labels\n";
  return labels;
}

core::Result<void> check_can_append(const std::string& path) {
  const std::string problem = "--review adds JSON lines, and " + path;
  if (path.ends_with(".yaml") || path.ends_with(".yml"))
    return core::fail(core::ErrorCode::usage, problem + " is YAML: name a --labels file that is not");
  std::ifstream file(path, std::ios::binary);
  char first = 0;
  if (!(file >> first) || first != '[') return {};
  return core::fail(core::ErrorCode::usage,
                    problem +
                        " is one JSON array: write each label on a line of its own, without the brackets and the "
                        "commas between (jq -c '.[]'), or name another --labels file");
}

core::Result<void> append_labels(const std::string& path, const std::vector<IncidentLabel>& labels) {
  if (auto checked = check_can_append(path); !checked) return checked;
  const bool within_a_line = ends_within_a_line(path);
  std::ofstream file(path, std::ios::binary | std::ios::app);
  if (within_a_line && !labels.empty()) file << '\n';
  for (const auto& label : labels) file << to_json(label) << '\n';
  file.flush();
  if (file) return {};
  return core::fail(core::ErrorCode::io,
                    "writing labels to " + path + ": no such directory, no permission, or the disk is full");
}

}  // namespace costdrift::replay
