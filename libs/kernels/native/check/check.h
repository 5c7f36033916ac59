// What all checks share: numbers to compute with, and comparisons that end the program where they fail.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <sstream>
#include <string>
#include <vector>

#include "../kernels.h"

namespace fermata::check {

// A vector that is made with its size takes no more memory than that, so that AddressSanitizer sees what is read or
// written beyond; one of nothing is null, as an empty array of JavaScript is.
using Floats = std::vector<float>;
using Integers = std::vector<std::int32_t>;
using Doubles = std::vector<double>;

// Numbers that are the same in every run.
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

// Where results are written to: NaN, which no comparison takes for a result.
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

// Ends the program with a message where the condition does not hold.
void check(bool condition, const std::string& message);

// Checks that each value is no further from the expected one than `tolerance` of the largest magnitude among those.
void checkClose(const std::string& what, const Floats& values, const Doubles& expected, double tolerance);

// The number of conditions that held.
long passedChecks();

using Outputs = std::vector<Floats>;

// Computes with each instruction set and with 1, 2 and 5 threads. Checks that outputs are equal to the bit whatever the
// number of threads, and close to what is expected; where nothing is expected for an output, it is not compared.
// Returns the outputs of the last instruction set.
//
// What `compute` calls is noted, for `uncalledOperations`. `sampling` tells apart the instruction sets that differ in the sampler alone.
Outputs checkOperation(const std::string& what, const std::function<Outputs(const Kernels&)>& compute,
                       const std::vector<Doubles>& expected, double tolerance = 1e-4, bool sampling = false);

// The operations that no check has called until now.
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
