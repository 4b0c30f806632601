// AlertEvent <-> JSON text, the schema of docs/ALERTS.md: keys in a fixed order, one line, no spaces, so that equal
// events are equal bytes. Numbers are rounded to six significant digits (dollars to the cent); text that is not
// UTF-8 is replaced, never passed on.
#pragma once

#include <string>

#include "core/alert_event.h"

namespace costdrift::core {

std::string to_json(const AlertEvent& event);

}  // namespace costdrift::core
