// Element-wise operations: arithmetic with broadcasting, functions, and sums and choices along an axis.
#pragma once

#include <cstddef>
#include <cstdint>

namespace fermata {

enum class BinaryOperation { add, subtract, multiply, divide, maximum, minimum };
enum class UnaryOperation {
  absolute,
  exponential,
  logarithm,
  negate,
  rectify,
  round,
  sigmoid,
  square,
  squareRoot,
  step,
  tanh
};
enum class Reduction { sum, mean, maximum };

// An operand as [outer, inner]; a stride is 0 along an axis where the operand is constant.
struct Strides {
  std::ptrdiff_t outer;
  std::ptrdiff_t inner;  // 0 or 1
};

// result [outer, inner]
using Binary = void(BinaryOperation, std::ptrdiff_t outer, std::ptrdiff_t inner, const float* left, Strides,
                    const float* right, Strides, float* result);

using Unary = void(UnaryOperation, std::ptrdiff_t size, const float* x, float* result);

// result [outer, inner] from x [outer, count, inner]
using Reduce = void(Reduction, std::ptrdiff_t outer, std::ptrdiff_t count, std::ptrdiff_t inner, const float* x,
                    float* result);

// result [rows]: index of the largest or smallest element in each row of x [rows, columns]; ties give the first.
using ArgumentOf = void(bool largest, std::ptrdiff_t rows, std::ptrdiff_t columns, const float* x,
                        std::int32_t* result);

// result [rows, times, columns]: each row of x [rows, columns], multiplied by a factor and repeated `times` times.
using RepeatRows = void(std::ptrdiff_t rows, std::ptrdiff_t times, std::ptrdiff_t columns, float factor, const float* x,
                        float* result);

// result: elements of `left` where the condition is not 0, else of `right`.
using Choose = void(std::ptrdiff_t size, const std::uint8_t* condition, const float* left, const float* right,
                    float* result);

// The softmax of each row of x [rows, columns].
using Softmax = void(std::ptrdiff_t rows, std::ptrdiff_t columns, const float* x, float* result);

#ifdef FERMATA_ISA
namespace FERMATA_ISA {
Binary binary;
Unary unary;
Reduce reduce;
ArgumentOf argumentOf;
Choose choose;
Softmax softmax;
RepeatRows repeatRows;
}  // namespace FERMATA_ISA
#endif

}  // namespace fermata
