// The micro-kernels of all matrix products here: they keep a block of rows times a few vectors in registers along the
// whole inner dimension.
#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>

#include "simd.h"

namespace fermata::FERMATA_ISA {

template <int Rows, int Vectors>
using Block = Vec[Rows][Vectors];

// block += a · b: `rows[m]` points to row m of a. b is packed: each of `inner` steps has `Vectors` vectors.
template <int Rows, int Vectors>
FERMATA_INLINE void multiplyAdd(Block<Rows, Vectors>& block, const float* const (&rows)[Rows], const float* b,
                                int inner) {
  _Pragma("GCC unroll 8") for (int i = 0; i < inner; i++) {
    Vec right[Vectors];
    FERMATA_UNROLL for (int n = 0; n < Vectors; n++) right[n] = load(b + n * lanes);
    b += Vectors * lanes;
    FERMATA_UNROLL for (int m = 0; m < Rows; m++) {
      const Vec left = broadcast(rows[m][i]);
      FERMATA_UNROLL for (int n = 0; n < Vectors; n++) block[m][n] += left * right[n];
    }
  }
}

template <int Vectors>
FERMATA_INLINE void storeAll(float* to, const Vec (&values)[Vectors]) {
  FERMATA_UNROLL for (int n = 0; n < Vectors; n++) store(to + n * lanes, values[n]);
}

template <int Vectors>
FERMATA_INLINE void addAll(Vec (&values)[Vectors], const float* from) {
  FERMATA_UNROLL for (int n = 0; n < Vectors; n++) values[n] += load(from + n * lanes);
}

// Calls f(index, vector) for each vector of a row, unrolled.
template <int Vectors, class F>
FERMATA_INLINE void forEachVector(Vec (&values)[Vectors], const F& f) {
  FERMATA_UNROLL for (int n = 0; n < Vectors; n++) f(n, values[n]);
}

// Calls f(row, the row's vectors) for all rows, unrolled.
template <int Rows, int Vectors, class F>
FERMATA_INLINE void forEachRow(Block<Rows, Vectors>& block, const F& f) {
  FERMATA_UNROLL for (int m = 0; m < Rows; m++) f(m, block[m]);
}

// c += aᵀ · b over `steps` rows: gradients of weights. `c` is Rows x (Vectors · lanes).
template <int Rows, int Vectors>
FERMATA_INLINE void outerBlock(const float* a, std::ptrdiff_t aPitch, const float* b, std::ptrdiff_t bPitch,
                               std::ptrdiff_t steps, float* c, std::ptrdiff_t cPitch) {
  Block<Rows, Vectors> block;
  FERMATA_UNROLL for (int m = 0; m < Rows; m++)
    FERMATA_UNROLL for (int n = 0; n < Vectors; n++) block[m][n] = load(c + m * cPitch + n * lanes);
  for (std::ptrdiff_t t = 0; t < steps; t++) {
    Vec right[Vectors];
    FERMATA_UNROLL for (int n = 0; n < Vectors; n++) right[n] = load(b + n * lanes);
    FERMATA_UNROLL for (int m = 0; m < Rows; m++) {
      const Vec left = broadcast(a[m]);
      FERMATA_UNROLL for (int n = 0; n < Vectors; n++) block[m][n] += left * right[n];
    }
    a += aPitch;
    b += bPitch;
  }
  forEachRow(block, [&](int m, auto& sums) FERMATA_INLINED { storeAll(c + m * cPitch, sums); });
}

// Calls a function template with a compile-time number: f(integral_constant<1 … Most>).
template <int Most, class F>
FERMATA_INLINE void withConstant(int value, F&& f) {
  if constexpr (Most > 1) {
    if (value < Most) return withConstant<Most - 1>(value, std::forward<F>(f));
  }
  f(std::integral_constant<int, Most>{});
}

}  // namespace fermata::FERMATA_ISA
