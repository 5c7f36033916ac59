#include "head.h"

#include <cmath>
#include <vector>

#include "functions.h"
#include "panels.h"
#include "rows.h"
#include "slots.h"
#include "threads.h"

namespace fermata::FERMATA_ISA {
namespace {

// Number of rows whose logits are kept at a time.
constexpr int tileRows = 48;

Vec rectify(Vec value) { return value < 0.0f ? Vec{} : value; }

// The larger of two values; NaN if the second is NaN.
Vec larger(Vec a, Vec b) { return a > b ? a : b; }

Panels packed(const float* kernel, int inner, int columns) {
  Panels panels(padded(columns) / lanes, {inner});
  panels.fill(0, 0, 0, {kernel, inner, columns, columns, 1});
  return panels;
}

Panels packedTransposed(const float* kernel, int rows, int columns) {
  Panels panels(padded(rows) / lanes, {columns});
  panels.fill(0, 0, 0, {kernel, columns, rows, 1, columns});
  return panels;
}

Buffer paddedVector(const float* values, int size, float filling) {
  Buffer result(padded(size));
  std::fill_n(result.data(), padded(size), filling);
  std::copy_n(values, size, result.data());
  return result;
}

// Working memory of one thread.
struct Tile {
  explicit Tile(const HeadShape& shape)
      : skip(padded(shape.skip)),
        hidden(padded(shape.hidden)),
        symbols(padded(shape.symbols)),
        rectified(tileRows * skip),
        hiddenUnits(tileRows * hidden),
        hiddenGradient(tileRows * hidden),
        logits(tileRows * symbols) {}

  const int skip, hidden, symbols;
  Buffer rectified;       // [rows, skip]
  Buffer hiddenUnits;     // [rows, hidden], after the ReLU
  Buffer hiddenGradient;  // [rows, hidden]
  Buffer logits;          // [rows, symbols]
};

class Head {
 public:
  Head(const HeadShape& shape, const HeadWeights<const float>& weights)
      : shape(shape),
        hiddenKernel(packed(weights.hiddenKernel, shape.skip, shape.hidden)),
        logitsKernel(packed(weights.logitsKernel, shape.hidden, shape.symbols)),
        hiddenBias(paddedVector(weights.hiddenBias, shape.hidden, 0.0f)),
        // Padding symbols get no probability.
        logitsBias(paddedVector(weights.logitsBias, shape.symbols, -1e30f)) {}

  void computeLogits(int rows, const float* skips, Tile& tile) const {
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < tile.skip; column += lanes) {
        store(tile.rectified.data() + row * tile.skip + column, rectify(load(skips + row * tile.skip + column)));
      }
    }
    apply(rows, tile.rectified.data(), tile.skip, hiddenKernel, hiddenBias, tile.hiddenUnits.data(), true);
    apply(rows, tile.hiddenUnits.data(), tile.hidden, logitsKernel, logitsBias, tile.logits.data(), false);
  }

  // Turns a row of logits into exponentials and returns their sum and the logarithm of the softmax's denominator.
  struct Softmax {
    float sum;
    float logTotal;
  };
  Softmax exponentiate(float* logits) const {
    const int symbols = padded(shape.symbols);
    Vec most = load(logits);
    for (int i = lanes; i < symbols; i += lanes) most = larger(most, load(logits + i));
    float largest = most[0];
    for (int lane = 1; lane < lanes; lane++) largest = largest > most[lane] ? largest : most[lane];
    Vec total = Vec{};
    for (int i = 0; i < symbols; i += lanes) {
      const Vec value = exp(load(logits + i) - largest);
      store(logits + i, value);
      total += value;
    }
    const float sum = sumOf(total);
    return {sum, largest + std::log(sum)};
  }

 private:
  static void apply(int rows, const float* x, int pitch, const Panels& kernel, const Buffer& bias, float* result,
                    bool rectified) {
    const int resultPitch = kernel.vectors * lanes;
    multiplyPanels(
        rows, kernel, [&](int, int row) FERMATA_INLINED { return x + row * pitch; },
        [&](int) FERMATA_INLINED { return bias.data(); },
        [&](int row, int vector, auto& block) FERMATA_INLINED {
          forEachRow(block, [&](int m, auto& sums) FERMATA_INLINED {
            if (rectified) {
              for (Vec& sum : sums) sum = rectify(sum);
            }
            storeAll(result + (row + m) * resultPitch + vector * lanes, sums);
          });
        });
  }

  const HeadShape& shape;
  const Panels hiddenKernel, logitsKernel;
  const Buffer hiddenBias, logitsBias;
};

// Sums over the rows of one slot.
struct Sums {
  explicit Sums(const Tile& tile, const HeadShape& shape)
      : hiddenKernel(shape.skip * tile.hidden),
        hiddenBias(tile.hidden),
        logitsKernel(shape.hidden * tile.symbols),
        logitsBias(tile.symbols) {
    for (Buffer* sum : {&hiddenKernel, &hiddenBias, &logitsKernel, &logitsBias}) sum->zero();
  }

  Buffer hiddenKernel, hiddenBias, logitsKernel, logitsBias;
};

class HeadGradients {
 public:
  HeadGradients(const HeadShape& shape, const HeadWeights<const float>& weights)
      : shape(shape),
        head(shape, weights),
        toSkips(packedTransposed(weights.hiddenKernel, shape.skip, shape.hidden)),
        toHidden(packedTransposed(weights.logitsKernel, shape.hidden, shape.symbols)) {}

  void apply(int rows, const float* skips, const std::int32_t* targets, const float* nllGradient, Tile& tile,
             Sums& sums, float* skipsGradient) const {
    head.computeLogits(rows, skips, tile);
    for (int row = 0; row < rows; row++) {
      float* logits = tile.logits.data() + row * tile.symbols;
      const float scale = nllGradient[row] / head.exponentiate(logits).sum;
      for (int i = 0; i < tile.symbols; i += lanes) store(logits + i, load(logits + i) * scale);
      logits[targets[row]] -= nllGradient[row];
    }
    accumulateOuter(tile.hiddenUnits.data(), tile.hidden, shape.hidden, tile.logits.data(), tile.symbols,
                    tile.symbols / lanes, rows, sums.logitsKernel.data(), tile.symbols);
    accumulateRows(tile.logits.data(), tile.symbols, tile.symbols / lanes, rows, sums.logitsBias.data());
    propagate(rows, tile.logits.data(), tile.symbols, toHidden, tile.hiddenUnits.data(), tile.hiddenGradient.data());
    accumulateOuter(tile.rectified.data(), tile.skip, shape.skip, tile.hiddenGradient.data(), tile.hidden,
                    tile.hidden / lanes, rows, sums.hiddenKernel.data(), tile.hidden);
    accumulateRows(tile.hiddenGradient.data(), tile.hidden, tile.hidden / lanes, rows, sums.hiddenBias.data());
    propagate(rows, tile.hiddenGradient.data(), tile.hidden, toSkips, tile.rectified.data(), skipsGradient);
  }

 private:
  // result = gradient · kernelᵀ where the unit was positive, else 0.
  static void propagate(int rows, const float* gradient, int pitch, const Panels& kernel, const float* units,
                        float* result) {
    const int resultPitch = kernel.vectors * lanes;
    thread_local Buffer zeros;
    if (zeros.size() < static_cast<std::size_t>(resultPitch)) {
      zeros.resize(resultPitch);
      zeros.zero();
    }
    multiplyPanels(
        rows, kernel, [&](int, int row) FERMATA_INLINED { return gradient + row * pitch; },
        [&](int) FERMATA_INLINED { return zeros.data(); },
        [&](int row, int vector, auto& block) FERMATA_INLINED {
          forEachRow(block, [&](int m, auto& sums) FERMATA_INLINED {
            const int at = (row + m) * resultPitch + vector * lanes;
            forEachVector(sums, [&](int n, Vec& sum) FERMATA_INLINED {
              const Vec unit = load(units + at + n * lanes);
              store(result + at + n * lanes, unit > 0.0f ? sum : Vec{});
            });
          });
        });
  }

  const HeadShape& shape;
  const Head head;
  const Panels toSkips, toHidden;
};

void addUp(const std::vector<Buffer*>& slots, int rows, int columns, float* tensor) {
  for (int row = 0; row < rows; row++) {
    float* to = tensor + static_cast<std::ptrdiff_t>(row) * columns;
    const std::ptrdiff_t at = static_cast<std::ptrdiff_t>(row) * padded(columns);
    std::copy_n(slots[0]->data() + at, columns, to);
    for (std::size_t slot = 1; slot < slots.size(); slot++) {
      const float* from = slots[slot]->data() + at;
      for (int column = 0; column < columns; column++) to[column] += from[column];
    }
  }
}

}  // namespace

void headForward(const HeadShape& shape, const float* skips, const HeadWeights<const float>& weights,
                 const std::int32_t* targets, float* nll) {
  const PaddedRows input(skips, shape.skip, shape.rows);
  const Head head(shape, weights);
  const Slots slots(shape.rows, tileRows, 64);
  parallelFor(slots.count, [&](int slot) {
    Tile tile(shape);
    for (std::ptrdiff_t begin = slots.begin(slot); begin < slots.end(slot); begin += tileRows) {
      const int rows = static_cast<int>(std::min<std::ptrdiff_t>(tileRows, slots.end(slot) - begin));
      head.computeLogits(rows, input.data() + begin * tile.skip, tile);
      for (int row = 0; row < rows; row++) {
        float* logits = tile.logits.data() + row * tile.symbols;
        const float target = logits[targets[begin + row]];
        nll[begin + row] = head.exponentiate(logits).logTotal - target;
      }
    }
  });
}

void headBackward(const HeadShape& shape, const float* skips, const HeadWeights<const float>& weights,
                  const std::int32_t* targets, const float* nllGradient, float* skipsGradient,
                  const HeadWeights<float>& gradients) {
  const PaddedRows input(skips, shape.skip, shape.rows);
  CompactedRows output(skipsGradient, shape.skip, shape.rows);
  const HeadGradients head(shape, weights);
  const Slots slots(shape.rows, tileRows, 16);
  std::vector<Sums> sums;
  for (int slot = 0; slot < slots.count; slot++) sums.emplace_back(Tile(shape), shape);
  parallelFor(slots.count, [&](int slot) {
    Tile tile(shape);
    for (std::ptrdiff_t begin = slots.begin(slot); begin < slots.end(slot); begin += tileRows) {
      const int rows = static_cast<int>(std::min<std::ptrdiff_t>(tileRows, slots.end(slot) - begin));
      head.apply(rows, input.data() + begin * tile.skip, targets + begin, nllGradient + begin, tile, sums[slot],
                 output.data() + begin * tile.skip);
    }
  });
  output.finish();
  const auto write = [&](Buffer Sums::*member, int rows, int columns, float* tensor) {
    std::vector<Buffer*> parts;
    for (Sums& sum : sums) parts.push_back(&(sum.*member));
    addUp(parts, rows, columns, tensor);
  };
  write(&Sums::hiddenKernel, shape.skip, shape.hidden, gradients.hiddenKernel);
  write(&Sums::hiddenBias, 1, shape.hidden, gradients.hiddenBias);
  write(&Sums::logitsKernel, shape.hidden, shape.symbols, gradients.logitsKernel);
  write(&Sums::logitsBias, 1, shape.symbols, gradients.logitsBias);
}

}  // namespace fermata::FERMATA_ISA
