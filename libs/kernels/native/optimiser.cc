#include "optimiser.h"

#include <cmath>

#include "simd.h"
#include "slots.h"
#include "threads.h"

namespace fermata::FERMATA_ISA {
namespace {

constexpr int elementsAtATime = 16384;

}  // namespace

void adam(const AdamStep& step, std::ptrdiff_t size, const float* gradient, float* weight, float* first,
          float* second, float* average) {
  const Slots slots(size, elementsAtATime, 256);
  parallelFor(slots.count, [&](int slot) {
    const std::ptrdiff_t begin = slots.begin(slot), end = slots.end(slot);
    for (std::ptrdiff_t i = begin; i < end; i++) {
      const float g = gradient[i] * step.gradientScale;
      first[i] = first[i] * step.beta1 + g * (1.0f - step.beta1);
      second[i] = second[i] * step.beta2 + g * g * (1.0f - step.beta2);
      weight[i] -= step.stepSize * first[i] / (std::sqrt(second[i]) * step.deviationScale + step.epsilon);
    }
    if (average == nullptr) return;
    for (std::ptrdiff_t i = begin; i < end; i++) average[i] += step.averageShare * (weight[i] - average[i]);
  });
}

double sumOfSquares(std::ptrdiff_t size, const float* values) {
  const Slots slots(size, elementsAtATime, 64);
  double sums[64];
  parallelFor(slots.count, [&](int slot) {
    // Keeps many sums side by side, because the compiler may not reorder a single one.
    double parts[16] = {};
    std::ptrdiff_t i = slots.begin(slot);
    for (; i + 16 <= slots.end(slot); i += 16) {
      for (int k = 0; k < 16; k++) parts[k] += static_cast<double>(values[i + k]) * values[i + k];
    }
    for (; i < slots.end(slot); i++) parts[0] += static_cast<double>(values[i]) * values[i];
    sums[slot] = 0;
    for (const double part : parts) sums[slot] += part;
  });
  double total = 0;
  for (int slot = 0; slot < slots.count; slot++) total += sums[slot];
  return total;
}

}  // namespace fermata::FERMATA_ISA
