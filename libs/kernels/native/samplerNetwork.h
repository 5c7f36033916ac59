// The weights of a WaveNet for the sampler: packed, in the order in which a step needs them.
#pragma once

#include <algorithm>
#include <deque>
#include <vector>

#include "sampler.h"
#include "samplerMatrix.h"

namespace fermata::FERMATA_ISA {

// A layer's maps. Activations before the gate consist of both halves, each padded.
template <class Weights>
struct SamplerLayer {
  SamplerLayer(const SamplerShape& shape, const LayerWeights<const float>& weights, bool last, Arena& always,
               Arena& sometimes)
      : present(tapKernel(shape, weights, shape.width - 1),
                shape.width == 1 ? gateBias(shape, weights).data() : nullptr, always),
        mix(mixKernel(shape, weights, last), mixBias(shape, weights, last).data(), always) {
    const std::vector<float> bias = gateBias(shape, weights);
    for (int tap = 0; tap + 1 < shape.width; tap++)
      past.emplace_back(tapKernel(shape, weights, tap), tap == 0 ? bias.data() : nullptr, sometimes);
    if (shape.conditioning > 0)
      conditioning.emplace_back(gateKernel(shape, weights.conditioningKernel, shape.conditioning), nullptr, sometimes);
  }

  std::deque<Matrix<Weights>> past;  // oldest first; the first tap has the bias
  Matrix<Weights> present;
  Matrix<Weights> mix;  // gated units -> skip, residual
  std::deque<Matrix<Fp32Weights>> conditioning;  // one or none; used once per code, so its format does not matter

 private:
  static DenseKernel gateKernel(const SamplerShape& shape, const float* from, int inputs) {
    const int half = padded(shape.gate);
    DenseKernel kernel(inputs, 2 * half);
    kernel.fill(0, from, shape.gate, 2 * shape.gate);
    kernel.fill(half, from + shape.gate, shape.gate, 2 * shape.gate);
    return kernel;
  }

  static std::vector<float> gateBias(const SamplerShape& shape, const LayerWeights<const float>& weights) {
    const int half = padded(shape.gate);
    std::vector<float> bias(2 * half, 0.0f);
    std::copy_n(weights.bias, shape.gate, bias.begin());
    std::copy_n(weights.bias + shape.gate, shape.gate, bias.begin() + half);
    return bias;
  }

  static DenseKernel tapKernel(const SamplerShape& shape, const LayerWeights<const float>& weights, int tap) {
    return gateKernel(shape, weights.kernel + static_cast<std::ptrdiff_t>(tap) * shape.channels * 2 * shape.gate,
                      shape.channels);
  }

  static DenseKernel mixKernel(const SamplerShape& shape, const LayerWeights<const float>& weights, bool last) {
    DenseKernel kernel(shape.gate, padded(shape.skip) + (last ? 0 : padded(shape.channels)));
    kernel.fill(0, weights.skipKernel, shape.skip, shape.skip);
    if (!last) kernel.fill(padded(shape.skip), weights.residualKernel, shape.channels, shape.channels);
    return kernel;
  }

  static std::vector<float> mixBias(const SamplerShape& shape, const LayerWeights<const float>& weights, bool last) {
    std::vector<float> bias(padded(shape.skip) + padded(shape.channels), 0.0f);
    std::copy_n(weights.skipBias, shape.skip, bias.begin());
    if (!last) std::copy_n(weights.residualBias, shape.channels, bias.begin() + padded(shape.skip));
    return bias;
  }
};

// All weights, packed.
template <class Weights>
struct SamplerNetwork {
  SamplerNetwork(const SamplerShape& shape, const SamplerWeights& weights)
      : shape(shape),
        table(static_cast<std::size_t>(shape.symbols) * padded(shape.channels)),
        layers(makeLayers(weights)),
        hidden(denseKernel(weights.hiddenKernel, shape.skip, shape.head),
               paddedBias(weights.hiddenBias, shape.head, 0).data(), always),
        // Padding symbols get no probability.
        logits(denseKernel(weights.logitsKernel, shape.head, shape.symbols),
               paddedBias(weights.logitsBias, shape.symbols, -INFINITY).data(), always) {
    const int pitch = padded(shape.channels);
    table.zero();
    for (int symbol = 0; symbol < shape.symbols; symbol++)
      std::copy_n(weights.table + symbol * shape.channels, shape.channels, table.data() + symbol * pitch);
  }

  const SamplerShape shape;
  Buffer table;
  Arena always;     // read at each step, in this order
  Arena sometimes;  // everything else
  std::deque<SamplerLayer<Weights>> layers;
  Matrix<Weights> hidden;
  Matrix<Weights> logits;

 private:
  std::deque<SamplerLayer<Weights>> makeLayers(const SamplerWeights& weights) {
    std::deque<SamplerLayer<Weights>> made;
    for (int layer = 0; layer < shape.layers(); layer++)
      made.emplace_back(shape, weights.layers[layer], layer + 1 == shape.layers(), always, sometimes);
    return made;
  }

  static DenseKernel denseKernel(const float* from, int inputs, int outputs) {
    DenseKernel kernel(inputs, padded(outputs));
    kernel.fill(0, from, outputs, outputs);
    return kernel;
  }

  static std::vector<float> paddedBias(const float* from, int outputs, float padding) {
    std::vector<float> bias(padded(outputs), padding);
    std::copy_n(from, outputs, bias.begin());
    return bias;
  }
};

}  // namespace fermata::FERMATA_ISA
