// Calls every operation of the kernels over many shapes, without Node: the program that sanitize.js runs.
#include <cstdio>

#include "check.h"

int main() {
  using namespace fermata::check;
  const struct {
    const char* name;
    void (*run)();
  } parts[] = {
      {"threads", checkThreads},       {"matrices", checkMatrices},         {"elementwise", checkElementwise},
      {"symbols", checkSymbols},       {"convolutions", checkConvolutions}, {"quantisers", checkQuantisers},
      {"optimiser", checkOptimiser},   {"heads", checkHeads},               {"stacks", checkStacks},
      {"samplers", checkSamplers},
  };
  for (const auto& part : parts) {
    const long before = passedChecks();
    part.run();
    std::printf("%s: %ld checks passed\n", part.name, passedChecks() - before);
    std::fflush(stdout);
  }
  for (const std::string& name : uncalledOperations()) {
    std::fprintf(stderr, "check failed: no check calls %s\n", name.c_str());
    return 1;
  }
  std::string instructionSets;
  for (const fermata::Kernels* kernels : fermata::availableKernels())
    instructionSets += std::string(instructionSets.empty() ? "" : ", ") + kernels->instructionSet;
  std::printf("%ld checks passed with %s\n", passedChecks(), instructionSets.c_str());
  return 0;
}
