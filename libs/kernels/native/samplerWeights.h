// Formats of a sampler's weights: the contents of a 32-bit word, and the product with it.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>

#include "simd.h"

namespace fermata::FERMATA_ISA {

// Interface of a format:
//   operandSize(inputs)         floats in an operand of `inputs` (padded) numbers
//   writeOperand(x, inputs, to) makes an operand of `inputs` (padded) numbers
//   readsFloats                 true if an operand is the numbers themselves, and weights have no scale
//   inputsPerWord               number of inputs whose weights for one output share a word of 32 bits
//   pack(values, scale)         makes such a word
//   Sum                         type that sums a vector of outputs
//   multiplyAdd(sums, x, i, words): adds the products with the word of inputs from i · inputsPerWord on
struct Fp32Weights {
  using Word = float;
  using Sum = Vec;
  static constexpr bool readsFloats = true;
  static constexpr int inputsPerWord = 1;
  static constexpr int operandSize(int inputs) { return inputs; }
  static FERMATA_INLINE void writeOperand(const float* x, int inputs, float* to) {
    for (int i = 0; i < inputs; i += lanes) store(to + i, load(x + i));
  }
  static Word pack(const float (&values)[1], float) { return values[0]; }

  template <int Rows, int Vectors>
  static FERMATA_INLINE void multiplyAdd(Sum (&sums)[Rows][Vectors], const float* const (&x)[Rows], int i,
                                         const Word* words) {
    Vec left[Rows];
    FERMATA_UNROLL for (int m = 0; m < Rows; m++) left[m] = broadcast(x[m][i]);
    FERMATA_UNROLL for (int n = 0; n < Vectors; n++) {
      const Vec right = load(words + n * lanes);
      FERMATA_UNROLL for (int m = 0; m < Rows; m++) sums[m][n] += left[m] * right;
    }
  }
};

// Rounds only the weights. A bfloat16 is the upper half of a float, so a shift and a mask turn a word into two floats.
struct Bf16Weights {
  using Word = std::uint32_t;
  using Sum = Vec;
  static constexpr bool readsFloats = true;
  static constexpr int inputsPerWord = 2;
  static constexpr int operandSize(int inputs) { return inputs; }
  static FERMATA_INLINE void writeOperand(const float* x, int inputs, float* to) {
    Fp32Weights::writeOperand(x, inputs, to);
  }

  static Word pack(const float (&values)[2], float) { return round(values[0]) >> 16 | round(values[1]); }

  // Rounds to the nearest bfloat16, ties to even; infinity and NaN are preserved.
  static std::uint32_t round(float value) {
    std::uint32_t bits;
    std::memcpy(&bits, &value, sizeof bits);
    if (std::isnan(value)) return 0x7fc00000u;
    return (bits + 0x7fffu + ((bits >> 16) & 1)) & 0xffff0000u;
  }

  template <int Rows, int Vectors>
  static FERMATA_INLINE void multiplyAdd(Sum (&sums)[Rows][Vectors], const float* const (&x)[Rows], int i,
                                         const Word* words) {
    Vec first[Rows], second[Rows];
    FERMATA_UNROLL for (int m = 0; m < Rows; m++) {
      first[m] = broadcast(x[m][2 * i]);
      second[m] = broadcast(x[m][2 * i + 1]);
    }
    FERMATA_UNROLL for (int n = 0; n < Vectors; n++) {
      UintVec pair;
      std::memcpy(&pair, words + n * lanes, sizeof pair);
      const Vec low = bitsOf(pair << 16), high = bitsOf(pair & 0xffff0000u);
      FERMATA_UNROLL for (int m = 0; m < Rows; m++) sums[m][n] += first[m] * low;
      FERMATA_UNROLL for (int m = 0; m < Rows; m++) sums[m][n] += second[m] * high;
    }
  }
};

// Weights and operands are 8-bit integers: q · scale, with a scale for each output and each operand. Sums of their
// products are exact.
struct Int8Weights {
  using Word = std::uint32_t;
  using Sum = IntVec;
  static constexpr bool readsFloats = false;
  static constexpr int inputsPerWord = 4;

  static Word pack(const float (&values)[4], float scale) {
    Word word = 0;
    for (int k = 0; k < 4; k++) word |= static_cast<Word>(quantise(values[k], scale) & 0xff) << (8 * places[k]);
    return word;
  }

  static int quantise(float value, float scale) {
    return scale > 0 ? static_cast<int>(std::lrint(value / scale)) : 0;
  }

  // The operand begins with its scale, which is NaN if any number is NaN.
  static FERMATA_INLINE void writeOperand(const float* x, int inputs, float* to) {
    // The bits of absolute values are ordered as the values, and those of NaN are the largest.
    IntVec largestBits{};
    for (int i = 0; i < inputs; i += lanes) {
      const IntVec bits = reinterpret_cast<IntVec>(toBits(load(x + i)) & 0x7fffffffu);
      largestBits = bits > largestBits ? bits : largestBits;
    }
    const float largest = horizontalMaximum(largestBits);
    const bool negligible = largest < 1e-30f;
    to[0] = negligible ? 0 : largest * (1 / 127.0f);
    const Vec inverse = broadcast(negligible ? 0 : 127 / largest);
    for (int i = 0; i < inputs; i += lanes) writeQuantised(load(x + i) * inverse, i, to + 1);
  }

  static FERMATA_INLINE float horizontalMaximum(IntVec bits) {
    std::int32_t largest;
#if defined(__AVX512F__)
    largest = _mm512_reduce_max_epi32(reinterpret_cast<__m512i>(bits));
#else
    largest = bits[0];
    for (int lane = 1; lane < lanes; lane++) largest = std::max(largest, static_cast<std::int32_t>(bits[lane]));
#endif
    float value;
    std::memcpy(&value, &largest, sizeof value);
    return value;
  }

#if defined(__AVX512VNNI__)
  // Operands are unsigned bytes, offset by 128; `Matrix` subtracts the offset in the initial value of each sum.
  static constexpr int operandSize(int inputs) { return 1 + inputs / 4; }
  static constexpr int offset = 128;
  static constexpr int places[4] = {0, 1, 2, 3};

  static FERMATA_INLINE void writeQuantised(Vec x, int i, float* to) {
    const __m512i integers = _mm512_cvtps_epi32(x);
    const __m128i bytes = _mm_xor_si128(_mm512_cvtepi32_epi8(integers), _mm_set1_epi8(-128));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(reinterpret_cast<char*>(to) + i), bytes);
  }

  template <int Rows, int Vectors>
  static FERMATA_INLINE void multiplyAdd(Sum (&sums)[Rows][Vectors], const float* const (&x)[Rows], int i,
                                         const Word* words) {
    __m512i left[Rows];
    FERMATA_UNROLL for (int m = 0; m < Rows; m++) {
      std::int32_t four;
      std::memcpy(&four, x[m] + 1 + i, sizeof four);
      left[m] = _mm512_set1_epi32(four);
    }
    FERMATA_UNROLL for (int n = 0; n < Vectors; n++) {
      const __m512i right = _mm512_loadu_si512(words + n * lanes);
      FERMATA_UNROLL for (int m = 0; m < Rows; m++) {
        const __m512i sum = reinterpret_cast<__m512i>(sums[m][n]);
        sums[m][n] = reinterpret_cast<IntVec>(_mm512_dpbusd_epi32(sum, left[m], right));
      }
    }
  }
#else
  // Without the instruction, this multiplies pairs of 16 bits. The four weights of a word are ordered so that two
  // shifts make the pairs: the first two, then the last two.
  static constexpr int operandSize(int inputs) { return 1 + inputs / 2; }
  static constexpr int offset = 0;
  static constexpr int places[4] = {0, 2, 1, 3};

  static FERMATA_INLINE void writeQuantised(Vec x, int i, float* to) {
    // Adding this leaves the nearest integer in the low bits of the sum.
    constexpr float toInteger = 12582912.0f;
    const auto integers = __builtin_convertvector(toBits(x + toInteger), HalfVec);
    std::memcpy(reinterpret_cast<char*>(to) + 2 * i, &integers, sizeof integers);
  }

  template <int Rows, int Vectors>
  static FERMATA_INLINE void multiplyAdd(Sum (&sums)[Rows][Vectors], const float* const (&x)[Rows], int i,
                                         const Word* words) {
    IntVec first[Rows], last[Rows];
    FERMATA_UNROLL for (int m = 0; m < Rows; m++) {
      std::int32_t pairs[2];
      std::memcpy(pairs, x[m] + 1 + 2 * i, sizeof pairs);
      first[m] = pairs[0] - IntVec{};
      last[m] = pairs[1] - IntVec{};
    }
    FERMATA_UNROLL for (int n = 0; n < Vectors; n++) {
      ShortVec bytes;
      std::memcpy(&bytes, words + n * lanes, sizeof bytes);
      const IntVec low = reinterpret_cast<IntVec>((bytes << 8) >> 8), high = reinterpret_cast<IntVec>(bytes >> 8);
      FERMATA_UNROLL for (int m = 0; m < Rows; m++)
        sums[m][n] += multiplyPairs(low, first[m]) + multiplyPairs(high, last[m]);
    }
  }
#endif
};

}  // namespace fermata::FERMATA_ISA
