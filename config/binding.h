// bind(): ties a FieldSpec to a member of Settings. Only for config/sections.cc.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <type_traits>
#include <vector>

#include "config/field_value.h"
#include "config/sections.h"

namespace costdrift::config {

// A member whose type is one of Value's is stored as it is; the others are converted here.
template <class Member>
Value to_value(const Member& member) {
  return member;
}
Value to_value(const std::vector<std::int32_t>& numbers);
Value to_value(const std::vector<TopicSettings>& topics);
Value to_value(const std::vector<Route>& routes);

template <class Member>
void from_value(const Value& value, Member& member) {
  member = std::get<Member>(value);
}
void from_value(const Value& value, std::vector<std::int32_t>& numbers);
void from_value(const Value& value, std::vector<TopicSettings>& topics);
void from_value(const Value& value, std::vector<Route>& routes);

extern const RecordSpec kTopicRecord;
extern const RecordSpec kRouteRecord;

inline SectionField with_default(SectionField field) {
  if (is_scalar(field.spec.type) && !field.spec.required) {
    field.default_text = scalar_text(field.spec, field.get(Settings()));
  }
  return field;
}

// A field of a section: bind<&Settings::kafka, &KafkaSettings::brokers>({...}).
template <auto kSection, auto kMember>
SectionField bind(FieldSpec spec) {
  return with_default(
      {spec, "", [](const Settings& settings) { return to_value((settings.*kSection).*kMember); },
       [](Settings& settings, const Value& value) { from_value(value, (settings.*kSection).*kMember); }});
}

// A field at the top level.
template <auto kMember>
SectionField bind(FieldSpec spec) {
  return with_default({spec, "", [](const Settings& settings) { return to_value(settings.*kMember); },
                       [](Settings& settings, const Value& value) { from_value(value, settings.*kMember); }});
}

}  // namespace costdrift::config
