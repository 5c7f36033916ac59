#include "matrix.h"

#include <vector>

#include "panels.h"
#include "rows.h"
#include "slots.h"
#include "threads.h"

namespace fermata::FERMATA_ISA {
namespace {

constexpr int tileRows = 96;

// Products with left-hand factors stored as [rows, inner].
void multiplyRows(const MatrixShape& shape, const float* left, const float* right, const float* bias, float* result) {
  const int inner = static_cast<int>(shape.inner), columns = static_cast<int>(shape.columns);
  const int pitch = padded(columns);
  Panels panels(pitch / lanes, {inner});
  panels.fill(0, 0, 0,
              {right, inner, columns, shape.transposeRight ? 1 : columns, shape.transposeRight ? inner : 1});
  Buffer start(pitch);
  start.zero();
  if (bias != nullptr) std::copy_n(bias, columns, start.data());
  CompactedRows output(result, columns, shape.rows);
  const Slots slots(shape.rows, tileRows, 256);
  parallelFor(slots.count, [&](int slot) {
    for (std::ptrdiff_t begin = slots.begin(slot); begin < slots.end(slot); begin += tileRows) {
      const int rows = static_cast<int>(std::min<std::ptrdiff_t>(tileRows, slots.end(slot) - begin));
      multiplyPanels(
          rows, panels, [&](int, int row) FERMATA_INLINED { return left + (begin + row) * inner; },
          [&](int) FERMATA_INLINED { return start.data(); },
          [&](int row, int vector, auto& block) FERMATA_INLINED {
            forEachRow(block, [&](int m, auto& sums) FERMATA_INLINED {
              storeAll(output.data() + (begin + row + m) * pitch + vector * lanes, sums);
            });
          });
    }
  });
  output.finish();
}

// Products with left-hand factors stored as [inner, rows], such as gradients of weights, with a long inner dimension.
void multiplyColumns(const MatrixShape& shape, const float* left, const float* right, const float* bias,
                     float* result) {
  const int rows = static_cast<int>(shape.rows), columns = static_cast<int>(shape.columns);
  const int pitch = padded(columns);
  const PaddedRows input(right, columns, shape.inner);
  const Slots slots(shape.inner, tileRows, 16);
  const std::size_t size = static_cast<std::size_t>(rows) * pitch;
  Buffer sums(slots.count * size);
  sums.zero();
  parallelFor(slots.count, [&](int slot) {
    for (std::ptrdiff_t begin = slots.begin(slot); begin < slots.end(slot); begin += tileRows) {
      const std::ptrdiff_t steps = std::min<std::ptrdiff_t>(tileRows, slots.end(slot) - begin);
      accumulateOuter(left + begin * rows, rows, rows, input.data() + begin * pitch, pitch, pitch / lanes, steps,
                      sums.data() + slot * size, pitch);
    }
  });
  for (int row = 0; row < rows; row++) {
    for (int column = 0; column < columns; column++) {
      float sum = bias == nullptr ? 0.0f : bias[column];
      for (int slot = 0; slot < slots.count; slot++) sum += sums.data()[slot * size + row * pitch + column];
      result[static_cast<std::ptrdiff_t>(row) * columns + column] = sum;
    }
  }
}

}  // namespace

void multiply(const MatrixShape& shape, const float* left, const float* right, const float* bias, float* result) {
  if (!shape.transposeLeft) return multiplyRows(shape, left, right, bias, result);
  if (!shape.transposeRight) return multiplyColumns(shape, left, right, bias, result);
  Buffer turned(shape.inner * shape.columns);
  transpose(shape.columns, shape.inner, right, turned.data());
  multiplyColumns(shape, left, turned.data(), bias, result);
}

void sumRows(std::ptrdiff_t rows, std::ptrdiff_t columns, const float* x, float* result) {
  const Slots slots(rows, 256, 16);
  Buffer sums(slots.count * columns);
  sums.zero();
  parallelFor(slots.count, [&](int slot) {
    float* sum = sums.data() + slot * columns;
    for (std::ptrdiff_t row = slots.begin(slot); row < slots.end(slot); row++) {
      for (std::ptrdiff_t column = 0; column < columns; column++) sum[column] += x[row * columns + column];
    }
  });
  for (std::ptrdiff_t column = 0; column < columns; column++) {
    float sum = 0;
    for (int slot = 0; slot < slots.count; slot++) sum += sums.data()[slot * columns + column];
    result[column] = sum;
  }
}

void transpose(std::ptrdiff_t rows, std::ptrdiff_t columns, const float* x, float* result) {
  // Works on squares of a few cache lines, so that both sides are accessed in whole lines.
  constexpr std::ptrdiff_t side = 16;
  const Slots slots(rows, side, 256);
  parallelFor(slots.count, [&](int slot) {
    for (std::ptrdiff_t row = slots.begin(slot); row < slots.end(slot); row += side) {
      const std::ptrdiff_t rowEnd = std::min(slots.end(slot), row + side);
      for (std::ptrdiff_t column = 0; column < columns; column += side) {
        const std::ptrdiff_t columnEnd = std::min(columns, column + side);
        for (std::ptrdiff_t c = column; c < columnEnd; c++) {
          for (std::ptrdiff_t r = row; r < rowEnd; r++) result[c * rows + r] = x[r * columns + c];
        }
      }
    }
  });
}

}  // namespace fermata::FERMATA_ISA
