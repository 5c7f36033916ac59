#include <algorithm>
#include <cmath>
#include <limits>

#include "check.h"

namespace fermata::check {
namespace {

// The larger and the smaller of two numbers; NaN if either is NaN.
double larger(double a, double b) { return std::isnan(a) || std::isnan(b) ? a + b : std::max(a, b); }
double smaller(double a, double b) { return std::isnan(a) || std::isnan(b) ? a + b : std::min(a, b); }

// Numbers with some that are not finite.
Floats mixed(std::size_t size, Random& random) {
  Floats values = random.floats(size, 3);
  constexpr float infinity = std::numeric_limits<float>::infinity();
  for (std::size_t i = 0; i + 8 < size; i += 8)
    values[i + random.between(0, 7)] = random.coin() ? 0.0f : random.coin() ? infinity : std::nanf("");
  return values;
}

// Computed in float, for equality with the operations.
double combine(BinaryOperation operation, float a, float b) {
  switch (operation) {
    case BinaryOperation::add: return a + b;
    case BinaryOperation::subtract: return a - b;
    case BinaryOperation::multiply: return a * b;
    case BinaryOperation::divide: return a / b;
    case BinaryOperation::maximum: return larger(a, b);
    case BinaryOperation::minimum: return smaller(a, b);
  }
  return 0;
}

void checkBinary(BinaryOperation operation, std::ptrdiff_t outer, std::ptrdiff_t inner, Random& random) {
  const auto strides = [&] {
    const bool outside = random.coin(), inside = random.coin();
    return Strides{outside ? (inside ? inner : 1) : 0, inside ? 1 : 0};
  };
  const Strides l = strides(), r = strides();
  const auto sizeOf = [&](Strides s) { return (s.outer != 0 ? outer : 1) * (s.inner != 0 ? inner : 1); };
  const Floats left = mixed(sizeOf(l), random), right = mixed(sizeOf(r), random);
  Doubles expected(outer * inner);
  for (std::ptrdiff_t row = 0; row < outer; row++) {
    for (std::ptrdiff_t i = 0; i < inner; i++)
      expected[row * inner + i] =
          combine(operation, left[row * l.outer + i * l.inner], right[row * r.outer + i * r.inner]);
  }
  checkOperation(describe("binary", static_cast<int>(operation), outer, inner, l.outer, l.inner, r.outer, r.inner),
                 [&](const Kernels& kernels) {
                   Floats result = unset(outer * inner);
                   kernels.binary(operation, outer, inner, left.data(), l, right.data(), r, result.data());
                   return Outputs{result};
                 },
                 {expected}, 0);
}

double applyTo(UnaryOperation operation, double x) {
  switch (operation) {
    case UnaryOperation::absolute: return std::fabs(x);
    case UnaryOperation::exponential: return std::exp(x);
    case UnaryOperation::logarithm: return std::log(x);
    case UnaryOperation::negate: return -x;
    case UnaryOperation::rectify: return x < 0 ? 0 : x;
    case UnaryOperation::round: return std::nearbyint(x);
    case UnaryOperation::sigmoid: return 1 / (1 + std::exp(-x));
    case UnaryOperation::square: return x * x;
    case UnaryOperation::squareRoot: return std::sqrt(x);
    case UnaryOperation::step: return std::isnan(x) ? x : x > 0 ? 1 : 0;
    case UnaryOperation::tanh: return std::tanh(x);
  }
  return 0;
}

void checkUnary(UnaryOperation operation, std::size_t size, Random& random) {
  const Floats x = mixed(size, random);
  Doubles expected(size);
  for (std::size_t i = 0; i < size; i++) expected[i] = applyTo(operation, x[i]);
  checkOperation(describe("unary", static_cast<int>(operation), size), [&](const Kernels& kernels) {
    Floats result = unset(size);
    kernels.unary(operation, size, x.data(), result.data());
    return Outputs{result};
  }, {expected}, 4e-6);
}

void checkReduce(Reduction reduction, std::ptrdiff_t outer, std::ptrdiff_t count, std::ptrdiff_t inner,
                 Random& random) {
  // Positive numbers, so that the sum is at least as large as each term.
  Floats x = random.floats(outer * count * inner);
  for (float& value : x) value += 1.5f;
  Doubles expected(outer * inner, reduction == Reduction::maximum ? -INFINITY : 0);
  for (std::ptrdiff_t row = 0; row < outer; row++) {
    for (std::ptrdiff_t i = 0; i < count; i++) {
      for (std::ptrdiff_t k = 0; k < inner; k++) {
        double& to = expected[row * inner + k];
        const double value = x[(row * count + i) * inner + k];
        to = reduction == Reduction::maximum ? larger(to, value) : to + value;
      }
    }
  }
  if (reduction == Reduction::mean) {
    for (double& value : expected) value /= static_cast<double>(count);
  }
  checkOperation(describe("reduce", static_cast<int>(reduction), outer, count, inner), [&](const Kernels& kernels) {
    Floats result = unset(outer * inner);
    kernels.reduce(reduction, outer, count, inner, x.data(), result.data());
    return Outputs{result};
  }, {expected}, 1e-5);
}

void checkArgumentOf(bool largest, std::ptrdiff_t rows, std::ptrdiff_t columns, Random& random) {
  const Floats x = toFloats(random.integers(rows * columns, 20));  // includes ties
  Doubles expected(rows);
  for (std::ptrdiff_t row = 0; row < rows; row++) {
    const auto begin = x.begin() + row * columns, end = begin + columns;
    const auto best = largest ? std::max_element(begin, end) : std::min_element(begin, end);
    expected[row] = static_cast<double>(best - begin);
  }
  checkOperation(describe("argumentOf", largest, rows, columns), [&](const Kernels& kernels) {
    Integers result(rows, -1);
    kernels.argumentOf(largest, rows, columns, x.data(), result.data());
    return Outputs{toFloats(result)};
  }, {expected}, 0);
}

void checkRepeatRows(std::ptrdiff_t rows, std::ptrdiff_t times, std::ptrdiff_t columns, Random& random) {
  const Floats x = random.floats(rows * columns);
  Doubles expected;
  for (std::ptrdiff_t i = 0; i < rows * times * columns; i++)
    expected.push_back(x[i / (times * columns) * columns + i % columns] * 0.5);
  checkOperation(describe("repeatRows", rows, times, columns), [&](const Kernels& kernels) {
    Floats result = unset(rows * times * columns);
    kernels.repeatRows(rows, times, columns, 0.5f, x.data(), result.data());
    return Outputs{result};
  }, {expected}, 0);
}

// More elements than a thread takes at a time, and more than one share for each thread.
constexpr int severalShares = 40000;
constexpr int longShares = 1100000;

void checkChoose(std::size_t size, Random& random) {
  const Floats left = mixed(size, random), right = mixed(size, random);
  std::vector<std::uint8_t> condition(size);
  Doubles expected(size);
  for (std::size_t i = 0; i < size; i++) {
    condition[i] = random.coin() ? 1 : 0;
    expected[i] = condition[i] != 0 ? left[i] : right[i];
  }
  checkOperation(describe("choose", size), [&](const Kernels& kernels) {
    Floats result = unset(size);
    kernels.choose(size, condition.data(), left.data(), right.data(), result.data());
    return Outputs{result};
  }, {expected}, 0);
}

void checkSoftmax(std::ptrdiff_t rows, std::ptrdiff_t columns, Random& random) {
  Floats x = random.floats(rows * columns, 100);
  Doubles expected(x.size());
  for (std::ptrdiff_t row = 0; row < rows; row++) {
    const auto from = x.begin() + row * columns;
    if (row % 7 == 3) from[random.between(0, static_cast<int>(columns) - 1)] = std::nanf("");
    double largest = -std::numeric_limits<double>::infinity(), total = 0;
    for (std::ptrdiff_t i = 0; i < columns; i++) largest = larger(largest, from[i]);
    for (std::ptrdiff_t i = 0; i < columns; i++) total += std::exp(from[i] - largest);
    for (std::ptrdiff_t i = 0; i < columns; i++) expected[row * columns + i] = std::exp(from[i] - largest) / total;
  }
  checkOperation(describe("softmax", rows, columns), [&](const Kernels& kernels) {
    Floats result = unset(x.size());
    kernels.softmax(rows, columns, x.data(), result.data());
    return Outputs{result};
  }, {expected}, 2e-6);
}

}  // namespace

void checkElementwise() {
  Random random(4);
  for (int operation = 0; operation <= static_cast<int>(BinaryOperation::minimum); operation++) {
    for (int i = 0; i < 8; i++)
      checkBinary(static_cast<BinaryOperation>(operation), random.between(0, 9), random.between(0, 40), random);
    checkBinary(static_cast<BinaryOperation>(operation), 700, 61, random);
  }
  for (int operation = 0; operation <= static_cast<int>(UnaryOperation::tanh); operation++) {
    for (const int size : {0, 1, 3, 16, 33, 63, severalShares})
      checkUnary(static_cast<UnaryOperation>(operation), size, random);
  }
  for (const Reduction reduction : {Reduction::sum, Reduction::mean, Reduction::maximum}) {
    for (int i = 0; i < 6; i++)
      checkReduce(reduction, random.between(0, 5), random.between(1, 40), random.oneOf({0, 1, 1, 3, 20}), random);
    checkReduce(reduction, 900, 30, 3, random);
    checkReduce(reduction, 1, severalShares, 1, random);
    checkReduce(reduction, 1, longShares, 1, random);
  }
  for (const bool largest : {false, true}) {
    for (const int rows : {0, 1, 7, 5000}) checkArgumentOf(largest, rows, random.between(1, 20), random);
  }
  for (const int size : {0, 1, 33, severalShares}) checkChoose(size, random);
  for (const int rows : {0, 1, 9, 2000}) checkSoftmax(rows, random.oneOf({1, 16, 30, 256}), random);
  for (const int rows : {0, 1, 9, 3000}) checkRepeatRows(rows, random.between(0, 8), random.between(1, 20), random);
}

}  // namespace fermata::check
