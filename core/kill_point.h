// COSTDRIFT_KILL_POINT("name"): a place where a test may end the process by SIGKILL, to show that dying exactly there
// loses and repeats nothing. Only the program that tests/CMakeLists.txt builds for this has any code at it
// (tests/kill_points/kill_point.cc); in every other program it is nothing at all.
//
// Names  "<part>.<moment>"; each is used once in the program. A file that gets its first kill point is added to the
//        list in tests/CMakeLists.txt.
#pragma once

#ifdef COSTDRIFT_WITH_KILL_POINTS
namespace costdrift::core {
void kill_point(const char* name);
}
#define COSTDRIFT_KILL_POINT(name) ::costdrift::core::kill_point(name)
#else
#define COSTDRIFT_KILL_POINT(name) static_cast<void>(0)
#endif
