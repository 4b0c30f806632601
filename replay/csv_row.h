// One row of CSV by RFC 4180: fields apart by commas, in double quotes when they hold a comma, a quote (written twice)
// or a line break.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace costdrift::replay {

// Replaces `fields`. False: a quote is still open at the end, so the row goes on with the next line.
bool split_csv_row(std::string_view row, std::vector<std::string>& fields);

}  // namespace costdrift::replay
