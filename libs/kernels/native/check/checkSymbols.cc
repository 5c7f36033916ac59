#include <algorithm>

#include "check.h"

namespace fermata::check {
namespace {

constexpr int symbolCount = 11;
constexpr float half = 5.5f;

// Calls f(row of the result, symbol) for every row at or after the first symbol.
template <class F>
void forSymbols(const SymbolsShape& shape, const Integers& symbols, const F& f) {
  for (int b = 0; b < shape.batch; b++) {
    for (int t = shape.delay; t < shape.time; t++) {
      const std::ptrdiff_t row = static_cast<std::ptrdiff_t>(b) * shape.time + t;
      f(row, symbols[row - shape.delay]);
    }
  }
}

void checkEmbed(const std::string& what, const SymbolsShape& shape, const Integers& symbols, const Floats& gradient,
                Random& random) {
  const std::ptrdiff_t channels = shape.channels;
  const Floats table = random.floats(symbolCount * channels);
  Doubles embedded(gradient.size()), tableGradient(table.size());
  forSymbols(shape, symbols, [&](std::ptrdiff_t row, std::ptrdiff_t symbol) {
    for (std::ptrdiff_t c = 0; c < channels; c++) {
      embedded[row * channels + c] = table[symbol * channels + c];
      tableGradient[symbol * channels + c] += gradient[row * channels + c];
    }
  });
  checkOperation("embed" + what, [&](const Kernels& kernels) {
    Floats result = unset(embedded.size()), dTable = unset(table.size());
    kernels.embed(shape, symbols.data(), table.data(), result.data());
    kernels.embedBackward(shape, symbolCount, symbols.data(), gradient.data(), dTable.data());
    return Outputs{result, dTable};
  }, {embedded, tableGradient});
}

void checkOneHot(int positions, int count, Random& random) {
  Integers indices = random.integers(positions, count + 2);
  for (std::int32_t& index : indices) index--;  // includes one index beyond each end
  Doubles expected(static_cast<std::size_t>(positions) * count);
  for (int i = 0; i < positions; i++) {
    if (indices[i] >= 0 && indices[i] < count) expected[static_cast<std::size_t>(i) * count + indices[i]] = 1;
  }
  checkOperation(describe("oneHot", positions, count), [&](const Kernels& kernels) {
    Floats result = unset(expected.size());
    kernels.oneHot(positions, count, indices.data(), result.data());
    return Outputs{result};
  }, {expected}, 0);
}

void checkScalars(const std::string& what, const SymbolsShape& shape, const Integers& symbols, const Floats& gradient,
                  Random& random) {
  const std::ptrdiff_t channels = shape.channels;
  const Floats kernel = random.floats(channels), bias = random.floats(channels);
  Doubles entered(gradient.size()), kernelGradient(channels), biasGradient(channels);
  forSymbols(shape, symbols, [&](std::ptrdiff_t row, std::int32_t symbol) {
    const double value = (symbol - static_cast<double>(half)) / half;
    for (std::ptrdiff_t c = 0; c < channels; c++) {
      entered[row * channels + c] = value * kernel[c] + bias[c];
      kernelGradient[c] += value * gradient[row * channels + c];
      biasGradient[c] += gradient[row * channels + c];
    }
  });
  checkOperation("enterScalars" + what, [&](const Kernels& kernels) {
    Floats result = unset(entered.size()), dKernel = unset(channels), dBias = unset(channels);
    kernels.enterScalars(shape, half, symbols.data(), kernel.data(), bias.data(), result.data());
    kernels.enterScalarsBackward(shape, half, symbols.data(), gradient.data(), dKernel.data(), dBias.data());
    return Outputs{result, dKernel, dBias};
  }, {entered, kernelGradient, biasGradient});
}

void checkOneHotConvolution(const OneHotConvolutionShape& shape, Random& random) {
  const std::ptrdiff_t channels = shape.channels;
  const Integers symbols = random.integers(static_cast<std::size_t>(shape.batch) * shape.time, shape.symbols);
  const Floats kernel = random.floats(shape.receptiveField * shape.symbols * channels);
  const Floats gradient = random.floats(shape.batch * (shape.time - shape.from) * channels);
  Doubles convolved(gradient.size()), kernelGradient(kernel.size());
  std::ptrdiff_t row = 0;
  for (int b = 0; b < shape.batch; b++) {
    for (int t = shape.from; t < shape.time; t++, row++) {
      for (int d = 1; d <= std::min(shape.receptiveField, t); d++) {
        const int symbol = symbols[b * shape.time + t - d];
        const std::ptrdiff_t at = ((shape.receptiveField - d) * shape.symbols + symbol) * channels;
        for (std::ptrdiff_t c = 0; c < channels; c++) {
          convolved[row * channels + c] += static_cast<double>(kernel[at + c]) / d;
          kernelGradient[at + c] += static_cast<double>(gradient[row * channels + c]) / d;
        }
      }
    }
  }
  checkOperation(describe("oneHotConvolution", shape.batch, shape.time, shape.from, shape.receptiveField,
                          shape.symbols, shape.channels), [&](const Kernels& kernels) {
    Floats result = unset(gradient.size()), dKernel = unset(kernel.size());
    kernels.oneHotConvolution(shape, symbols.data(), kernel.data(), result.data());
    kernels.oneHotConvolutionBackward(shape, symbols.data(), gradient.data(), dKernel.data());
    return Outputs{result, dKernel};
  }, {convolved, kernelGradient});
}

}  // namespace

void checkSymbols() {
  Random random(5);
  for (const int time : {0, 1, 9, 200}) {
    for (const int receptiveField : {1, 7, 33}) {
      const int batch = random.between(0, 3), from = random.between(0, time);
      checkOneHotConvolution({batch, time, from, receptiveField, random.between(1, 20), random.oneOf({1, 16, 19})},
                             random);
    }
  }
  for (const int positions : {0, 1, 64, 300}) checkOneHot(positions, random.oneOf({1, 5, 33}), random);
  for (const int batch : {0, 1, 3}) {
    for (const int time : {0, 1, 20, 1500}) {
      for (const int delay : {0, 1, 30}) {
        const SymbolsShape shape{batch, time, random.oneOf({1, 15, 16, 33}), delay};
        const Integers symbols = random.integers(static_cast<std::size_t>(batch) * time, symbolCount);
        const Floats gradient = random.floats(symbols.size() * shape.channels);
        const std::string what = describe("", batch, time, shape.channels, delay);
        checkEmbed(what, shape, symbols, gradient, random);
        checkScalars(what, shape, symbols, gradient, random);
      }
    }
  }
}

}  // namespace fermata::check
