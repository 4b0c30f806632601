// Result<T>: a value or an Error. The only way a costdrift function reports failure.
//
// Operation  return a T, or an Error made with fail(); test with `if (!result)`; read with `*result` or `result->`.
// Threads    a plain value.
// Limits     reading the value of a failed Result is a bug and aborts; no exceptions cross costdrift's own code.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>
#include <variant>

namespace costdrift::core {

// The exit status that the program gives when the error ends it (sysexits.h; README "exit codes").
enum class ErrorCode : int {
  usage = 64,        // the command line is wrong
  bad_data = 65,     // input data cannot be used
  unavailable = 69,  // something outside does not answer
  internal = 70,     // a bug of costdrift
  io = 74,           // files, disk, state directory
  try_again = 75,    // temporary: a supervisor should restart the program
  config = 78,       // the configuration is wrong
};

// What was being done, to what, why it failed and what to do, in one text for a person. Never holds a secret.
struct Error {
  ErrorCode code = ErrorCode::internal;
  std::string message;
};

[[nodiscard]] inline Error fail(ErrorCode code, std::string message) { return Error{code, std::move(message)}; }

// A broken invariant: prints and aborts. For bugs only, never for bad input.
[[noreturn]] inline void bug(const char* what) {
  std::fprintf(stderr, "costdrift: bug: %s\n", what);
  std::abort();
}

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT(google-explicit-constructor)
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT(google-explicit-constructor)

  explicit operator bool() const { return state_.index() == 0; }
  T& operator*() & { return get(); }
  const T& operator*() const& { return const_cast<Result*>(this)->get(); }
  T&& operator*() && { return std::move(get()); }
  T* operator->() { return &get(); }
  const T* operator->() const { return &const_cast<Result*>(this)->get(); }
  const Error& error() const {
    if (const auto* error = std::get_if<1>(&state_)) return *error;
    bug("error() of a successful Result");
  }

 private:
  T& get() {
    if (auto* value = std::get_if<0>(&state_)) return *value;
    bug("value of a failed Result");
  }
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT(google-explicit-constructor)
  explicit operator bool() const { return state_.index() == 0; }
  const Error& error() const {
    if (const auto* error = std::get_if<1>(&state_)) return *error;
    bug("error() of a successful Result");
  }

 private:
  std::variant<std::monostate, Error> state_;
};

}  // namespace costdrift::core
