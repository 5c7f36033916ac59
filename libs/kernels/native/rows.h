// Converts between tensors with compact rows and working memory with rows padded to whole cache lines.
#pragma once

#include <algorithm>

#include "buffer.h"

namespace fermata {

// A tensor [rows, columns] with padded rows: the tensor itself if it needs no padding, else a copy.
class PaddedRows {
 public:
  PaddedRows(const float* tensor, int columns, std::ptrdiff_t rows) : values(tensor) {
    const int pitch = padded(columns);
    if (pitch == columns) return;
    copy.resize(rows * pitch);
    copy.zero();
    for (std::ptrdiff_t row = 0; row < rows; row++)
      std::copy_n(tensor + row * columns, columns, copy.data() + row * pitch);
    values = copy.data();
  }

  const float* data() const { return values; }

 private:
  const float* values;
  Buffer copy;
};

// Padded working rows, which `finish` copies into the tensor. A null tensor means an unused result.
class CompactedRows {
 public:
  CompactedRows(float* tensor, int columns, std::ptrdiff_t rows)
      : tensor(tensor), values(tensor), columns(columns), rows(rows) {
    if (tensor != nullptr && padded(columns) == columns) return;
    copy.resize(rows * padded(columns));
    values = copy.data();
  }

  float* data() { return values; }
  void zero() { std::fill_n(values, rows * padded(columns), 0.0f); }

  void finish() const {
    if (tensor == nullptr || values == tensor) return;
    for (std::ptrdiff_t row = 0; row < rows; row++)
      std::copy_n(values + row * padded(columns), columns, tensor + row * columns);
  }

 private:
  float* const tensor;
  float* values;
  const int columns;
  const std::ptrdiff_t rows;
  Buffer copy;
};

}  // namespace fermata
