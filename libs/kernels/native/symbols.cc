#include "symbols.h"

#include <algorithm>

#include "buffer.h"
#include "simd.h"
#include "slots.h"
#include "threads.h"

namespace fermata::FERMATA_ISA {
namespace {

constexpr int rowsAtATime = 512;

// f(row of the result, symbol or −1 before the first) for the rows of a share.
template <class F>
void forRows(const SymbolsShape& shape, const Slots& slots, int slot, const std::int32_t* symbols, const F& f) {
  for (std::ptrdiff_t row = slots.begin(slot); row < slots.end(slot); row++) {
    f(row, row % shape.time < shape.delay ? -1 : symbols[row - shape.delay]);
  }
}

Slots slotsOf(const SymbolsShape& shape, int most) {
  return Slots(static_cast<std::ptrdiff_t>(shape.batch) * shape.time, rowsAtATime, most);
}

}  // namespace

void embed(const SymbolsShape& shape, const std::int32_t* symbols, const float* table, float* result) {
  const Slots slots = slotsOf(shape, 256);
  const std::ptrdiff_t channels = shape.channels;
  parallelFor(slots.count, [&](int slot) {
    forRows(shape, slots, slot, symbols, [&](std::ptrdiff_t row, std::int32_t symbol) {
      float* to = result + row * channels;
      if (symbol < 0) {
        std::fill_n(to, channels, 0.0f);
      } else {
        std::copy_n(table + symbol * channels, channels, to);
      }
    });
  });
}

void embedBackward(const SymbolsShape& shape, int rows, const std::int32_t* symbols, const float* gradient,
                   float* tableGradient) {
  const Slots slots = slotsOf(shape, 8);
  const std::ptrdiff_t channels = shape.channels;
  const std::ptrdiff_t size = rows * channels;
  Buffer sums(slots.count * size);
  sums.zero();
  parallelFor(slots.count, [&](int slot) {
    forRows(shape, slots, slot, symbols, [&](std::ptrdiff_t row, std::int32_t symbol) {
      if (symbol < 0) return;
      float* sum = sums.data() + slot * size + symbol * channels;
      const float* from = gradient + row * channels;
      for (std::ptrdiff_t i = 0; i < channels; i++) sum[i] += from[i];
    });
  });
  std::copy_n(sums.data(), size, tableGradient);
  for (int slot = 1; slot < slots.count; slot++) {
    const float* part = sums.data() + slot * size;
    for (std::ptrdiff_t i = 0; i < size; i++) tableGradient[i] += part[i];
  }
}

void enterScalars(const SymbolsShape& shape, float half, const std::int32_t* symbols, const float* kernel,
                  const float* bias, float* result) {
  const Slots slots = slotsOf(shape, 256);
  const std::ptrdiff_t channels = shape.channels;
  parallelFor(slots.count, [&](int slot) {
    forRows(shape, slots, slot, symbols, [&](std::ptrdiff_t row, std::int32_t symbol) {
      float* to = result + row * channels;
      if (symbol < 0) {
        std::fill_n(to, channels, 0.0f);
        return;
      }
      const float value = (static_cast<float>(symbol) - half) / half;
      for (std::ptrdiff_t i = 0; i < channels; i++) to[i] = value * kernel[i] + bias[i];
    });
  });
}

void enterScalarsBackward(const SymbolsShape& shape, float half, const std::int32_t* symbols, const float* gradient,
                          float* kernelGradient, float* biasGradient) {
  const Slots slots = slotsOf(shape, 16);
  const std::ptrdiff_t channels = shape.channels;
  Buffer sums(slots.count * 2 * channels);
  sums.zero();
  parallelFor(slots.count, [&](int slot) {
    float* kernelSum = sums.data() + slot * 2 * channels;
    float* biasSum = kernelSum + channels;
    forRows(shape, slots, slot, symbols, [&](std::ptrdiff_t row, std::int32_t symbol) {
      if (symbol < 0) return;
      const float value = (static_cast<float>(symbol) - half) / half;
      const float* from = gradient + row * channels;
      for (std::ptrdiff_t i = 0; i < channels; i++) {
        kernelSum[i] += value * from[i];
        biasSum[i] += from[i];
      }
    });
  });
  for (std::ptrdiff_t i = 0; i < channels; i++) {
    kernelGradient[i] = biasGradient[i] = 0;
    for (int slot = 0; slot < slots.count; slot++) {
      kernelGradient[i] += sums.data()[slot * 2 * channels + i];
      biasGradient[i] += sums.data()[(slot * 2 + 1) * channels + i];
    }
  }
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

// Each tap has a table of its own to add to, so that threads need not wait for each other.
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
