#include <cstdlib>
#include <stdexcept>
#include <string>

#include "kernels.h"

namespace fermata {

namespace portable {
extern const Kernels kernels;
}
#if defined(__x86_64__)
namespace avx2 {
extern const Kernels kernels;
}
namespace avx512 {
extern const Kernels kernels;
}
namespace avx512vnni {
extern MakeSampler makeSampler;
}
#endif

namespace {

#if defined(__x86_64__)
// Only the sampler uses products of 8 bits; all other operations are the same with and without them.
const Kernels& vnniKernels() {
  static const Kernels kernels = [] {
    Kernels vnni = avx512::kernels;
    vnni.instructionSet = "avx512vnni";
    vnni.makeSampler = avx512vnni::makeSampler;
    return vnni;
  }();
  return kernels;
}
#endif

}  // namespace

std::vector<const Kernels*> availableKernels() {
  std::vector<const Kernels*> available;
#if defined(__x86_64__)
  __builtin_cpu_init();
  const bool avx512Here = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
                          __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
  if (avx512Here && __builtin_cpu_supports("avx512vnni")) available.push_back(&vnniKernels());
  if (avx512Here) available.push_back(&avx512::kernels);
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) available.push_back(&avx2::kernels);
#endif
  available.push_back(&portable::kernels);
  return available;
}

namespace {

const Kernels* chosen = nullptr;

}  // namespace

void chooseKernels(const std::string& name) {
  std::string names;
  for (const Kernels* kernels : availableKernels()) {
    if (kernels->instructionSet == name) {
      chosen = kernels;
      return;
    }
    names += (names.empty() ? "" : ", ") + std::string(kernels->instructionSet);
  }
  throw std::runtime_error("the instruction set " + name + " (see FERMATA_ISA) is not among those of this machine, " +
                           names + ".");
}

const Kernels& kernels() {
  if (chosen == nullptr) {
    const char* wanted = std::getenv("FERMATA_ISA");
    if (wanted == nullptr || *wanted == '\0') {
      chosen = availableKernels().front();
    } else {
      chooseKernels(wanted);
    }
  }
  return *chosen;
}

}  // namespace fermata
