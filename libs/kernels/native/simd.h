// One vector type for every instruction set. A source that includes this file is compiled once for each instruction
// set, into its own namespace (see dispatch.h); the compiler's vector extensions become AVX-512, AVX2, SSE2 or NEON.
#pragma once

#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <immintrin.h>
#endif

#if defined(__AVX512F__)
#define FERMATA_VECTOR_BYTES 64
#elif defined(__AVX2__)
#define FERMATA_VECTOR_BYTES 32
#else
#define FERMATA_VECTOR_BYTES 16
#endif

#define FERMATA_INLINE inline __attribute__((always_inline))
// Goes behind the parameters of a lambda that the compiler must inline.
#define FERMATA_INLINED __attribute__((always_inline))
#define FERMATA_UNROLL _Pragma("GCC unroll 16")

namespace fermata::FERMATA_ISA {

// Number of values in a vector.
constexpr int lanes = FERMATA_VECTOR_BYTES / sizeof(float);

// Vectors of a row that a micro-kernel computes at a time: 6 rows of them, the vectors of the other factor and a
// broadcast must fit the registers (32 in AVX-512 and NEON, 16 in AVX2 and SSE2).
#if defined(__AVX512F__) || defined(__ARM_NEON)
constexpr int maximalVectors = 4;
#else
constexpr int maximalVectors = 2;
#endif
constexpr int maximalRows = 6;

typedef float Vec __attribute__((vector_size(FERMATA_VECTOR_BYTES)));
typedef std::int32_t IntVec __attribute__((vector_size(FERMATA_VECTOR_BYTES)));
typedef std::uint32_t UintVec __attribute__((vector_size(FERMATA_VECTOR_BYTES)));
typedef std::int16_t ShortVec __attribute__((vector_size(FERMATA_VECTOR_BYTES)));
// One value per lane.
typedef std::int16_t HalfVec __attribute__((vector_size(FERMATA_VECTOR_BYTES / 2)));

FERMATA_INLINE Vec load(const float* from) {
  Vec value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

FERMATA_INLINE void store(float* to, Vec value) { std::memcpy(to, &value, sizeof value); }

FERMATA_INLINE Vec broadcast(float value) { return value - Vec{}; }

FERMATA_INLINE Vec bitsOf(UintVec bits) {
  Vec value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

FERMATA_INLINE UintVec toBits(Vec value) {
  UintVec bits;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

// Clamps to `low` … `high`; NaN stays NaN. (The x86 instructions return their second operand if either is NaN, but
// compilers do not derive that from a comparison.)
FERMATA_INLINE Vec clamp(Vec value, float low, float high) {
#if defined(__AVX512F__)
  return _mm512_min_ps(broadcast(high), _mm512_max_ps(broadcast(low), value));
#elif defined(__AVX2__)
  return _mm256_min_ps(broadcast(high), _mm256_max_ps(broadcast(low), value));
#else
  const Vec least = broadcast(low), most = broadcast(high);
  const Vec raised = least > value ? least : value;
  return most < raised ? most : raised;
#endif
}

// Multiplies two pairs of 16-bit integers in each lane and sums the two products.
FERMATA_INLINE IntVec multiplyPairs(IntVec a, IntVec b) {
#if defined(__AVX512BW__)
  return reinterpret_cast<IntVec>(_mm512_madd_epi16(reinterpret_cast<__m512i>(a), reinterpret_cast<__m512i>(b)));
#elif defined(__AVX2__)
  return reinterpret_cast<IntVec>(_mm256_madd_epi16(reinterpret_cast<__m256i>(a), reinterpret_cast<__m256i>(b)));
#elif defined(__SSE2__)
  return reinterpret_cast<IntVec>(_mm_madd_epi16(reinterpret_cast<__m128i>(a), reinterpret_cast<__m128i>(b)));
#else
  return ((a << 16) >> 16) * ((b << 16) >> 16) + (a >> 16) * (b >> 16);
#endif
}

FERMATA_INLINE float sumOf(Vec value) {
  float sum = 0;
  for (int lane = 0; lane < lanes; lane++) sum += value[lane];
  return sum;
}

}  // namespace fermata::FERMATA_ISA
