#include "check.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <utility>

#include "../threads.h"

namespace fermata::check {
namespace {

long passed = 0;

// Wraps an operation of the kernels in use and records each call.
template <auto Member>
struct Noted;

template <class Result, class... Arguments, Result (*Kernels::*Member)(Arguments...)>
struct Noted<Member> {
  static inline bool called = false;

  static Result call(Arguments... arguments) {
    called = true;
    return (kernels().*Member)(std::forward<Arguments>(arguments)...);
  }
};

const Kernels& notedKernels() {
#define FERMATA_NOTED(Type, name) Noted<&Kernels::name>::call,
  static const Kernels noted = {"noted", FERMATA_OPERATIONS(FERMATA_NOTED)};
#undef FERMATA_NOTED
  return noted;
}

bool sameBits(const Outputs& a, const Outputs& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); i++) {
    if (a[i].size() != b[i].size()) return false;
    if (!a[i].empty() && std::memcmp(a[i].data(), b[i].data(), a[i].size() * sizeof(float)) != 0) return false;
  }
  return true;
}

bool close(double value, double expected, double tolerance) {
  if (std::isnan(expected)) return std::isnan(value);
  return value == expected || std::fabs(value - expected) <= tolerance;
}

}  // namespace

std::uint64_t Random::bits() {
  // SplitMix64.
  state += 0x9e3779b97f4a7c15u;
  std::uint64_t mixed = (state ^ (state >> 30)) * 0xbf58476d1ce4e5b9u;
  mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebu;
  return mixed ^ (mixed >> 31);
}

int Random::between(int low, int high) {
  return low + static_cast<int>(bits() % static_cast<std::uint64_t>(high - low + 1));
}

int Random::oneOf(std::initializer_list<int> choices) {
  return choices.begin()[between(0, static_cast<int>(choices.size()) - 1)];
}

Floats Random::floats(std::size_t size, float scale) {
  Floats result(size);
  for (float& value : result) value = (static_cast<float>(bits() >> 40) * 0x1p-23f - 1.0f) * scale;
  return result;
}

Integers Random::integers(std::size_t size, int count) {
  Integers result(size);
  for (std::int32_t& value : result) value = between(0, count - 1);
  return result;
}

Floats unset(std::size_t size) { return Floats(size, std::numeric_limits<float>::quiet_NaN()); }

Floats toFloats(const Integers& integers) { return Floats(integers.begin(), integers.end()); }

Doubles toDoubles(const Floats& floats) { return Doubles(floats.begin(), floats.end()); }

void check(bool condition, const std::string& message) {
  if (condition) {
    passed++;
    return;
  }
  std::fprintf(stderr, "check failed: %s (%s, %d threads)\n", message.c_str(), kernels().instructionSet, threadCount());
  std::exit(1);
}

long passedChecks() { return passed; }

std::vector<std::string> uncalledOperations() {
  std::vector<std::string> names;
#define FERMATA_UNCALLED(Type, name) if (!Noted<&Kernels::name>::called) names.push_back(#name);
  FERMATA_OPERATIONS(FERMATA_UNCALLED)
#undef FERMATA_UNCALLED
  return names;
}

void checkClose(const std::string& what, const Floats& values, const Doubles& expected, double tolerance) {
  check(values.size() == expected.size(), what + " has an unexpected size");
  double largest = 0;
  for (const double value : expected) {
    if (std::isfinite(value)) largest = std::max(largest, std::fabs(value));
  }
  for (std::size_t i = 0; i < values.size(); i++) {
    if (close(values[i], expected[i], tolerance * largest)) continue;
    check(false, what + " is " + std::to_string(values[i]) + " instead of " + std::to_string(expected[i]) + " at " +
                     std::to_string(i) + " of " + std::to_string(values.size()));
  }
  check(true, what);
}

Outputs checkOperation(const std::string& what, const std::function<Outputs(const Kernels&)>& compute,
                       const std::vector<Doubles>& expected, double tolerance, bool sampling) {
  Outputs outputs;
  const Kernels* before = nullptr;
  for (const Kernels* available : availableKernels()) {
    if (!sampling && before != nullptr && before->stackForward == available->stackForward) continue;
    before = available;
    chooseKernels(available->instructionSet);
    setThreadCount(1);
    outputs = compute(notedKernels());
    for (std::size_t i = 0; i < expected.size(); i++) {
      if (!expected[i].empty()) checkClose(what + ", output " + std::to_string(i), outputs[i], expected[i], tolerance);
    }
    for (const int threads : {2, 5}) {
      setThreadCount(threads);
      check(sameBits(compute(notedKernels()), outputs), what + " depends on the number of threads");
    }
  }
  return outputs;
}

}  // namespace fermata::check
