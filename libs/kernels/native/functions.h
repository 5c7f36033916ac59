// Elementary functions of vectors. NaN stays NaN.
#pragma once

#include "simd.h"

namespace fermata::FERMATA_ISA {

// 2^(x · scale) for x · scale in [-126, 127] (callers clamp), with a relative error of about 3e-7.
FERMATA_INLINE Vec powerOfTwo(Vec x, float scale) {
  // Adding this leaves the nearest integer in the low bits of the sum.
  constexpr float toInteger = 12582912.0f;
  const Vec sum = x * scale + toInteger;
  const Vec fraction = x * scale - (sum - toInteger);
  // The best polynomial of degree 5 on [-1/2, 1/2].
  Vec power = broadcast(1.3397744e-3f);
  power = power * fraction + 9.6184373e-3f;
  power = power * fraction + 5.5503318e-2f;
  power = power * fraction + 2.4022648e-1f;
  power = power * fraction + 6.9314718e-1f;
  power = power * fraction + 1.0000000f;
  return bitsOf(toBits(power) + (toBits(sum) << 23));
}

constexpr float log2OfE = 1.44269504f;

FERMATA_INLINE Vec exp(Vec x) {
  const Vec result = powerOfTwo(clamp(x, -87.0f, 87.0f), log2OfE);
  return x < -87.0f ? Vec{} : result;
}

struct Gate {
  Vec tanh;
  Vec sigmoid;
};

// tanh(a) and sigmoid(b) with one division, to about 3e-7.
FERMATA_INLINE Gate gate(Vec a, Vec b) {
  // Beyond 9 tanh is 1 to the last bit. Beyond -60 the sigmoid is negligible, and the product of the denominators stays
  // finite.
  const Vec p = powerOfTwo(clamp(a, -9.5f, 9.5f), -2 * log2OfE);
  const Vec s = powerOfTwo(clamp(b, -60.0f, 60.0f), -log2OfE);
  const Vec onePlusP = 1.0f + p;
  const Vec onePlusS = 1.0f + s;
  const Vec inverse = 1.0f / (onePlusP * onePlusS);
  return {(1.0f - p) * (onePlusS * inverse), onePlusP * inverse};
}

}  // namespace fermata::FERMATA_ISA
