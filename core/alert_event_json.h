// AlertEvent -> JSON text, the schema of docs/ALERTS.md: keys in a fixed order, one line, no spaces, so that equal
// events are equal bytes.
//
// Numbers  rounded to six significant digits, dollars to the cent (the parts of usd.split are rounded so that they add
//          up to per_hour to the cent); whole numbers without a fraction. A number that is not finite is null.
// Unknown  null, never a made-up number: dollars without a price (usd.split then has null for every part), an event
//          that is not resolved, and the texts that may be missing (reason, owner, trace and run ids, quiet_if, links,
//          replay) when they are empty.
// Text     what is not UTF-8 is replaced by U+FFFD, never passed on; control characters are escaped.
#pragma once

#include <string>

#include "core/alert_event.h"

namespace costdrift::core {

std::string to_json(const AlertEvent& event);
// The same with a last key, "shadow":true: it would have been told if the shadow detectors were on.
std::string to_shadow_json(const AlertEvent& event);

}  // namespace costdrift::core
