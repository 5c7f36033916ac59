// Matrix products with packed weights: [rows, inner] · [inner, columns]. The rows may come from several places (the
// taps of a convolution, two tensors side by side), and the processing of each result block is inlined.
#pragma once

#include <vector>

#include "buffer.h"
#include "products.h"

namespace fermata::FERMATA_ISA {

// The right-hand factor of a product, cut into panels of a few vectors of columns. Each panel is stored in the order in
// which the micro-kernel reads it. The inner dimension may consist of segments, whose left-hand factors lie in
// different places.
class Panels {
 public:
  // `vectors` counts vectors of columns; `inner` holds the size of each segment, nonzero unless it is the only one. The
  // panels are zero until filled.
  Panels(int vectors, std::vector<int> inner) : vectors(vectors), inner(std::move(inner)) {
    for (const int size : this->inner) total += size;
    data.resize(static_cast<std::size_t>(total) * vectors * lanes);
    data.zero();
  }

  // A matrix to copy into panels, optionally transposed.
  struct Source {
    const float* values;
    int rows;
    int columns;
    std::ptrdiff_t rowStride;
    std::ptrdiff_t columnStride;
  };

  // Copies a matrix into a segment, starting at row `firstRow` and vector `firstVector`.
  void fill(int segment, int firstRow, int firstVector, const Source& source) {
    int before = firstRow;
    for (int s = 0; s < segment; s++) before += inner[s];
    for (int column = 0; column < source.columns; column += lanes) {
      const int vector = firstVector + column / lanes;
      const int first = vector / maximalVectors * maximalVectors;
      const int width = std::min(maximalVectors, vectors - first);
      const int valid = std::min(lanes, source.columns - column);
      float* to = data.data() + static_cast<std::size_t>(first) * lanes * total +
                  (static_cast<std::size_t>(before) * width + (vector - first)) * lanes;
      const float* from = source.values + column * source.columnStride;
      for (int row = 0; row < source.rows; row++, to += width * lanes, from += source.rowStride) {
        for (int lane = 0; lane < valid; lane++) to[lane] = from[lane * source.columnStride];
      }
    }
  }

  const float* panel(int firstVector) const {
    return data.data() + static_cast<std::size_t>(firstVector) * lanes * total;
  }

  int totalInner() const { return total; }

  const int vectors;
  const std::vector<int> inner;

 private:
  int total = 0;
  Buffer data;
};

// Steps of the inner dimension per block: a panel of this size fits the first-level cache.
constexpr int maximalInner = 128;

// Computes `rows` x panels.vectors block by block:
//   rowOf(segment, row) -> start of that row of the left-hand factor
//   startOf(row)        -> initial value of the sum
//   finish(row, vector, block): receives a block with its first row and vector
template <class RowOf, class StartOf, class Finish>
FERMATA_INLINE void multiplyPanels(int rows, const Panels& panels, const RowOf& rowOf, const StartOf& startOf,
                                   const Finish& finish) {
  const int segments = static_cast<int>(panels.inner.size());
  // Partial sums over a part of a long inner dimension are stored here for the next part.
  thread_local Buffer unfinished;
  for (int vector = 0; vector < panels.vectors; vector += maximalVectors) {
    withConstant<maximalVectors>(std::min(maximalVectors, panels.vectors - vector), [&](auto vectorsConstant)
                                                                                        FERMATA_INLINED {
      constexpr int Vectors = decltype(vectorsConstant)::value;
      const float* panel = panels.panel(vector);
      if (panels.totalInner() > maximalInner) unfinished.reserve(static_cast<std::size_t>(rows) * Vectors * lanes);
      // A part is a range of one segment, or the whole inner dimension if all segments are short.
      const bool whole = panels.totalInner() <= maximalInner;
      int segment = 0, step = 0;
      for (bool first = true, last = false; !last; first = false) {
        const int steps = whole ? 0 : std::min(maximalInner, panels.inner[segment] - step);
        last = whole || (segment + 1 == segments && step + steps == panels.inner[segment]);
        const auto computeRows = [&](int row, auto rowsConstant) FERMATA_INLINED {
          constexpr int Rows = decltype(rowsConstant)::value;
          Block<Rows, Vectors> block;
          float* waiting = unfinished.data() + static_cast<std::ptrdiff_t>(row) * Vectors * lanes;
          FERMATA_UNROLL for (int m = 0; m < Rows; m++) {
            const float* start = first ? startOf(row + m) + vector * lanes : waiting + m * Vectors * lanes;
            FERMATA_UNROLL for (int n = 0; n < Vectors; n++) block[m][n] = load(start + n * lanes);
          }
          const float* right = panel;
          for (int s = segment; s < (whole ? segments : segment + 1); s++) {
            const float* left[Rows];
            FERMATA_UNROLL for (int m = 0; m < Rows; m++) left[m] = rowOf(s, row + m) + step;
            const int count = whole ? panels.inner[s] : steps;
            multiplyAdd<Rows, Vectors>(block, left, right, count);
            right += count * Vectors * lanes;
          }
          if (last) {
            finish(row, vector, block);
          } else {
            forEachRow(block, [&](int m, auto& sums) FERMATA_INLINED {
              storeAll(waiting + m * Vectors * lanes, sums);
            });
          }
        };
        int row = 0;
        for (; row + maximalRows <= rows; row += maximalRows) {
          computeRows(row, std::integral_constant<int, maximalRows>{});
        }
        if (row < rows) {
          withConstant<maximalRows - 1>(rows - row,
                                        [&](auto constant) FERMATA_INLINED { computeRows(row, constant); });
        }
        panel += steps * Vectors * lanes;
        step += steps;
        if (step == panels.inner[segment]) {
          segment++;
          step = 0;
        }
      }
    });
  }
}

// A product that reads a few values of each row first copies rows of this length or more together: such long strides
// map all rows to the same few lines of the first-level cache.
constexpr std::ptrdiff_t farApart = 512;

// Some columns of `rows` rows, side by side: [rows, Width].
template <int Width>
FERMATA_INLINE void gather(const float* from, std::ptrdiff_t pitch, std::ptrdiff_t rows, int columns, float* to) {
  if (columns == Width) {
    for (std::ptrdiff_t t = 0; t < rows; t++) std::memcpy(to + t * Width, from + t * pitch, Width * sizeof(float));
  } else {
    for (std::ptrdiff_t t = 0; t < rows; t++) std::memcpy(to + t * Width, from + t * pitch, columns * sizeof(float));
  }
}

// c[aColumns, bColumns] += aᵀ · b over `steps` rows. The columns of b are whole vectors; `c` has the pitch `cPitch`.
FERMATA_INLINE void accumulateOuter(const float* a, std::ptrdiff_t aPitch, int aColumns, const float* b,
                                    std::ptrdiff_t bPitch, int bVectors, std::ptrdiff_t steps, float* c,
                                    std::ptrdiff_t cPitch) {
  thread_local Buffer gatheredLeft, gatheredRight;
  const bool gatherLeft = aPitch >= farApart, gatherRight = bPitch >= farApart;
  if (gatherLeft) {
    gatheredLeft.reserve(static_cast<std::size_t>(padded(aColumns) + maximalRows) * steps);
    for (int column = 0; column < aColumns; column += maximalRows) {
      gather<maximalRows>(a + column, aPitch, steps, std::min(maximalRows, aColumns - column),
                          gatheredLeft.data() + column * steps);
    }
  }
  for (int vector = 0; vector < bVectors; vector += maximalVectors) {
    withConstant<maximalVectors>(std::min(maximalVectors, bVectors - vector), [&](auto vectorsConstant)
                                                                                  FERMATA_INLINED {
      constexpr int Vectors = decltype(vectorsConstant)::value;
      const float* right = b + vector * lanes;
      if (gatherRight) {
        gatheredRight.reserve(steps * Vectors * lanes);
        gather<Vectors * lanes>(right, bPitch, steps, Vectors * lanes, gatheredRight.data());
        right = gatheredRight.data();
      }
      const std::ptrdiff_t leftPitch = gatherLeft ? maximalRows : aPitch;
      const std::ptrdiff_t rightPitch = gatherRight ? Vectors * lanes : bPitch;
      const auto computeRows = [&](int row, auto rowsConstant) FERMATA_INLINED {
        const float* left = gatherLeft ? gatheredLeft.data() + row * steps : a + row;
        outerBlock<decltype(rowsConstant)::value, Vectors>(left, leftPitch, right, rightPitch, steps,
                                                           c + row * cPitch + vector * lanes, cPitch);
      };
      int row = 0;
      for (; row + maximalRows <= aColumns; row += maximalRows) {
        computeRows(row, std::integral_constant<int, maximalRows>{});
      }
      if (row < aColumns) {
        withConstant<maximalRows - 1>(aColumns - row,
                                      [&](auto constant) FERMATA_INLINED { computeRows(row, constant); });
      }
    });
  }
}

// sum[columns] += the sum of the rows of a.
FERMATA_INLINE void accumulateRows(const float* a, std::ptrdiff_t pitch, int vectors, std::ptrdiff_t steps, float* sum) {
  for (int vector = 0; vector < vectors; vector++) {
    Vec total = load(sum + vector * lanes);
    for (std::ptrdiff_t t = 0; t < steps; t++) total += load(a + t * pitch + vector * lanes);
    store(sum + vector * lanes, total);
  }
}

}  // namespace fermata::FERMATA_ISA
