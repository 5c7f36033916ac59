// Products of matrices of any shape.
#pragma once

#include <cstddef>

namespace fermata {

struct MatrixShape {
  std::ptrdiff_t rows;  // of the result
  std::ptrdiff_t inner;
  std::ptrdiff_t columns;  // of the result
  bool transposeLeft;      // the left-hand factor is stored [inner, rows]
  bool transposeRight;     // the right-hand factor is stored [columns, inner]
};

// result [rows, columns] = left · right + bias [columns]; the bias may be null.
using Multiply = void(const MatrixShape&, const float* left, const float* right, const float* bias, float* result);

// result [columns] = the sum of the rows of x.
using SumRows = void(std::ptrdiff_t rows, std::ptrdiff_t columns, const float* x, float* result);

// result [columns, rows] = the transposed x [rows, columns].
using Transpose = void(std::ptrdiff_t rows, std::ptrdiff_t columns, const float* x, float* result);

#ifdef FERMATA_ISA
namespace FERMATA_ISA {
Multiply multiply;
SumRows sumRows;
Transpose transpose;
}  // namespace FERMATA_ISA
#endif

}  // namespace fermata
