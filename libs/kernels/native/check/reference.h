// The operations computed directly from their formulas, in double precision.
#pragma once

#include <array>
#include <vector>

#include "check.h"

namespace fermata::check {

// A layer's weights, or their gradients, in the order of `LayerWeights`.
template <class Float>
using LayerArrays = std::array<std::vector<Float>, 7>;
enum LayerArray { kernel, bias, residualKernel, residualBias, skipKernel, skipBias, conditioningKernel };

// A stack's inputs, or their gradients, each exactly as large as necessary.
template <class Float>
struct StackArrays {
  std::vector<Float> x;
  std::vector<Float> conditioning;
  std::vector<LayerArrays<Float>> layers;

  // `make` returns an array of the given size.
  template <class Make>
  StackArrays(const StackShape& shape, const Make& make);

  // All arrays: x, the conditioning, and those of the layers.
  std::vector<std::vector<Float>> list() const;
};

template <class Float>
template <class Make>
StackArrays<Float>::StackArrays(const StackShape& shape, const Make& make) {
  const auto size = [](auto... sizes) { return (static_cast<std::size_t>(sizes) * ...); };
  x = make(size(shape.batch, shape.time, shape.channels));
  conditioning = make(size(shape.batch, shape.time / shape.hop, shape.conditioning));
  for (int layer = 0; layer < shape.layers(); layer++) {
    const int outputs = layer + 1 == shape.layers() ? 0 : shape.channels;
    layers.push_back({make(size(shape.width, shape.channels, 2 * shape.gate)), make(size(2 * shape.gate)),
                      make(size(shape.gate, outputs)), make(size(outputs)), make(size(shape.gate, shape.skip)),
                      make(size(shape.skip)), make(size(shape.conditioning, 2 * shape.gate))});
  }
}

template <class Float>
std::vector<std::vector<Float>> StackArrays<Float>::list() const {
  std::vector<std::vector<Float>> all{x, conditioning};
  for (const LayerArrays<Float>& layer : layers) all.insert(all.end(), layer.begin(), layer.end());
  return all;
}

// The pointers to a layer's arrays.
template <class Float, class Arrays>
LayerWeights<Float> layerWeights(Arrays& arrays) {
  return {arrays[kernel].data(),   arrays[bias].data(),     arrays[residualKernel].data(),
          arrays[residualBias].data(), arrays[skipKernel].data(), arrays[skipBias].data(),
          arrays[conditioningKernel].data()};
}

// A stack of gated residual layers (van den Oord et al., 2016, figure 4).
class StackReference {
 public:
  StackReference(const StackShape& shape, const StackArrays<float>& inputs);

  // [batch, time, skip]
  Doubles skips;

  StackArrays<double> gradients(const Floats& skipsGradient) const;

 private:
  void applyLayer(int layer);
  void enterLayer(int layer, const Floats& skipsGradient, Doubles& outputGradient,
                  StackArrays<double>& gradients) const;
  // Calls f(row that a tap of a timestep reads, tap) for each tap within the sequence.
  template <class F>
  void forTaps(int layer, int b, int t, const F& f) const;
  std::size_t codeOf(int b, int t) const {
    return static_cast<std::size_t>(b) * (shape.time / shape.hop) + t / shape.hop;
  }

  const StackShape& shape;
  const StackArrays<float>& inputs;
  const std::size_t rows;
  std::vector<Doubles> xs;     // for each layer, [rows, channels]
  std::vector<Doubles> gates;  // for each layer tanh and sigmoid, [rows, 2·gate]
};

// The weights of a head, or their gradients: hidden kernel and bias, kernel and bias of the logits.
template <class Float>
using HeadArrays = std::array<std::vector<Float>, 4>;

template <class Float, class Arrays>
HeadWeights<Float> headWeights(Arrays& arrays) {
  return {arrays[0].data(), arrays[1].data(), arrays[2].data(), arrays[3].data()};
}

struct HeadReference {
  HeadReference(const HeadShape& shape, const Doubles& skips, const HeadArrays<float>& weights);

  Doubles nll(const Integers& targets) const;

  struct Gradients {
    Doubles skips;
    HeadArrays<double> weights;
  };
  Gradients gradients(const Integers& targets, const Floats& nllGradient) const;

  const HeadShape& shape;
  const Doubles& skips;
  const HeadArrays<float>& weights;
  Doubles hidden;  // [rows, hidden], after the ReLU
  Doubles logits;  // [rows, symbols]
  Doubles totals;  // [rows]: the logarithm of the softmax's denominator
};

}  // namespace fermata::check
