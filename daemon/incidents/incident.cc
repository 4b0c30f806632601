#include "daemon/incidents/incident.h"

#include <algorithm>

#include "core/bytes.h"
#include "core/finding_record.h"
#include "core/hash.h"
#include "state/alert_record.h"

namespace costdrift::daemon {
namespace {

constexpr std::uint64_t kVersion = 6;
constexpr std::uint64_t kWithoutDismissed = 5;  // still read
constexpr double kAboutTheSame = 0.7;           // of the dollars of the part that explains most

void save_part(core::ByteWriter& out, const Part& part) {
  core::save_finding(out, part.finding);
  out.boolean(part.recovered);
  out.boolean(part.alone.has_value());
  if (!part.alone) return;
  out.i64(part.alone->since.us);
  out.i64(part.alone->excess.nano);
}

Part restore_part(core::ByteReader& in, std::uint64_t version) {
  Part part{.finding = core::restore_finding(in), .recovered = in.boolean()};
  if (version == kWithoutDismissed || !in.boolean()) return part;
  part.alone.emplace();
  part.alone->since.us = in.i64();
  part.alone->excess.nano = in.i64();
  return part;
}

// Estimates are half an hour old at times, and in the first minutes those of one part stem from ten times the calls of
// another's: what was told as the cause goes on leading before its symptoms for longer.
double weight_of_symptoms(const Incident& incident) {
  const core::AlertEvent& told = incident.event;
  const bool cause_was_told = std::any_of(incident.parts.begin(), incident.parts.end(), [&](const Part& part) {
    return told.version > 0 && !part.finding.symptom && part.finding.detector == told.detector;
  });
  if (!cause_was_told) return 0.5;
  const bool young = std::all_of(incident.parts.begin(), incident.parts.end(), [&](const Part& part) {
    return part.finding.evaluated_at - told.detected_at < core::minutes(15);
  });
  return young ? 0.1 : 0.25;
}

}  // namespace

const core::Finding& Incident::lead() const {
  if (parts.empty()) core::bug("incident without parts");
  const double of_symptom = weight_of_symptoms(*this);
  const auto claim = [&](const core::Finding& finding) {
    return finding.excess_usd_per_hour * (finding.symptom ? of_symptom : 1.0);
  };
  const auto smaller = [&](const Part& a, const Part& b) {
    if (a.recovered != b.recovered) return a.recovered;
    return claim(a.finding) < claim(b.finding);
  };
  const Part& largest = *std::max_element(parts.begin(), parts.end(), smaller);
  const auto may_lead = [&](const Part& part) {
    return part.finding.specific && part.recovered == largest.recovered &&
           claim(part.finding) >= kAboutTheSame * claim(largest.finding);
  };
  const Part* lead = nullptr;
  for (const Part& part : parts) {
    if (may_lead(part) && (lead == nullptr || smaller(*lead, part))) lead = &part;
  }
  return lead == nullptr ? largest.finding : lead->finding;
}

std::string incident_id(const core::Finding& finding) {
  core::ByteWriter identity;
  identity.text(finding.detector);
  identity.text(finding.series.text());
  identity.i64(finding.onset.us);
  identity.text(finding.aspect);
  return core::hash128_hex(identity.bytes());
}

std::string encode_incident(const Incident& incident) {
  core::ByteWriter out;
  out.u64(kVersion);
  out.text(incident.id);
  out.text(incident.series.text());
  out.u64(incident.parts.size());
  for (const auto& part : incident.parts) save_part(out, part);
  out.u64(static_cast<std::uint64_t>(incident.severity));
  out.text(state::encode_alert_event(incident.event));
  out.u64(incident.told.size());
  for (const auto& sink : incident.told) out.text(sink);
  out.boolean(incident.held);
  out.boolean(incident.open);
  out.boolean(incident.dismissed);
  return out.take();
}

core::Result<Incident> decode_incident(std::string_view bytes) {
  core::ByteReader in(bytes);
  const auto unknown = core::fail(core::ErrorCode::bad_data,
                                  "reading an incident from the state: unknown version or damaged record; it was "
                                  "written by a newer costdrift, or the state directory is damaged");
  const std::uint64_t version = in.u64();
  if (version != kVersion && version != kWithoutDismissed) return unknown;
  Incident incident;
  incident.id = in.text();
  incident.series = core::SeriesKey::from_text(in.text());
  incident.parts.resize(in.count(20));
  for (auto& part : incident.parts) part = restore_part(in, version);
  incident.severity = static_cast<core::Severity>(in.u64());
  const auto event = state::decode_alert_event(in.text());
  const std::size_t sinks = in.count(1);
  for (std::size_t i = 0; i < sinks; ++i) incident.told.insert(in.text());
  incident.held = in.boolean();
  incident.open = in.boolean();
  if (version > kWithoutDismissed) incident.dismissed = in.boolean();
  if (!event || !in.finished()) return unknown;
  incident.event = *event;
  return incident;
}

}  // namespace costdrift::daemon
