#include "daemon/decode/decode.h"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

#include "core/text.h"
#include "daemon/decode/decode_event.h"
#include "daemon/decode/text_words.h"

namespace costdrift::daemon {
namespace {

namespace dom = simdjson::dom;

constexpr std::size_t kMaxDepth = 32;
constexpr std::size_t kMaxFields = 128;
constexpr std::size_t kMaxTags = 16;
constexpr std::size_t kMaxDetailBytes = 200;
constexpr std::size_t kFirstCapacity = 16 * 1024;

bool is_json_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

std::string_view trim_json_space(std::string_view text) {
  while (!text.empty() && is_json_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_json_space(text.back())) text.remove_suffix(1);
  return text;
}

bool is_whole_line(std::string_view line) {
  line = trim_json_space(line);
  return line.starts_with('{') && line.ends_with('}');
}

// Objects on lines of their own, judged by the first and the last line so that one broken line does not hide it. The
// lines of one object that is spread over several never look like this.
bool is_lines_of_objects(std::string_view record) {
  record = trim_json_space(record);
  const auto first = record.find('\n');
  if (first == std::string_view::npos) return false;
  return is_whole_line(record.substr(0, first)) || is_whole_line(record.substr(record.rfind('\n')));
}

void assign(const dom::element& element, JsonValue& value) {
  switch (element.type()) {
    case dom::element_type::STRING:
      value.kind = JsonKind::text;
      value.text = element.get_string().value_unsafe();
      return;
    case dom::element_type::INT64:
      value.kind = JsonKind::integer;
      value.integer = element.get_int64().value_unsafe();
      return;
    case dom::element_type::UINT64:
      value.kind = JsonKind::huge_integer;
      value.integer = static_cast<std::int64_t>(element.get_uint64().value_unsafe());
      return;
    case dom::element_type::DOUBLE:
      value.kind = JsonKind::real;
      value.real = element.get_double().value_unsafe();
      return;
    case dom::element_type::BOOL:
      value.kind = JsonKind::boolean;
      value.integer = element.get_bool().value_unsafe() ? 1 : 0;
      return;
    case dom::element_type::ARRAY:
      value.kind = JsonKind::array;
      return;
    case dom::element_type::OBJECT:
      value.kind = JsonKind::object;
      return;
    case dom::element_type::NULL_VALUE:
      return;
  }
}

// A tag's value may be any scalar; texts obey the rules of labels.
bool check_tags(const dom::object& tags, Rejection& rejection) {
  if (tags.size() > kMaxTags) {
    return reject(rejection, RejectReason::too_large, "tags: " + std::to_string(tags.size()) + ", more than 16");
  }
  for (const auto tag : tags) {
    JsonValue value{.kind = JsonKind::text, .text = tag.key};
    std::string_view ignored;
    if (!read_text("tags: a name", value, ignored, rejection)) return false;
    assign(tag.value, value);
    if (value.kind == JsonKind::object || value.kind == JsonKind::array) {
      return reject(rejection, RejectReason::bad_type, "tags: a value is not a string, number or boolean");
    }
    if (value.kind == JsonKind::text && !read_text("tags: a value", value, ignored, rejection)) return false;
  }
  return true;
}

// Producers write the same keys in the same order, event after event: remembering which field stood at which place
// spares the look-up and, more, the wait for it.
class KeyLayout {
 public:
  int find(std::size_t place, std::string_view key) {
    Place& expected = places_[place];
    const TextWords words = words_of(key);
    if (expected.words == words && expected.size == key.size()) return expected.field;
    const int field = find_field(key);
    // Longer keys are not told apart by their words.
    if (key.size() <= 16) expected = {words, key.size(), field};
    return field;
  }

 private:
  struct Place {
    TextWords words;
    std::size_t size = 0;
    int field = kUnknownField;
  };
  std::array<Place, kMaxFields> places_{};
};

class CanonicalDecoder final : public Decoder {
 public:
  explicit CanonicalDecoder(DecodeLimits limits) : limits_(limits), tags_field_(find_field("tags")) {}

  // False: out of memory.
  bool start() {
    buffer_.resize(kFirstCapacity + simdjson::SIMDJSON_PADDING);
    return parser_.allocate(kFirstCapacity, kMaxDepth) == simdjson::SUCCESS;
  }

  void decode(std::string_view record, EventHandler& handler) override {
    if (record.size() > static_cast<std::uint64_t>(std::max<std::int64_t>(limits_.max_message_bytes, 0))) {
      return emit_rejection(RejectReason::too_large,
                            std::to_string(record.size()) + " bytes, more than " +
                                std::to_string(limits_.max_message_bytes) + " (limits.max_message_bytes)",
                            handler);
    }
    if (trim_json_space(record).empty()) return emit_rejection(RejectReason::empty, "the record is empty", handler);
    decode_text(copy(record), handler);
  }

 private:
  // The parser reads up to SIMDJSON_PADDING bytes past the end, which a record of the log does not have.
  std::string_view copy(std::string_view record) {
    if (buffer_.size() < record.size() + simdjson::SIMDJSON_PADDING) {
      buffer_.resize(2 * record.size() + simdjson::SIMDJSON_PADDING);
    }
    std::memcpy(buffer_.data(), record.data(), record.size());
    return {buffer_.data(), record.size()};
  }

  void decode_text(std::string_view text, EventHandler& handler) {
    const auto error = decode_document(text, handler);
    if (error == simdjson::SUCCESS) return;
    if (!is_lines_of_objects(text)) return emit_malformed(error, handler);
    while (!text.empty()) {
      const std::string_view line = text.substr(0, text.find('\n'));
      text.remove_prefix(std::min(text.size(), line.size() + 1));
      if (trim_json_space(line).empty()) continue;
      const auto line_error = decode_document(line, handler);
      if (line_error != simdjson::SUCCESS) emit_malformed(line_error, handler);
    }
  }

  simdjson::error_code decode_document(std::string_view text, EventHandler& handler) {
    dom::element root;
    const auto error = parser_.parse(text.data(), text.size(), false).get(root);
    if (error != simdjson::SUCCESS) return error;
    dom::array elements;
    if (root.get(elements) != simdjson::SUCCESS) {
      decode_element(root, handler);
      return simdjson::SUCCESS;
    }
    if (elements.begin() == elements.end()) emit_rejection(RejectReason::empty, "the array is empty", handler);
    for (const dom::element element : elements) decode_element(element, handler);
    return simdjson::SUCCESS;
  }

  void decode_element(const dom::element& element, EventHandler& handler) {
    dom::object object;
    if (element.get(object) != simdjson::SUCCESS) {
      return emit_rejection(RejectReason::malformed, "not a JSON object", handler);
    }
    if (!collect(object) || !read_event(values_, event_, rejection_) || !tags_are_good()) {
      return emit_rejection(rejection_.reason, rejection_.detail, handler);
    }
    handler.on_event(event_);
  }

  bool collect(const dom::object& object) {
    if (object.size() > kMaxFields) {
      return reject(rejection_, RejectReason::too_large, std::to_string(object.size()) + " fields, more than 128");
    }
    values_.clear();
    std::size_t place = 0;
    for (const auto member : object) {
      const int field = layout_.find(place++, member.key);
      if (field == kUnknownField || member.value.is_null()) continue;
      assign(member.value, values_.put(field));
      if (field == tags_field_) tags_ = member.value;
    }
    return true;
  }

  bool tags_are_good() {
    dom::object tags;
    if (!values_.has(tags_field_) || tags_.get(tags) != simdjson::SUCCESS) return true;
    return check_tags(tags, rejection_);
  }

  void emit_malformed(simdjson::error_code error, EventHandler& handler) {
    const std::string_view why =
        error == simdjson::DEPTH_ERROR ? "nested deeper than 32" : std::string_view(simdjson::error_message(error));
    emit_rejection(RejectReason::malformed, "not JSON: " + std::string(why), handler);
  }

  static void emit_rejection(RejectReason reason, std::string_view detail, EventHandler& handler) {
    handler.on_rejected(reason, core::escape_for_log(detail, kMaxDetailBytes));
  }

  DecodeLimits limits_;
  int tags_field_;
  dom::parser parser_;
  std::vector<char> buffer_;
  KeyLayout layout_;
  FieldValues values_;
  dom::element tags_;
  core::UsageEvent event_;
  Rejection rejection_;
};

}  // namespace

std::string_view reject_name(RejectReason reason) {
  switch (reason) {
    case RejectReason::empty:
      return "empty";
    case RejectReason::too_large:
      return "too_large";
    case RejectReason::malformed:
      return "malformed";
    case RejectReason::schema_version:
      return "schema_version";
    case RejectReason::missing_field:
      return "missing_field";
    case RejectReason::bad_type:
      return "bad_type";
    case RejectReason::bad_timestamp:
      return "bad_timestamp";
    case RejectReason::bad_tokens:
      return "bad_tokens";
    case RejectReason::bad_cost:
      return "bad_cost";
    case RejectReason::bad_number:
      return "bad_number";
    case RejectReason::bad_text:
      return "bad_text";
    case RejectReason::conflict:
      return "conflict";
  }
  return "";
}

core::Result<std::unique_ptr<Decoder>> make_decoder(std::string_view format, DecodeLimits limits) {
  if (format != "canonical") {
    return core::fail(core::ErrorCode::config, "kafka.topics: the format \"" + core::escape_for_log(format, 64) +
                                                   "\" is unknown; write canonical");
  }
  auto decoder = std::make_unique<CanonicalDecoder>(limits);
  if (!decoder->start()) return core::fail(core::ErrorCode::unavailable, "starting the decoder: no memory");
  return std::unique_ptr<Decoder>(std::move(decoder));
}

}  // namespace costdrift::daemon
