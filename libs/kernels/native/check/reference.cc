#include "reference.h"

#include <algorithm>
#include <cmath>

namespace fermata::check {

StackReference::StackReference(const StackShape& shape, const StackArrays<float>& inputs)
    : skips(static_cast<std::size_t>(shape.batch) * shape.time * shape.skip),
      shape(shape),
      inputs(inputs),
      rows(static_cast<std::size_t>(shape.batch) * shape.time) {
  xs.push_back(toDoubles(inputs.x));
  for (int layer = 0; layer < shape.layers(); layer++) applyLayer(layer);
}

template <class F>
void StackReference::forTaps(int layer, int b, int t, const F& f) const {
  for (int tap = 0; tap < shape.width; tap++) {
    const int ahead = shape.causal ? tap - (shape.width - 1) : tap - (shape.width - 1) / 2;
    const int from = t + ahead * shape.dilations[layer];
    if (from >= 0 && from < shape.time) f(static_cast<std::size_t>(b) * shape.time + from, tap);
  }
}

void StackReference::applyLayer(int layer) {
  const int channels = shape.channels, gate = shape.gate, skip = shape.skip;
  const LayerArrays<float>& weights = inputs.layers[layer];
  const Doubles& x = xs[layer];
  const bool last = layer + 1 == shape.layers();
  Doubles gated(rows * 2 * gate), output(x);
  for (int b = 0; b < shape.batch; b++) {
    for (int t = 0; t < shape.time; t++) {
      const std::size_t row = static_cast<std::size_t>(b) * shape.time + t;
      double* sums = gated.data() + row * 2 * gate;
      for (int j = 0; j < 2 * gate; j++) sums[j] = weights[bias][j];
      forTaps(layer, b, t, [&](std::size_t from, int tap) {
        for (int c = 0; c < channels; c++)
          for (int j = 0; j < 2 * gate; j++)
            sums[j] += x[from * channels + c] * weights[kernel][(tap * channels + c) * 2 * gate + j];
      });
      for (int k = 0; k < shape.conditioning; k++)
        for (int j = 0; j < 2 * gate; j++)
          sums[j] += inputs.conditioning[codeOf(b, t) * shape.conditioning + k] *
                     static_cast<double>(weights[conditioningKernel][k * 2 * gate + j]);
      for (int j = 0; j < skip; j++) skips[row * skip + j] += weights[skipBias][j];
      for (int c = 0; c < channels && !last; c++) output[row * channels + c] += weights[residualBias][c];
      for (int g = 0; g < gate; g++) {
        sums[g] = std::tanh(sums[g]);
        sums[gate + g] = 1 / (1 + std::exp(-sums[gate + g]));
        const double z = sums[g] * sums[gate + g];
        for (int j = 0; j < skip; j++) skips[row * skip + j] += z * weights[skipKernel][g * skip + j];
        for (int c = 0; c < channels && !last; c++)
          output[row * channels + c] += z * weights[residualKernel][g * channels + c];
      }
    }
  }
  gates.push_back(std::move(gated));
  if (!last) xs.push_back(std::move(output));
}

StackArrays<double> StackReference::gradients(const Floats& skipsGradient) const {
  StackArrays<double> result(shape, [](std::size_t size) { return Doubles(size); });
  Doubles gradient(rows * shape.channels);
  for (int layer = shape.layers() - 1; layer >= 0; layer--) enterLayer(layer, skipsGradient, gradient, result);
  result.x = std::move(gradient);
  return result;
}

// `outputGradient` becomes the gradient of the input.
void StackReference::enterLayer(int layer, const Floats& skipsGradient, Doubles& outputGradient,
                                StackArrays<double>& gradients) const {
  const int channels = shape.channels, gate = shape.gate, skip = shape.skip;
  const LayerArrays<float>& weights = inputs.layers[layer];
  LayerArrays<double>& sums = gradients.layers[layer];
  const bool last = layer + 1 == shape.layers();
  const int outputs = last ? 0 : channels;
  const Doubles& x = xs[layer];
  Doubles inputGradient(outputGradient);  // passed back through the residual connection; zero behind the last layer
  Doubles da(2 * gate);
  for (int b = 0; b < shape.batch; b++) {
    for (int t = 0; t < shape.time; t++) {
      const std::size_t row = static_cast<std::size_t>(b) * shape.time + t;
      const float* dSkips = skipsGradient.data() + row * skip;
      const double* dOutput = outputGradient.data() + row * channels;
      for (int j = 0; j < skip; j++) sums[skipBias][j] += dSkips[j];
      for (int c = 0; c < outputs; c++) sums[residualBias][c] += dOutput[c];
      for (int g = 0; g < gate; g++) {
        const double tanh = gates[layer][row * 2 * gate + g], sigmoid = gates[layer][row * 2 * gate + gate + g];
        double dz = 0;
        for (int j = 0; j < skip; j++) {
          dz += dSkips[j] * static_cast<double>(weights[skipKernel][g * skip + j]);
          sums[skipKernel][g * skip + j] += tanh * sigmoid * dSkips[j];
        }
        for (int c = 0; c < outputs; c++) {
          dz += dOutput[c] * weights[residualKernel][g * channels + c];
          sums[residualKernel][g * channels + c] += tanh * sigmoid * dOutput[c];
        }
        da[g] = dz * sigmoid * (1 - tanh * tanh);
        da[gate + g] = dz * tanh * sigmoid * (1 - sigmoid);
      }
      for (int j = 0; j < 2 * gate; j++) sums[bias][j] += da[j];
      forTaps(layer, b, t, [&](std::size_t from, int tap) {
        for (int c = 0; c < channels; c++) {
          for (int j = 0; j < 2 * gate; j++) {
            const std::size_t at = (static_cast<std::size_t>(tap) * channels + c) * 2 * gate + j;
            sums[kernel][at] += x[from * channels + c] * da[j];
            inputGradient[from * channels + c] += weights[kernel][at] * da[j];
          }
        }
      });
      for (int k = 0; k < shape.conditioning; k++) {
        const std::size_t code = codeOf(b, t) * shape.conditioning + k;
        for (int j = 0; j < 2 * gate; j++) {
          sums[conditioningKernel][k * 2 * gate + j] += inputs.conditioning[code] * da[j];
          gradients.conditioning[code] += weights[conditioningKernel][k * 2 * gate + j] * da[j];
        }
      }
    }
  }
  outputGradient = std::move(inputGradient);
}

HeadReference::HeadReference(const HeadShape& shape, const Doubles& skips, const HeadArrays<float>& weights)
    : shape(shape), skips(skips), weights(weights), hidden(shape.rows * shape.hidden),
      logits(shape.rows * shape.symbols), totals(shape.rows) {
  for (std::ptrdiff_t row = 0; row < shape.rows; row++) {
    double* units = hidden.data() + row * shape.hidden;
    double* own = logits.data() + row * shape.symbols;
    std::copy_n(weights[1].begin(), shape.hidden, units);
    std::copy_n(weights[3].begin(), shape.symbols, own);
    for (int i = 0; i < shape.skip; i++)
      for (int j = 0; j < shape.hidden; j++)
        units[j] += std::max(0.0, skips[row * shape.skip + i]) * weights[0][i * shape.hidden + j];
    double largest = -INFINITY, sum = 0;
    for (int i = 0; i < shape.hidden; i++) {
      units[i] = std::max(0.0, units[i]);
      for (int j = 0; j < shape.symbols; j++) own[j] += units[i] * weights[2][i * shape.symbols + j];
    }
    for (int j = 0; j < shape.symbols; j++) largest = std::max(largest, own[j]);
    for (int j = 0; j < shape.symbols; j++) sum += std::exp(own[j] - largest);
    totals[row] = largest + std::log(sum);
  }
}

Doubles HeadReference::nll(const Integers& targets) const {
  Doubles result(totals);
  for (std::ptrdiff_t row = 0; row < shape.rows; row++) result[row] -= logits[row * shape.symbols + targets[row]];
  return result;
}

HeadReference::Gradients HeadReference::gradients(const Integers& targets, const Floats& nllGradient) const {
  Gradients result{Doubles(skips.size()), {}};
  for (std::size_t i = 0; i < weights.size(); i++) result.weights[i].resize(weights[i].size());
  Doubles dLogits(shape.symbols);
  for (std::ptrdiff_t row = 0; row < shape.rows; row++) {
    for (int j = 0; j < shape.symbols; j++) {
      const double probability = std::exp(logits[row * shape.symbols + j] - totals[row]);
      dLogits[j] = nllGradient[row] * (probability - (j == targets[row] ? 1 : 0));
      result.weights[3][j] += dLogits[j];
    }
    for (int i = 0; i < shape.hidden; i++) {
      const double unit = hidden[row * shape.hidden + i];
      double dUnit = 0;
      for (int j = 0; j < shape.symbols; j++) {
        result.weights[2][i * shape.symbols + j] += unit * dLogits[j];
        dUnit += weights[2][i * shape.symbols + j] * dLogits[j];
      }
      if (unit <= 0) continue;
      result.weights[1][i] += dUnit;
      for (int k = 0; k < shape.skip; k++) {
        const double x = skips[row * shape.skip + k];
        if (x <= 0) continue;
        result.weights[0][k * shape.hidden + i] += x * dUnit;
        result.skips[row * shape.skip + k] += weights[0][k * shape.hidden + i] * dUnit;
      }
    }
  }
  return result;
}

}  // namespace fermata::check
