// One step of the optimiser for one weight.
#pragma once

#include <cstddef>

namespace fermata {

struct AdamStep {
  float beta1;
  float beta2;
  float epsilon;
  float gradientScale;    // clipping factor, applied to the gradient first
  float stepSize;         // learning rate / (1 − beta1^t)
  float deviationScale;   // 1 / sqrt(1 − beta2^t)
  float averageShare;     // 1 − d of the Polyak average; unused without one
};

// Updates a weight by Adam, and its Polyak average (or null), in one pass over `size` elements.
using Adam = void(const AdamStep&, std::ptrdiff_t size, const float* gradient, float* weight, float* first,
                  float* second, float* average);

// Sum of the squares of `size` elements.
using SumOfSquares = double(std::ptrdiff_t size, const float* values);

#ifdef FERMATA_ISA
namespace FERMATA_ISA {
Adam adam;
SumOfSquares sumOfSquares;
}  // namespace FERMATA_ISA
#endif

}  // namespace fermata
