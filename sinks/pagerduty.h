// pagerduty: PagerDuty Events API v2.
//
// Identity  dedup_key = "costdrift/<incident id>": every message of an incident meets the same PagerDuty alert, however
//           often it is sent. An update is a trigger with the same key; a resolve has the key and nothing else.
//           A ticket that another page tells of (told_by) opens nothing; if it becomes a page, it does.
// Limits    summary 1,024 characters, body 512,000 bytes (the details are dropped when it would be larger). PagerDuty
//           drops a resolve whose key it does not know: harmless. An acknowledged incident notifies nobody again.
#pragma once

#include "sinks/sink.h"

namespace costdrift::sinks {

extern const SinkSpec pagerduty_spec;

}  // namespace costdrift::sinks
