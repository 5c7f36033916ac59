// Matrix products over packed weights: [rows, inner] · [inner, columns], where the rows may come from anywhere (the taps
// of a convolution, two tensors side by side) and what is done with each block of the result is inlined.
#pragma once

#include <vector>

#include "buffer.h"
#include "products.h"

namespace fermata::FERMATA_ISA {

// The right-hand factor of a product, cut into panels of a few vectors of columns, each of which lies in memory in the
// order in which the micro-kernel reads it. The inner dimension may consist of segments, whose left-hand factors lie in
// different places.
class Panels {
 public:
  // `vectors` of columns; `inner` the size of each segment. Zero until filled.
  Panels(int vectors, std::vector<int> inner) : vectors(vectors), inner(std::move(inner)) {
    for (const int size : this->inner) totalInner += size;
    data.resize(static_cast<std::size_t>(totalInner) * vectors * lanes);
    data.zero();
  }

  // A matrix that is to be copied into panels, or a transposed one.
  struct Source {
    const float* values;
    int rows;
    int columns;
    std::ptrdiff_t rowStride;
    std::ptrdiff_t columnStride;
  };

  // Copies a matrix into a segment from row `firstRow` and vector `firstVector` on.
  void fill(int segment, int firstRow, int firstVector, const Source& source) {
    int before = firstRow;
    for (int s = 0; s < segment; s++) before += inner[s];
    for (int column = 0; column < source.columns; column += lanes) {
      const int vector = firstVector + column / lanes;
      const int first = vector / maximalVectors * maximalVectors;
      const int width = std::min(maximalVectors, vectors - first);
      const int valid = std::min(lanes, source.columns - column);
      float* to = data.data() + static_cast<std::size_t>(first) * lanes * totalInner +
                  (static_cast<std::size_t>(before) * width + (vector - first)) * lanes;
      const float* from = source.values + column * source.columnStride;
      for (int row = 0; row < source.rows; row++, to += width * lanes, from += source.rowStride) {
        for (int lane = 0; lane < valid; lane++) to[lane] = from[lane * source.columnStride];
      }
    }
  }

  const float* panel(int firstVector) const {
    return data.data() + static_cast<std::size_t>(firstVector) * lanes * totalInner;
  }

  const int vectors;
  const std::vector<int> inner;

 private:
  int totalInner = 0;
  Buffer data;
};

// Computes `rows` x panels.vectors block by block:
//   rowOf(segment, row) -> where that row of the left-hand factor begins
//   startOf(row)        -> the row that the sum starts from
//   finish(row, vector, block): takes a block whose first row and vector these are
template <class RowOf, class StartOf, class Finish>
FERMATA_INLINE void multiplyPanels(int rows, const Panels& panels, const RowOf& rowOf, const StartOf& startOf,
                                   const Finish& finish) {
  const int segments = static_cast<int>(panels.inner.size());
  for (int vector = 0; vector < panels.vectors; vector += maximalVectors) {
    withConstant<maximalVectors>(std::min(maximalVectors, panels.vectors - vector), [&](auto vectorsConstant) FERMATA_INLINED {
      constexpr int Vectors = decltype(vectorsConstant)::value;
      const auto computeRows = [&](int row, auto rowsConstant) FERMATA_INLINED {
        constexpr int Rows = decltype(rowsConstant)::value;
        Block<Rows, Vectors> block;
        FERMATA_UNROLL for (int m = 0; m < Rows; m++) {
          const float* start = startOf(row + m) + vector * lanes;
          FERMATA_UNROLL for (int n = 0; n < Vectors; n++) block[m][n] = load(start + n * lanes);
        }
        const float* panel = panels.panel(vector);
        for (int segment = 0; segment < segments; segment++) {
          const float* left[Rows];
          FERMATA_UNROLL for (int m = 0; m < Rows; m++) left[m] = rowOf(segment, row + m);
          multiplyAdd<Rows, Vectors>(block, left, panel, panels.inner[segment]);
          panel += panels.inner[segment] * Vectors * lanes;
        }
        finish(row, vector, block);
      };
      int row = 0;
      for (; row + maximalRows <= rows; row += maximalRows) {
        computeRows(row, std::integral_constant<int, maximalRows>{});
      }
      if (row < rows) withConstant<maximalRows - 1>(rows - row, [&](auto constant) FERMATA_INLINED { computeRows(row, constant); });
    });
  }
}

// c[aColumns, bColumns] += aᵀ · b over `steps` rows. The columns of b are whole vectors; `c` has the pitch `cPitch`.
FERMATA_INLINE void accumulateOuter(const float* a, std::ptrdiff_t aPitch, int aColumns, const float* b,
                                    std::ptrdiff_t bPitch, int bVectors, std::ptrdiff_t steps, float* c,
                                    std::ptrdiff_t cPitch) {
  for (int vector = 0; vector < bVectors; vector += maximalVectors) {
    withConstant<maximalVectors>(std::min(maximalVectors, bVectors - vector), [&](auto vectorsConstant) FERMATA_INLINED {
      constexpr int Vectors = decltype(vectorsConstant)::value;
      const auto computeRows = [&](int row, auto rowsConstant) FERMATA_INLINED {
        outerBlock<decltype(rowsConstant)::value, Vectors>(a + row, aPitch, b + vector * lanes, bPitch, steps,
                                                           c + row * cPitch + vector * lanes, cPitch);
      };
      int row = 0;
      for (; row + maximalRows <= aColumns; row += maximalRows) {
        computeRows(row, std::integral_constant<int, maximalRows>{});
      }
      if (row < aColumns) {
        withConstant<maximalRows - 1>(aColumns - row, [&](auto constant) FERMATA_INLINED { computeRows(row, constant); });
      }
    });
  }
}

// sum[columns] += the rows of a.
FERMATA_INLINE void accumulateRows(const float* a, std::ptrdiff_t pitch, int vectors, std::ptrdiff_t steps, float* sum) {
  for (int vector = 0; vector < vectors; vector++) {
    Vec total = load(sum + vector * lanes);
    for (std::ptrdiff_t t = 0; t < steps; t++) total += load(a + t * pitch + vector * lanes);
    store(sum + vector * lanes, total);
  }
}

}  // namespace fermata::FERMATA_ISA
