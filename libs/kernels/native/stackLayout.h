// Memory layout of a stack's data.
#pragma once

#include <algorithm>
#include <cstddef>
#include <numeric>

#include "buffer.h"
#include "convolution.h"
#include "pipeline.h"
#include "stack.h"

namespace fermata {

// Timesteps that pass through the products of a layer at a time: few enough to stay in the first-level cache.
constexpr int tileRows = 96;

struct StackLayout {
  explicit StackLayout(const StackShape& shape)
      : shape(shape),
        rows(static_cast<std::ptrdiff_t>(shape.batch) * shape.time),
        channels(padded(shape.channels)),
        gate(padded(shape.gate)),
        skip(padded(shape.skip)),
        codes(shape.time / shape.hop) {}

  // First row of a sequence.
  std::ptrdiff_t rowOf(int batch, int t = 0) const { return static_cast<std::ptrdiff_t>(batch) * shape.time + t; }

  int tapOffset(int layer, int tap) const {
    return fermata::tapOffset(shape.width, shape.causal, shape.dilations[layer], tap);
  }

  // Parts of the saved values: a layer's tanh and sigmoid, [rows, 2, gate], then its residual output, [rows, channels].
  std::ptrdiff_t activations(int layer) const { return layer * rows * (2 * gate + channels); }
  std::ptrdiff_t output(int layer) const { return activations(layer) + rows * 2 * gate; }

  bool last(int layer) const { return layer + 1 == shape.layers(); }

  // Length of the runs that time is cut into: short enough that the data passed between stages stay in the second-level
  // cache; a multiple of tiles, at least two, and of the conditioning's timesteps. It depends on the shape alone.
  int runLength() const {
    constexpr int floatsInCache = 100000;
    const int perRow = 2 * channels + skip;
    const int unit = std::lcm(tileRows, shape.hop);
    return std::max((2 * tileRows + unit - 1) / unit, floatsInCache / (perRow * unit)) * unit;
  }

  // Number of later runs that a centred stack reads.
  int reach() const {
    if (shape.causal) return 0;
    const int dilation = *std::max_element(shape.dilations.begin(), shape.dilations.end());
    const int span = (shape.width - 1) / 2 * dilation;
    return std::max(1, (span + runLength() - 1) / runLength());
  }

  const StackShape& shape;
  const std::ptrdiff_t rows;
  const int channels;
  const int gate;
  const int skip;
  const int codes;
};

}  // namespace fermata
