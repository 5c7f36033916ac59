// The kernels of one instruction set; compiled once for each.
#include "kernels.h"

#include "simd.h"

#define FERMATA_TEXT_OF(name) #name
#define FERMATA_TEXT(name) FERMATA_TEXT_OF(name)

namespace fermata::FERMATA_ISA {
namespace {

double multiplyAdds(int rounds) {
  constexpr int chains = maximalVectors * maximalRows;
  Vec sums[chains];
  for (int i = 0; i < chains; i++) sums[i] = broadcast(static_cast<float>(i) * 1e-3f);
  volatile float one = 0.999f;
  const Vec factor = broadcast(one), addend = broadcast(1.0f - one);
  for (int round = 0; round < rounds; round++) {
    for (int repeat = 0; repeat < 16; repeat++) {
      FERMATA_UNROLL for (int i = 0; i < 12; i++) sums[i] = sums[i] * factor + addend;
      if constexpr (chains > 12) {
        FERMATA_UNROLL for (int i = 12; i < chains; i++) sums[i] = sums[i] * factor + addend;
      }
    }
  }
  float total = 0;
  for (const Vec sum : sums) total += sumOf(sum);
  volatile float result = total;  // keeps the compiler from removing the computation
  (void)result;
  return 16.0 * rounds * chains * lanes;
}

}  // namespace

extern const Kernels kernels;

const Kernels kernels = {
    FERMATA_TEXT(FERMATA_ISA),
#define FERMATA_FUNCTION(Type, name) name,
    FERMATA_OPERATIONS(FERMATA_FUNCTION)
#undef FERMATA_FUNCTION
};

}  // namespace fermata::FERMATA_ISA
