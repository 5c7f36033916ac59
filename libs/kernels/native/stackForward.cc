#include <deque>

#include "functions.h"
#include "panels.h"
#include "rows.h"
#include "stackLayout.h"
#include "threads.h"

namespace fermata::FERMATA_ISA {
namespace {

// The gate's kernel is packed so that each panel holds the tanh and the sigmoid of the same units: a panel of
// `maximalVectors` (fewer at the end) begins with the vectors of the tanh.
struct GateVector {
  int half;  // 0: tanh, 1: sigmoid
  int unit;  // the first of its lanes
};

GateVector gateVector(int vector, int vectors) {
  const int first = vector / maximalVectors * maximalVectors;
  const int width = std::min(maximalVectors, vectors - first) / 2;
  const int within = vector - first;
  return {within / width, (first / 2 + within % width) * lanes};
}

// One of the two maps after the gate.
struct Mix {
  Mix(const float* weights, const float* biases, int gate, int columns)
      : kernel(padded(columns) / lanes, {gate}), bias(padded(columns)) {
    kernel.fill(0, 0, 0, {weights, gate, columns, columns, 1});
    bias.zero();
    std::copy_n(biases, columns, bias.data());
  }

  Panels kernel;
  Buffer bias;
};

// A layer's packed weights, and its computation of a run.
class ForwardLayer {
 public:
  ForwardLayer(const StackInputs& inputs, int layer, const StackLayout& layout)
      : ForwardLayer(inputs, inputs.weights[layer], layer, layout) {}

  ForwardLayer(const StackInputs& inputs, const LayerWeights<const float>& weights, int layer,
               const StackLayout& layout)
      : layout(layout),
        layer(layer),
        conditioning(inputs.conditioning),
        gateKernel(2 * layout.gate / lanes, std::vector<int>(layout.shape.width, layout.shape.channels)),
        gateBias(2 * layout.gate),
        conditioningKernel(conditioning == nullptr ? 0 : gateKernel.vectors, {layout.shape.conditioning}),
        skip(weights.skipKernel, weights.skipBias, layout.shape.gate, layout.shape.skip),
        residual(weights.residualKernel, weights.residualBias, layout.shape.gate,
                 layout.last(layer) ? 0 : layout.shape.channels) {
    const StackShape& shape = layout.shape;
    gateBias.zero();
    for (int vector = 0; vector < gateKernel.vectors; vector++) {
      const GateVector v = gateVector(vector, gateKernel.vectors);
      const int column = v.half * shape.gate + v.unit;
      const int valid = std::clamp(shape.gate - v.unit, 0, lanes);
      for (int tap = 0; tap < shape.width; tap++) {
        const float* kernel = weights.kernel + static_cast<std::ptrdiff_t>(tap) * shape.channels * 2 * shape.gate;
        gateKernel.fill(tap, 0, vector, {kernel + column, shape.channels, valid, 2 * shape.gate, 1});
      }
      std::copy_n(weights.bias + column, valid, gateBias.data() + vector * lanes);
      if (conditioning != nullptr) {
        conditioningKernel.fill(
            0, 0, vector, {weights.conditioningKernel + column, shape.conditioning, valid, 2 * shape.gate, 1});
      }
    }
  }

  // `activations` and `output` may be null.
  void apply(const Run& run, const float* x, float* activations, float* output, float* skips,
             const float* zeros) const {
    thread_local Buffer gated, gateInput;
    gated.reserve(static_cast<std::size_t>(tileRows) * layout.gate);
    const float* starts = gateBias.data();
    if (conditioning != nullptr) {
      gateInput.reserve(static_cast<std::size_t>((run.end - run.begin) / layout.shape.hop) * 2 * layout.gate);
      projectConditioning(run, gateInput.data());
      starts = gateInput.data();
    }
    for (int begin = run.begin; begin < run.end; begin += tileRows) {
      const Run tile{run.batch, begin, std::min(run.end, begin + tileRows)};
      const std::ptrdiff_t first = layout.rowOf(run.batch, begin);
      applyGate(tile, run.begin, starts, x + layout.rowOf(run.batch) * layout.channels, zeros,
                activations == nullptr ? nullptr : activations + first * 2 * layout.gate, gated.data());
      const int rows = tile.end - begin;
      float* sums = skips + first * layout.skip;
      mix(rows, gated.data(), skip, layer == 0 ? nullptr : sums, sums);
      if (layout.last(layer)) continue;
      mix(rows, gated.data(), residual, x + first * layout.channels, output + first * layout.channels);
    }
  }

 private:
  // The sum added before the gate: bias + conditioning · kernel, [codes of the run, 2 · gate] in the order of the
  // kernel.
  void projectConditioning(const Run& run, float* result) const {
    const StackShape& shape = layout.shape;
    const std::ptrdiff_t first = static_cast<std::ptrdiff_t>(run.batch) * layout.codes + run.begin / shape.hop;
    multiplyPanels(
        (run.end - run.begin) / shape.hop, conditioningKernel,
        [&](int, int row) FERMATA_INLINED { return conditioning + (first + row) * shape.conditioning; },
        [&](int) FERMATA_INLINED { return gateBias.data(); },
        [&](int row, int vector, auto& block) FERMATA_INLINED {
          forEachRow(block, [&](int m, auto& sums) FERMATA_INLINED {
            storeAll(result + (row + m) * 2 * layout.gate + vector * lanes, sums);
          });
        });
  }

  void applyGate(const Run& tile, int runBegin, const float* starts, const float* x, const float* zeros,
                 float* activations, float* gated) const {
    const StackShape& shape = layout.shape;
    const int pitch = layout.gate;
    multiplyPanels(
        tile.end - tile.begin, gateKernel,
        [&](int tap, int row) FERMATA_INLINED {
          const int t = tile.begin + row + layout.tapOffset(layer, tap);
          return t < 0 || t >= shape.time ? zeros : x + static_cast<std::ptrdiff_t>(t) * layout.channels;
        },
        [&](int row) FERMATA_INLINED {
          return conditioning == nullptr ? starts
                                         : starts + (tile.begin - runBegin + row) / shape.hop * 2 * pitch;
        },
        [&](int row, int vector, auto& block) FERMATA_INLINED {
          constexpr int half = std::extent_v<std::remove_reference_t<decltype(block)>, 1> / 2;
          const int unit = vector / 2 * lanes;
          forEachRow(block, [&](int m, auto& sums) FERMATA_INLINED {
            float* to = gated + (row + m) * pitch + unit;
            float* kept = activations == nullptr ? nullptr : activations + (row + m) * 2 * pitch + unit;
            FERMATA_UNROLL for (int n = 0; n < half; n++) {
              const Gate g = gate(sums[n], sums[half + n]);
              store(to + n * lanes, g.tanh * g.sigmoid);
              if (kept == nullptr) continue;
              store(kept + n * lanes, g.tanh);
              store(kept + pitch + n * lanes, g.sigmoid);
            }
          });
        });
  }

  // result += gated · kernel + bias, or result = addend + gated · kernel + bias.
  void mix(int rows, const float* gated, const Mix& mix, const float* addend, float* result) const {
    const int pitch = mix.kernel.vectors * lanes;
    multiplyPanels(
        rows, mix.kernel, [&](int, int row) FERMATA_INLINED { return gated + row * layout.gate; },
        [&](int) FERMATA_INLINED { return mix.bias.data(); },
        [&](int row, int vector, auto& block) FERMATA_INLINED {
          forEachRow(block, [&](int m, auto& sums) FERMATA_INLINED {
            const int at = (row + m) * pitch + vector * lanes;
            if (addend != nullptr) addAll(sums, addend + at);
            storeAll(result + at, sums);
          });
        });
  }

  const StackLayout& layout;
  const int layer;
  const float* const conditioning;
  Panels gateKernel;
  Buffer gateBias;
  Panels conditioningKernel;
  const Mix skip;
  const Mix residual;
};

}  // namespace

void stackForward(const StackShape& shape, const StackInputs& inputs, float* saved, float* skips) {
  const StackLayout layout(shape);
  const PaddedRows x(inputs.x, shape.channels, layout.rows);
  CompactedRows sums(skips, shape.skip, layout.rows);
  Buffer zeros(layout.channels);
  zeros.zero();
  std::deque<ForwardLayer> layers;
  for (int layer = 0; layer < shape.layers(); layer++) layers.emplace_back(inputs, layer, layout);
  // Without a backward pass only the residual outputs are needed; a centred stack needs those of all layers, because
  // its runs are at different layers at the same time.
  Buffer outputs;
  if (saved == nullptr) outputs.resize((shape.layers() - 1) * layout.rows * layout.channels);
  const auto outputOf = [&](int layer) {
    if (layout.last(layer)) return static_cast<float*>(nullptr);
    return saved == nullptr ? outputs.data() + layer * layout.rows * layout.channels : saved + layout.output(layer);
  };
  Pipeline pipeline(cutIntoRuns(shape.batch, shape.time, layout.runLength()), shape.layers(), layout.reach());
  pipeline.execute([&](const Run& run, int layer) {
    layers[layer].apply(run, layer == 0 ? x.data() : outputOf(layer - 1),
                        saved == nullptr ? nullptr : saved + layout.activations(layer), outputOf(layer), sums.data(),
                        zeros.data());
  });
  sums.finish();
}

}  // namespace fermata::FERMATA_ISA
