#include "elementwise.h"

#include <cmath>

#include "buffer.h"
#include "functions.h"
#include "slots.h"
#include "threads.h"

namespace fermata::FERMATA_ISA {
namespace {

// Fewer elements than this are not worth waking a thread.
constexpr int elementsAtATime = 16384;

// Calls f(0) … f(size − 1) in shares, each a plain loop that the compiler vectorises.
template <class Range>
void inShares(std::ptrdiff_t size, const Range& range) {
  const Slots slots(size, elementsAtATime, 256);
  parallelFor(slots.count, [&](int slot) { range(slots.begin(slot), slots.end(slot)); });
}

// Calls f for shares of rows of `size` elements each.
Slots slotsOf(std::ptrdiff_t rows, std::ptrdiff_t size) {
  return Slots(rows, static_cast<int>(std::max<std::ptrdiff_t>(1, elementsAtATime / std::max<std::ptrdiff_t>(1, size))),
               256);
}

template <class F>
void combine(std::ptrdiff_t outer, std::ptrdiff_t inner, const float* left, Strides l, const float* right, Strides r,
             float* result, const F& f) {
  const Slots slots = slotsOf(outer, inner);
  parallelFor(slots.count, [&](int slot) {
    for (std::ptrdiff_t row = slots.begin(slot); row < slots.end(slot); row++) {
      const float* a = left + row * l.outer;
      const float* b = right + row * r.outer;
      float* to = result + row * inner;
      if (l.inner != 0 && r.inner != 0) {
        for (std::ptrdiff_t i = 0; i < inner; i++) to[i] = f(a[i], b[i]);
      } else if (l.inner != 0) {
        for (std::ptrdiff_t i = 0; i < inner; i++) to[i] = f(a[i], *b);
      } else if (r.inner != 0) {
        for (std::ptrdiff_t i = 0; i < inner; i++) to[i] = f(*a, b[i]);
      } else {
        std::fill_n(to, inner, f(*a, *b));
      }
    }
  });
}

template <class F>
void apply(std::ptrdiff_t size, const float* x, float* result, const F& f) {
  inShares(size, [&](std::ptrdiff_t begin, std::ptrdiff_t end) {
    for (std::ptrdiff_t i = begin; i < end; i++) result[i] = f(x[i]);
  });
}

// The same for functions of vectors, by one thread …
template <class F>
void mapVectors(std::ptrdiff_t size, const float* x, float* result, const F& f) {
  std::ptrdiff_t i = 0;
  for (; i + lanes <= size; i += lanes) store(result + i, f(load(x + i)));
  if (i == size) return;
  float rest[lanes] = {};
  std::copy(x + i, x + size, rest);
  store(rest, f(load(rest)));
  std::copy_n(rest, size - i, result + i);
}

// … and by all.
template <class F>
void applyVectors(std::ptrdiff_t size, const float* x, float* result, const F& f) {
  inShares(size, [&](std::ptrdiff_t begin, std::ptrdiff_t end) { mapVectors(end - begin, x + begin, result + begin, f); });
}

// NaN if either is NaN, as in tfjs.
float larger(float a, float b) { return a > b || a != a ? a : b; }
float smaller(float a, float b) { return a < b || a != a ? a : b; }

float total(std::ptrdiff_t count, const float* x) {
  double sum = 0;
  for (std::ptrdiff_t i = 0; i < count; i++) sum += x[i];
  return static_cast<float>(sum);
}

}  // namespace

void binary(BinaryOperation operation, std::ptrdiff_t outer, std::ptrdiff_t inner, const float* left, Strides l,
            const float* right, Strides r, float* result) {
  const auto with = [&](const auto& f) { combine(outer, inner, left, l, right, r, result, f); };
  switch (operation) {
    case BinaryOperation::add: return with([](float a, float b) { return a + b; });
    case BinaryOperation::subtract: return with([](float a, float b) { return a - b; });
    case BinaryOperation::multiply: return with([](float a, float b) { return a * b; });
    case BinaryOperation::divide: return with([](float a, float b) { return a / b; });
    case BinaryOperation::maximum: return with(larger);
    case BinaryOperation::minimum: return with(smaller);
  }
}

void unary(UnaryOperation operation, std::ptrdiff_t size, const float* x, float* result) {
  const auto with = [&](const auto& f) { apply(size, x, result, f); };
  const auto withVectors = [&](const auto& f) { applyVectors(size, x, result, f); };
  switch (operation) {
    case UnaryOperation::absolute: return with([](float a) { return std::fabs(a); });
    case UnaryOperation::exponential: return with([](float a) { return std::exp(a); });
    case UnaryOperation::logarithm: return with([](float a) { return std::log(a); });
    case UnaryOperation::negate: return with([](float a) { return -a; });
    case UnaryOperation::rectify: return with([](float a) { return a < 0.0f ? 0.0f : a; });
    case UnaryOperation::round: return with([](float a) { return std::nearbyint(a); });  // rounds halves to even
    case UnaryOperation::sigmoid: return withVectors([](Vec a) { return gate(Vec{}, a).sigmoid; });
    case UnaryOperation::square: return with([](float a) { return a * a; });
    case UnaryOperation::squareRoot: return with([](float a) { return std::sqrt(a); });
    case UnaryOperation::step: return with([](float a) { return a != a ? a : a > 0.0f ? 1.0f : 0.0f; });
    case UnaryOperation::tanh: return withVectors([](Vec a) { return gate(a, Vec{}).tanh; });
  }
}

void reduce(Reduction reduction, std::ptrdiff_t outer, std::ptrdiff_t count, std::ptrdiff_t inner, const float* x,
            float* result) {
  const float scale = reduction == Reduction::mean ? 1.0f / static_cast<float>(count) : 1.0f;
  // A full reduction sums shares first, so that all threads take part.
  if (outer == 1 && inner == 1 && reduction != Reduction::maximum && count > elementsAtATime) {
    const Slots slots(count, elementsAtATime, 64);
    Buffer sums(slots.count);
    parallelFor(slots.count, [&](int slot) {
      sums.data()[slot] = total(slots.end(slot) - slots.begin(slot), x + slots.begin(slot));
    });
    *result = total(slots.count, sums.data()) * scale;
    return;
  }
  const Slots slots = slotsOf(outer, count * inner);
  parallelFor(slots.count, [&](int slot) {
    for (std::ptrdiff_t row = slots.begin(slot); row < slots.end(slot); row++) {
      const float* from = x + row * count * inner;
      float* to = result + row * inner;
      if (inner == 1 && reduction != Reduction::maximum) {
        *to = total(count, from) * scale;
        continue;
      }
      std::fill_n(to, inner, reduction == Reduction::maximum ? -INFINITY : 0.0f);
      for (std::ptrdiff_t i = 0; i < count; i++) {
        const float* values = from + i * inner;
        if (reduction == Reduction::maximum) {
          for (std::ptrdiff_t k = 0; k < inner; k++) to[k] = larger(to[k], values[k]);
        } else {
          for (std::ptrdiff_t k = 0; k < inner; k++) to[k] += values[k];
        }
      }
      if (reduction == Reduction::mean) {
        for (std::ptrdiff_t k = 0; k < inner; k++) to[k] *= scale;
      }
    }
  });
}

void argumentOf(bool largest, std::ptrdiff_t rows, std::ptrdiff_t columns, const float* x, std::int32_t* result) {
  const Slots slots = slotsOf(rows, columns);
  parallelFor(slots.count, [&](int slot) {
    for (std::ptrdiff_t row = slots.begin(slot); row < slots.end(slot); row++) {
      const float* values = x + row * columns;
      std::int32_t best = 0;
      for (std::ptrdiff_t i = 1; i < columns; i++) {
        if (largest ? values[i] > values[best] : values[i] < values[best]) best = static_cast<std::int32_t>(i);
      }
      result[row] = best;
    }
  });
}

void choose(std::ptrdiff_t size, const std::uint8_t* condition, const float* left, const float* right, float* result) {
  inShares(size, [&](std::ptrdiff_t begin, std::ptrdiff_t end) {
    for (std::ptrdiff_t i = begin; i < end; i++) result[i] = condition[i] != 0 ? left[i] : right[i];
  });
}

void softmax(std::ptrdiff_t rows, std::ptrdiff_t columns, const float* x, float* result) {
  const Slots slots = slotsOf(rows, columns);
  parallelFor(slots.count, [&](int slot) {
    for (std::ptrdiff_t row = slots.begin(slot); row < slots.end(slot); row++) {
      const float* from = x + row * columns;
      float* to = result + row * columns;
      float largest = -INFINITY;
      for (std::ptrdiff_t i = 0; i < columns; i++) largest = larger(largest, from[i]);
      mapVectors(columns, from, to, [&](Vec value) { return exp(value - largest); });
      const float inverse = 1.0f / total(columns, to);
      for (std::ptrdiff_t i = 0; i < columns; i++) to[i] *= inverse;
    }
  });
}

void repeatRows(std::ptrdiff_t rows, std::ptrdiff_t times, std::ptrdiff_t columns, float factor, const float* x,
                float* result) {
  const Slots slots = slotsOf(rows, times * columns);
  parallelFor(slots.count, [&](int slot) {
    for (std::ptrdiff_t row = slots.begin(slot); row < slots.end(slot); row++) {
      for (std::ptrdiff_t i = 0; i < times; i++) {
        float* to = result + (row * times + i) * columns;
        for (std::ptrdiff_t column = 0; column < columns; column++) to[column] = x[row * columns + column] * factor;
      }
    }
  });
}

}  // namespace fermata::FERMATA_ISA
