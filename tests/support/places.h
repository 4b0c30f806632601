// Where the tests find what they read and run. Only places.cc holds the paths of this build, so that every other file
// compiles to the same object in every clone.
#pragma once

#include <string>

namespace costdrift::tests {

// Absolute path of a file or folder of the source tree; with nothing, of its root.
std::string source_path(const std::string& path = "");

// Absolute path of the program under test.
std::string costdrift_program();

// The same with the kill points of core/kill_point.h compiled in.
std::string costdrift_with_kill_points();

// Absolute path of the program that runs another as the systemd unit does (tests/sandbox/sandbox.cc).
std::string sandbox_program();

}  // namespace costdrift::tests
