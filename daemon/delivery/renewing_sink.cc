#include "daemon/delivery/renewing_sink.h"

#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "config/settings.h"

namespace costdrift::daemon {
namespace {

using Secrets = std::vector<std::string>;

// nullopt: one of them cannot be read.
std::optional<Secrets> read_secrets(const sinks::SinkSpec& spec, const config::Values& values) {
  Secrets secrets;
  for (const auto& field : spec.fields) {
    if (field.type != config::FieldType::secret_file || values.text(field.name).empty()) continue;
    auto secret = config::read_secret(values.text(field.name));
    if (!secret) return std::nullopt;
    secrets.push_back(*std::move(secret));
  }
  return secrets;
}

class RenewingSink final : public sinks::Sink {
 public:
  RenewingSink(const sinks::SinkSpec& spec, config::Values values, sinks::SinkContext context, Secrets secrets,
               std::unique_ptr<sinks::Sink> sink)
      : spec_(spec),
        values_(std::move(values)),
        context_(std::move(context)),
        secrets_(std::move(secrets)),
        sink_(std::move(sink)) {}

  sinks::Outcome deliver(const core::Notification& notification) override {
    auto outcome = sink_->deliver(notification);
    if (!std::holds_alternative<sinks::Rejected>(outcome) || !renew()) return outcome;
    return sink_->deliver(notification);
  }

 private:
  bool renew() {
    auto secrets = read_secrets(spec_, values_);
    if (!secrets || *secrets == secrets_) return false;
    auto made = spec_.make(values_, context_);
    if (!made) return false;
    secrets_ = *std::move(secrets);
    sink_ = *std::move(made);
    return true;
  }

  const sinks::SinkSpec& spec_;
  const config::Values values_;
  const sinks::SinkContext context_;
  Secrets secrets_;
  std::unique_ptr<sinks::Sink> sink_;
};

}  // namespace

core::Result<std::unique_ptr<sinks::Sink>> make_renewing_sink(const sinks::SinkSpec& spec, const config::Values& values,
                                                              const sinks::SinkContext& context) {
  auto sink = spec.make(values, context);
  if (!sink) return sink.error();
  auto secrets = read_secrets(spec, values).value_or(Secrets());
  return std::unique_ptr<sinks::Sink>(
      std::make_unique<RenewingSink>(spec, values, context, std::move(secrets), *std::move(sink)));
}

}  // namespace costdrift::daemon
