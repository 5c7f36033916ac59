// Element by element: arithmetic with broadcasting, functions, sums and choices along an axis.
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

// An operand seen as [outer, inner]: 0 where it is the same for all of an axis.
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

// result [rows]: where in x [rows, columns] each row is largest or smallest; the first of several.
using ArgumentOf = void(bool largest, std::ptrdiff_t rows, std::ptrdiff_t columns, const float* x,
                        std::int32_t* result);

// result [rows, times, columns]: each row of x [rows, columns] so many times, multiplied by a factor.
using RepeatRows = void(std::ptrdiff_t rows, std::ptrdiff_t times, std::ptrdiff_t columns, float factor, const float* x,
                        float* result);

// result: where the condition is not 0 what is in `left`, else in `right`.
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
