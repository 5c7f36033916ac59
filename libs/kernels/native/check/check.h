// Shared parts of all checks: random numbers, and comparisons that end the program on failure.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <sstream>
#include <string>
#include <vector>

#include "../kernels.h"

namespace fermata::check {

// A vector constructed with its size has no spare capacity, so that AddressSanitizer detects every access beyond it. An
// empty one is null, like an empty array of JavaScript.
using Floats = std::vector<float>;
using Integers = std::vector<std::int32_t>;
using Doubles = std::vector<double>;

// Numbers that are equal in every run.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state(seed) {}

  std::uint64_t bits();
  // Within low … high.
  int between(int low, int high);
  bool coin() { return bits() % 2 == 0; }
  int oneOf(std::initializer_list<int> choices);
  // Uniform in ±scale.
  Floats floats(std::size_t size, float scale = 1.0f);
  // Each within 0 … count − 1.
  Integers integers(std::size_t size, int count);

 private:
  std::uint64_t state;
};

// Fresh memory for results: NaN, which matches no result.
Floats unset(std::size_t size);

Floats toFloats(const Integers& integers);
Doubles toDoubles(const Floats& floats);

// "name(1, 2, 3)"
template <class... Values>
std::string describe(const char* name, const Values&... values) {
  std::ostringstream text;
  const char* before = "(";
  ((text << before << values, before = ", "), ...);
  return name + text.str() + ")";
}

// Ends the program with a message if the condition does not hold.
void check(bool condition, const std::string& message);

// Checks that each value is within `tolerance` of the expected one, relative to the largest expected magnitude.
void checkClose(const std::string& what, const Floats& values, const Doubles& expected, double tolerance);

// Number of conditions that held.
long passedChecks();

using Outputs = std::vector<Floats>;

// Computes with each instruction set and with 1, 2 and 5 threads. Checks that the outputs are equal to the bit for any
// number of threads, and close to the expected ones; an empty expectation skips an output. Returns the outputs of the
// last instruction set. Records the operations that `compute` calls, for `uncalledOperations`. `sampling` also
// separates the instruction sets that differ only in the sampler.
Outputs checkOperation(const std::string& what, const std::function<Outputs(const Kernels&)>& compute,
                       const std::vector<Doubles>& expected, double tolerance = 1e-4, bool sampling = false);

// Operations that no check has called yet.
std::vector<std::string> uncalledOperations();

void checkThreads();
void checkConvolutions();
void checkStacks();
void checkHeads();
void checkMatrices();
void checkElementwise();
void checkSymbols();
void checkQuantisers();
void checkOptimiser();
void checkSamplers();

}  // namespace fermata::check
