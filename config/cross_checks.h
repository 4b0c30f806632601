// Checks that look at more than one field.
//
// `reader` has read the file that the values come from; it knows their lines and takes the problems.
#pragma once

#include <vector>

#include "config/settings.h"
#include "config/values_reader.h"

namespace costdrift::config {

void check_across(const Settings& settings, ValuesReader& reader);

// `routes` are the records as the file has them: Route cannot hold a severity that does not exist.
void check_routes(const std::vector<Values>& routes, const std::vector<SinkSettings>& sinks, const Catalogue& catalogue,
                  ValuesReader& reader);

}  // namespace costdrift::config
