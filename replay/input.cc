#include "replay/input.h"

#include "replay/file_source.h"
#include "replay/kafka_span.h"

namespace costdrift::replay {
namespace {

constexpr core::Duration kKafkaPoll = core::milliseconds(100);

template <class Source>
Input input_from(std::unique_ptr<Source> source, core::Duration timeout, std::int64_t (Source::*records)() const) {
  const Source* read = source.get();
  return {std::move(source), timeout, [read] { return read->finished(); },
          [read, records] { return (read->*records)(); }, [read] { return read->progress(); }};
}

}  // namespace

core::Result<Input> open_input(const config::Settings& settings, const ReplayOptions& options, const core::Clock& clock,
                               core::EventTime from) {
  if (options.kafka) {
    auto span = KafkaSpan::open(settings.kafka, clock, from);
    if (!span) return span.error();
    return input_from(*std::move(span), kKafkaPoll, &KafkaSpan::records);
  }
  const std::string topic = !options.topic.empty()          ? options.topic
                            : settings.kafka.topics.empty() ? "replay"
                                                            : settings.kafka.topics.front().name;
  const auto files = event_files(options);
  if (!files) return files.error();
  auto source = FileSource::open(topic, *files, options.lines_per_poll);
  if (!source) return source.error();
  return input_from(*std::move(source), {}, &FileSource::lines);
}

core::Result<std::unique_ptr<daemon::Decoder>> decoder_of(const config::Settings& settings, const std::string& topic) {
  const auto& topics = settings.kafka.topics;
  std::string format = topics.empty() ? "canonical" : topics.front().format;
  for (const auto& configured : topics) {
    if (configured.name == topic) format = configured.format;
  }
  return daemon::make_decoder(format, {.max_message_bytes = settings.limits.max_message_bytes});
}

}  // namespace costdrift::replay
