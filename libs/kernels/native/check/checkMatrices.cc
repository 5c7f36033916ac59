#include "check.h"

namespace fermata::check {
namespace {

Doubles product(const MatrixShape& shape, const Floats& left, const Floats& right, const Floats& bias) {
  Doubles result(shape.rows * shape.columns);
  for (std::ptrdiff_t row = 0; row < shape.rows; row++) {
    for (std::ptrdiff_t column = 0; column < shape.columns; column++) {
      double sum = bias.empty() ? 0 : bias[column];
      for (std::ptrdiff_t i = 0; i < shape.inner; i++) {
        sum += static_cast<double>(left[shape.transposeLeft ? i * shape.rows + row : row * shape.inner + i]) *
               right[shape.transposeRight ? column * shape.inner + i : i * shape.columns + column];
      }
      result[row * shape.columns + column] = sum;
    }
  }
  return result;
}

void checkMultiply(std::ptrdiff_t rows, std::ptrdiff_t inner, std::ptrdiff_t columns, Random& random) {
  const Floats left = random.floats(rows * inner), right = random.floats(inner * columns);
  for (const bool biased : {false, true}) {
    const Floats bias = random.floats(biased ? columns : 0);
    for (const int turned : {0, 1, 2, 3}) {
      const MatrixShape shape{rows, inner, columns, turned % 2 == 1, turned / 2 == 1};
      checkOperation(describe("multiply", rows, inner, columns, shape.transposeLeft, shape.transposeRight, biased),
                     [&](const Kernels& kernels) {
                       Floats result = unset(rows * columns);
                       kernels.multiply(shape, left.data(), right.data(), biased ? bias.data() : nullptr,
                                        result.data());
                       return Outputs{result};
                     },
                     {product(shape, left, right, bias)});
    }
  }
}

void checkRows(std::ptrdiff_t rows, std::ptrdiff_t columns, Random& random) {
  const Floats x = random.floats(rows * columns);
  Doubles sums(columns), turned(rows * columns);
  for (std::ptrdiff_t row = 0; row < rows; row++) {
    for (std::ptrdiff_t column = 0; column < columns; column++) {
      sums[column] += x[row * columns + column];
      turned[column * rows + row] = x[row * columns + column];
    }
  }
  checkOperation(describe("sumRows", rows, columns), [&](const Kernels& kernels) {
    Floats result = unset(columns);
    kernels.sumRows(rows, columns, x.data(), result.data());
    return Outputs{result};
  }, {sums});
  checkOperation(describe("transpose", rows, columns), [&](const Kernels& kernels) {
    Floats result = unset(rows * columns);
    kernels.transpose(rows, columns, x.data(), result.data());
    return Outputs{result};
  }, {turned}, 0);
}

}  // namespace

void checkMatrices() {
  Random random(3);
  checkOperation("multiplyAdds", [](const Kernels& kernels) {
    check(kernels.multiplyAdds(2) > 0, "multiplyAdds makes none");
    return Outputs{};
  }, {});
  for (int i = 0; i < 12; i++) {
    const auto size = [&] { return random.oneOf({1, 2, 6, 7, 15, 16, 17, 31, 48, 65, 100}); };
    checkMultiply(size(), size(), size(), random);
  }
  checkMultiply(0, 3, 4, random);
  checkMultiply(3, 0, 4, random);
  checkMultiply(3, 4, 0, random);
  // More rows, and a larger inner dimension, than a thread takes at a time.
  checkMultiply(500, 3, 5, random);
  checkMultiply(5, 3500, 18, random);
  for (const int rows : {0, 1, 17, 300, 9000}) {
    for (const int columns : {0, 1, 15, 33}) checkRows(rows, columns, random);
  }
}

}  // namespace fermata::check
