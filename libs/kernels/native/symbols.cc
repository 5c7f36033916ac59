#include "symbols.h"

#include <algorithm>

#include "buffer.h"
#include "simd.h"
#include "slots.h"
#include "threads.h"

namespace fermata::FERMATA_ISA {
namespace {

constexpr int rowsAtATime = 512;

// Calls f(row of the result, symbol, or −1 before the first symbol) for the rows of a share.
template <class F>
void forRows(const SymbolsShape& shape, const Slots& slots, int slot, const std::int32_t* symbols, const F& f) {
  for (std::ptrdiff_t row = slots.begin(slot); row < slots.end(slot); row++) {
    f(row, row % shape.time < shape.delay ? -1 : symbols[row - shape.delay]);
  }
}

Slots slotsOf(const SymbolsShape& shape, int most) {
  return Slots(static_cast<std::ptrdiff_t>(shape.batch) * shape.time, rowsAtATime, most);
}

// result [batch, time, channels]: calls write(symbol, row) for each row with a symbol; zeros before the first.
template <class Write>
void enter(const SymbolsShape& shape, const std::int32_t* symbols, float* result, const Write& write) {
  const Slots slots = slotsOf(shape, 256);
  parallelFor(slots.count, [&](int slot) {
    forRows(shape, slots, slot, symbols, [&](std::ptrdiff_t row, std::int32_t symbol) {
      float* to = result + row * shape.channels;
      if (symbol < 0) {
        std::fill_n(to, shape.channels, 0.0f);
      } else {
        write(symbol, to);
      }
    });
  });
}

// Gradients of the parameters of `enter`: `size` sums over its rows, in at most `most` shares. Calls add(symbol, row of
// the gradient, sums of the share).
template <class Add>
Buffer sumOverRows(const SymbolsShape& shape, int most, std::ptrdiff_t size, const std::int32_t* symbols,
                   const float* gradient, const Add& add) {
  const Slots slots = slotsOf(shape, most);
  Buffer sums(slots.count * size);
  sums.zero();
  parallelFor(slots.count, [&](int slot) {
    forRows(shape, slots, slot, symbols, [&](std::ptrdiff_t row, std::int32_t symbol) {
      if (symbol >= 0) add(symbol, gradient + row * shape.channels, sums.data() + slot * size);
    });
  });
  for (int slot = 1; slot < slots.count; slot++) {
    for (std::ptrdiff_t i = 0; i < size; i++) sums.data()[i] += sums.data()[slot * size + i];
  }
  return sums;
}

}  // namespace

void oneHot(std::ptrdiff_t positions, int count, const std::int32_t* indices, float* result) {
  const Slots slots(positions, 64, 256);
  parallelFor(slots.count, [&](int slot) {
    for (std::ptrdiff_t position = slots.begin(slot); position < slots.end(slot); position++) {
      float* row = result + position * count;
      std::fill_n(row, count, 0.0f);
      if (indices[position] >= 0 && indices[position] < count) row[indices[position]] = 1.0f;
    }
  });
}

void embed(const SymbolsShape& shape, const std::int32_t* symbols, const float* table, float* result) {
  const std::ptrdiff_t channels = shape.channels;
  enter(shape, symbols, result,
        [&](std::int32_t symbol, float* to) { std::copy_n(table + symbol * channels, channels, to); });
}

void embedBackward(const SymbolsShape& shape, int rows, const std::int32_t* symbols, const float* gradient,
                   float* tableGradient) {
  const std::ptrdiff_t channels = shape.channels;
  const Buffer sums = sumOverRows(shape, 8, rows * channels, symbols, gradient,
                                  [&](std::int32_t symbol, const float* from, float* table) {
                                    float* sum = table + symbol * channels;
                                    for (std::ptrdiff_t i = 0; i < channels; i++) sum[i] += from[i];
                                  });
  std::copy_n(sums.data(), rows * channels, tableGradient);
}

void enterScalars(const SymbolsShape& shape, float half, const std::int32_t* symbols, const float* kernel,
                  const float* bias, float* result) {
  const std::ptrdiff_t channels = shape.channels;
  enter(shape, symbols, result, [&](std::int32_t symbol, float* to) {
    const float value = (static_cast<float>(symbol) - half) / half;
    for (std::ptrdiff_t i = 0; i < channels; i++) to[i] = value * kernel[i] + bias[i];
  });
}

void enterScalarsBackward(const SymbolsShape& shape, float half, const std::int32_t* symbols, const float* gradient,
                          float* kernelGradient, float* biasGradient) {
  const std::ptrdiff_t channels = shape.channels;
  const Buffer sums = sumOverRows(shape, 16, 2 * channels, symbols, gradient,
                                  [&](std::int32_t symbol, const float* from, float* sum) {
                                    const float value = (static_cast<float>(symbol) - half) / half;
                                    for (std::ptrdiff_t i = 0; i < channels; i++) {
                                      sum[i] += value * from[i];
                                      sum[channels + i] += from[i];
                                    }
                                  });
  std::copy_n(sums.data(), channels, kernelGradient);
  std::copy_n(sums.data() + channels, channels, biasGradient);
}

void oneHotConvolution(const OneHotConvolutionShape& shape, const std::int32_t* symbols, const float* kernel,
                       float* result) {
  const std::ptrdiff_t channels = shape.channels;
  const int positions = shape.time - shape.from;
  const Slots slots(static_cast<std::ptrdiff_t>(shape.batch) * positions, 16, 256);
  parallelFor(slots.count, [&](int slot) {
    for (std::ptrdiff_t row = slots.begin(slot); row < slots.end(slot); row++) {
      const std::int32_t* sequence = symbols + row / positions * shape.time;
      const int t = shape.from + static_cast<int>(row % positions);
      float* to = result + row * channels;
      std::fill_n(to, channels, 0.0f);
      for (int d = std::min(shape.receptiveField, t); d >= 1; d--) {
        const std::ptrdiff_t tap = shape.receptiveField - d;
        const float* from = kernel + (tap * shape.symbols + sequence[t - d]) * channels;
        const float share = 1.0f / static_cast<float>(d);
        for (std::ptrdiff_t i = 0; i < channels; i++) to[i] += from[i] * share;
      }
    }
  });
}

// Each tap adds to its own table, so threads need not wait for each other.
void oneHotConvolutionBackward(const OneHotConvolutionShape& shape, const std::int32_t* symbols,
                               const float* gradient, float* kernelGradient) {
  const std::ptrdiff_t channels = shape.channels;
  const int positions = shape.time - shape.from;
  parallelFor(shape.receptiveField, [&](int tap) {
    const int d = shape.receptiveField - tap;
    const float share = 1.0f / static_cast<float>(d);
    float* table = kernelGradient + static_cast<std::ptrdiff_t>(tap) * shape.symbols * channels;
    std::fill_n(table, shape.symbols * channels, 0.0f);
    for (std::ptrdiff_t batch = 0; batch < shape.batch; batch++) {
      const std::int32_t* sequence = symbols + batch * shape.time;
      for (int t = std::max(shape.from, d); t < shape.time; t++) {
        const float* from = gradient + (batch * positions + t - shape.from) * channels;
        float* to = table + sequence[t - d] * channels;
        for (std::ptrdiff_t i = 0; i < channels; i++) to[i] += from[i] * share;
      }
    }
  });
}

}  // namespace fermata::FERMATA_ISA
