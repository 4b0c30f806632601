#include "state/alert_record.h"

namespace costdrift::state {
namespace {

constexpr std::uint64_t kAlertRecordVersion = 5;
constexpr std::uint64_t kWithoutElsewhere = 4;       // still read
constexpr std::uint64_t kWithoutDeclaredChange = 3;  // still read
constexpr std::uint64_t kLastDimension = static_cast<std::uint64_t>(core::Dimension::agent);

// A field is named once: the same list of fields writes and reads (Archive is Writer or Reader).
class Writer {
 public:
  void number(const std::int64_t& value) { out_.i64(value); }
  void number(const std::int32_t& value) { out_.i64(value); }
  void number(const double& value) { out_.f64(value); }
  void text(const std::string& value) { out_.text(value); }
  void series(const core::SeriesKey& value) { out_.text(value.text()); }
  void boolean(const bool& value) { out_.boolean(value); }

  template <class Enum>
  void enumerator(const Enum& value, std::uint64_t /*last*/) {
    out_.u64(static_cast<std::uint64_t>(value));
  }

  template <class T, class Field>
  void optional(const std::optional<T>& value, Field field) {
    out_.boolean(value.has_value());
    if (value) field(*value);
  }

  template <class T, class Field>
  void list(const std::vector<T>& values, Field field) {
    out_.u64(values.size());
    for (const T& value : values) field(value);
  }

  core::ByteWriter& bytes() { return out_; }

 private:
  core::ByteWriter out_;
};

class Reader {
 public:
  explicit Reader(std::string_view bytes) : in_(bytes) {}
  void number(std::int64_t& value) { value = in_.i64(); }
  void number(std::int32_t& value) { value = static_cast<std::int32_t>(in_.i64()); }
  void number(double& value) { value = in_.f64(); }
  void text(std::string& value) { value = in_.text(); }
  void series(core::SeriesKey& value) { value = core::SeriesKey::from_text(in_.text()); }
  void boolean(bool& value) { value = in_.boolean(); }

  template <class Enum>
  void enumerator(Enum& value, std::uint64_t last) {
    const std::uint64_t stored = in_.u64();
    known_ = known_ && stored <= last;
    value = static_cast<Enum>(stored);
  }

  template <class T, class Field>
  void optional(std::optional<T>& value, Field field) {
    if (in_.boolean()) field(value.emplace());
  }

  template <class T, class Field>
  void list(std::vector<T>& values, Field field) {
    values.resize(in_.count());
    for (T& value : values) field(value);
  }

  core::ByteReader& bytes() { return in_; }
  bool complete() const { return known_ && in_.finished(); }

 private:
  core::ByteReader in_;
  bool known_ = true;
};

template <class Archive, class Event>
void identity_fields(Archive& archive, Event& event) {
  archive.text(event.incident_id);
  archive.number(event.version);
  archive.enumerator(event.status, static_cast<std::uint64_t>(core::AlertStatus::retracted));
  archive.text(event.reason);
  archive.text(event.detector);
  archive.enumerator(event.severity, static_cast<std::uint64_t>(core::Severity::critical));
  archive.series(event.series);
  archive.list(event.labels, [&](auto& label) {
    archive.enumerator(label.first, kLastDimension);
    archive.text(label.second);
  });
}

template <class Archive, class Event>
void evidence_fields(Archive& archive, Event& event) {
  for (auto* time : {&event.onset, &event.onset_earliest, &event.onset_latest, &event.detected_at})
    archive.number(time->us);
  archive.number(event.updated_at.us);
  for (auto* time : {&event.resolved_at, &event.acknowledged_at, &event.snoozed_until})
    archive.optional(*time, [&](auto& given) { archive.number(given.us); });
  archive.text(event.acknowledged_by);
  archive.text(event.unit);
  archive.text(event.quantity);
  for (auto* value :
       {&event.expected, &event.observed, &event.effect, &event.effect_low, &event.effect_high, &event.log10_evidence})
    archive.number(*value);
}

template <class Archive, class Event>
void money_fields(Archive& archive, Event& event) {
  for (auto* value : {&event.usd_so_far, &event.usd_per_hour, &event.usd_per_month})
    archive.optional(*value, [&](auto& usd) { archive.number(usd); });
  for (auto& part : event.usd_split) archive.number(part);
}

template <class Archive, class Event>
void cause_fields(Archive& archive, Event& event) {
  archive.list(event.drivers, [&](auto& driver) {
    archive.enumerator(driver.dimension, kLastDimension);
    archive.text(driver.value);
    archive.number(driver.share);
    archive.enumerator(driver.kind, static_cast<std::uint64_t>(core::DriverKind::volume));
  });
  archive.text(event.owner_team);
  archive.text(event.owner);
  archive.text(event.cost_center);
  archive.number(event.calls);
  archive.list(event.samples, [&](auto& sample) {
    archive.number(sample.cost.nano);
    archive.text(sample.topic);
    archive.number(sample.partition);
    archive.number(sample.offset);
    archive.text(sample.trace_id);
    archive.text(sample.run_id);
  });
  archive.list(event.also, [&](auto& other) {
    archive.text(other.detector);
    archive.number(other.onset.us);
    archive.text(other.quantity);
    archive.text(other.unit);
    for (auto* value : {&other.expected, &other.observed, &other.effect}) archive.number(*value);
    archive.optional(other.excess_usd_per_hour, [&](auto& usd) { archive.number(usd); });
  });
}

template <class Archive, class Event>
void declared_fields(Archive& archive, Event& event) {
  archive.optional(event.declared_change, [&](auto& change) {
    archive.text(change.id);
    archive.enumerator(change.kind, static_cast<std::uint64_t>(core::ChangeKind::price));
    archive.number(change.at.us);
    archive.text(change.note);
    archive.text(change.by);
  });
}

template <class Archive, class Ref>
void reference(Archive& archive, Ref& incident) {
  archive.text(incident.id);
  archive.series(incident.series);
}

template <class Archive, class Event>
void elsewhere_fields(Archive& archive, Event& event) {
  archive.optional(event.told_by, [&](auto& incident) { reference(archive, incident); });
  archive.number(event.elsewhere.incidents);
  archive.number(event.elsewhere.inside);
  archive.number(event.elsewhere.usd_per_hour);
  archive.list(event.elsewhere.largest, [&](auto& other) {
    reference(archive, other.incident);
    archive.number(other.effect);
    archive.optional(other.usd_per_hour, [&](auto& usd) { archive.number(usd); });
    archive.boolean(other.inside);
  });
}

template <class Archive, class Event>
void text_fields(Archive& archive, Event& event) {
  for (auto* text : {&event.summary, &event.quiet_if, &event.incident_url, &event.runbook_url, &event.replay_command})
    archive.text(*text);
}

template <class Archive, class Event>
void all_fields(Archive& archive, Event& event, std::uint64_t version) {
  identity_fields(archive, event);
  evidence_fields(archive, event);
  money_fields(archive, event);
  cause_fields(archive, event);
  text_fields(archive, event);
  if (version > kWithoutDeclaredChange) declared_fields(archive, event);
  if (version > kWithoutElsewhere) elsewhere_fields(archive, event);
}

}  // namespace

std::string encode_alert_event(const core::AlertEvent& event) {
  Writer writer;
  writer.bytes().u64(kAlertRecordVersion);
  all_fields(writer, event, kAlertRecordVersion);
  return writer.bytes().take();
}

std::optional<core::AlertEvent> decode_alert_event(std::string_view bytes) {
  Reader reader(bytes);
  const std::uint64_t version = reader.bytes().u64();
  if (version < kWithoutDeclaredChange || version > kAlertRecordVersion) return std::nullopt;
  core::AlertEvent event;
  all_fields(reader, event, version);
  if (!reader.complete()) return std::nullopt;
  return event;
}

}  // namespace costdrift::state
