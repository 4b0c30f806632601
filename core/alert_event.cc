#include "core/alert_event.h"

namespace costdrift::core {

std::string_view status_name(AlertStatus status) {
  switch (status) {
    case AlertStatus::firing:
      return "firing";
    case AlertStatus::updated:
      return "updated";
    case AlertStatus::resolved:
      return "resolved";
    case AlertStatus::retracted:
      return "retracted";
  }
  bug("AlertStatus out of range");
}

std::string_view change_kind_name(ChangeKind kind) {
  switch (kind) {
    case ChangeKind::deploy:
      return "deploy";
    case ChangeKind::price:
      return "price";
  }
  bug("kind of change out of range");
}

std::string_view severity_name(Severity severity) {
  switch (severity) {
    case Severity::info:
      return "info";
    case Severity::warning:
      return "warning";
    case Severity::critical:
      return "critical";
  }
  bug("Severity out of range");
}

}  // namespace costdrift::core
