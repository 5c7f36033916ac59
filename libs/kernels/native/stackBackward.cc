#include <deque>

#include "panels.h"
#include "rows.h"
#include "stackLayout.h"
#include "threads.h"

namespace fermata::FERMATA_ISA {
namespace {

// A matrix of gradients with padded columns, accumulated from zero.
struct Sum {
  Sum(int rows, int columns) : values(static_cast<std::size_t>(rows) * padded(columns)), rows(rows), columns(columns) {
    values.zero();
  }

  float* row(int index) { return values.data() + static_cast<std::ptrdiff_t>(index) * pitch(); }
  int pitch() const { return padded(columns); }

  void writeTo(float* tensor) const {
    for (int row = 0; row < rows; row++)
      std::copy_n(values.data() + static_cast<std::ptrdiff_t>(row) * pitch(), columns, tensor + row * columns);
  }

  Buffer values;
  const int rows;
  const int columns;
};

// Gradients of one layer: of everything before its gate (phase 0) and of its input (phase 1).
class BackwardLayer {
 public:
  BackwardLayer(const StackInputs& inputs, int layer, const StackLayout& layout)
      : layout(layout),
        layer(layer),
        conditioning(inputs.conditioning),
        gatedKernel(layout.gate / lanes, layout.last(layer) ? std::vector<int>{layout.shape.skip}
                                                            : std::vector<int>{layout.shape.skip, layout.shape.channels}),
        inputKernel(layout.channels / lanes, std::vector<int>(layout.shape.width, 2 * layout.gate)),
        conditioningKernel(padded(layout.shape.conditioning) / lanes, {2 * layout.gate}),
        kernel(2 * layout.shape.width * layout.shape.channels, layout.shape.gate),
        bias(2, layout.shape.gate),
        conditioningSum(2 * layout.shape.conditioning, layout.shape.gate),
        residual(layout.shape.gate, layout.last(layer) ? 0 : layout.shape.channels),
        residualBias(1, layout.last(layer) ? 0 : layout.shape.channels),
        skip(layout.shape.gate, layout.shape.skip),
        skipBias(1, layout.shape.skip) {
    const StackShape& shape = layout.shape;
    const LayerWeights<const float>& weights = inputs.weights[layer];
    gatedKernel.fill(0, 0, 0, {weights.skipKernel, shape.skip, shape.gate, 1, shape.skip});
    if (!layout.last(layer))
      gatedKernel.fill(1, 0, 0, {weights.residualKernel, shape.channels, shape.gate, 1, shape.channels});
    const std::ptrdiff_t tapSize = static_cast<std::ptrdiff_t>(shape.channels) * 2 * shape.gate;
    for (int half = 0; half < 2; half++) {
      for (int tap = 0; tap < shape.width; tap++) {
        inputKernel.fill(tap, half * layout.gate, 0,
                         {weights.kernel + tap * tapSize + half * shape.gate, shape.gate, shape.channels, 1,
                          2 * shape.gate});
      }
      if (conditioning == nullptr) continue;
      conditioningKernel.fill(0, half * layout.gate, 0,
                              {weights.conditioningKernel + half * shape.gate, shape.gate, shape.conditioning, 1,
                               2 * shape.gate});
    }
  }

  // Replaces the activations of a run with the gradient before the gate.
  //
  // dz = dskips · skipᵀ + dx · residualᵀ;  da = dz σ (1 − tanh²), dz tanh σ (1 − σ)
  void enterGate(const Run& run, const float* skipsGradient, const float* outputGradient, const float* zeros,
                 float* activations) {
    thread_local Buffer gated;
    gated.reserve(static_cast<std::size_t>(tileRows) * layout.gate);
    for (int begin = run.begin; begin < run.end; begin += tileRows) {
      const int rows = std::min(run.end, begin + tileRows) - begin;
      const std::ptrdiff_t first = layout.rowOf(run.batch, begin);
      const float* dSkips = skipsGradient + first * layout.skip;
      const float* dOutput = outputGradient + first * layout.channels;
      enterGateTile(rows, dSkips, dOutput, zeros, activations + first * 2 * layout.gate, gated.data());
      const int gate = layout.shape.gate;
      accumulateOuter(gated.data(), layout.gate, gate, dSkips, layout.skip, layout.skip / lanes, rows, skip.row(0),
                      skip.pitch());
      if (layout.last(layer)) {
        accumulateRows(dSkips, layout.skip, layout.skip / lanes, rows, skipBias.row(0));
        continue;
      }
      accumulateOuter(gated.data(), layout.gate, gate, dOutput, layout.channels, layout.channels / lanes, rows,
                      residual.row(0), residual.pitch());
      accumulateRows(dOutput, layout.channels, layout.channels / lanes, rows, residualBias.row(0));
    }
  }

  // dx += da · kernelᵀ, each tap added where it read; `gradient` holds that of the output and becomes that of the
  // input.
  void enterInput(const Run& run, const float* x, const float* preactivations, const float* zeros, float* gradient,
                  bool wanted) {
    const std::ptrdiff_t sequence = layout.rowOf(run.batch);
    x += sequence * layout.channels;
    preactivations += sequence * 2 * layout.gate;
    gradient += sequence * layout.channels;
    // Runs are short for wide layers: their sums do not fit the cache and are traversed once per run.
    const int rowsAtATime = run.end - run.begin <= 2 * tileRows ? 2 * tileRows : tileRows;
    for (int begin = run.begin; begin < run.end; begin += rowsAtATime)
      accumulateKernel(begin, std::min(run.end, begin + rowsAtATime), x, preactivations);
    if (!wanted) return;
    for (int begin = run.begin; begin < run.end; begin += tileRows)
      enterInputTile(begin, std::min(run.end, begin + tileRows) - begin, preactivations, zeros, gradient);
  }

  // Each timestep of the conditioning covers `hop` timesteps. Adds to `gradient` [codes of the sequence, conditioning].
  void enterConditioning(const Run& run, const float* preactivations, float* gradient, bool first) {
    const StackShape& shape = layout.shape;
    const int gates = 2 * layout.gate;
    const int codes = (run.end - run.begin) / shape.hop;
    thread_local Buffer sums;
    sums.reserve(static_cast<std::size_t>(codes) * gates);
    std::fill_n(sums.data(), codes * gates, 0.0f);
    const std::ptrdiff_t row = layout.rowOf(run.batch, run.begin);
    for (int code = 0; code < codes; code++) {
      accumulateRows(preactivations + (row + code * shape.hop) * gates, gates, gates / lanes, shape.hop,
                     sums.data() + code * gates);
    }
    const std::ptrdiff_t firstCode = static_cast<std::ptrdiff_t>(run.batch) * layout.codes + run.begin / shape.hop;
    accumulateOuter(conditioning + firstCode * shape.conditioning, shape.conditioning, shape.conditioning, sums.data(),
                    gates, gates / lanes, codes, conditioningSum.row(0), gates);
    const int pitch = padded(shape.conditioning);
    gradient += firstCode * pitch;
    if (first) std::fill_n(gradient, codes * pitch, 0.0f);
    multiplyPanels(
        codes, conditioningKernel, [&](int, int code) FERMATA_INLINED { return sums.data() + code * gates; },
        [&](int code) FERMATA_INLINED { return gradient + code * pitch; },
        [&](int code, int vector, auto& block) FERMATA_INLINED {
          forEachRow(block, [&](int m, auto& sums) FERMATA_INLINED {
            storeAll(gradient + (code + m) * pitch + vector * lanes, sums);
          });
        });
  }

  // `last` is the layer that has summed the gradient of the skips' bias, which is the same for all layers.
  void writeTo(const LayerWeights<float>& gradients, const BackwardLayer& last) const {
    kernel.writeTo(gradients.kernel);
    bias.writeTo(gradients.bias);
    if (layout.shape.conditioning > 0) conditioningSum.writeTo(gradients.conditioningKernel);
    if (!layout.last(layer)) {
      residual.writeTo(gradients.residualKernel);
      residualBias.writeTo(gradients.residualBias);
    }
    skip.writeTo(gradients.skipKernel);
    last.skipBias.writeTo(gradients.skipBias);
  }

 private:
  void enterGateTile(int rows, const float* dSkips, const float* dOutput, const float* zeros, float* activations,
                     float* gated) const {
    const int pitch = layout.gate;
    multiplyPanels(
        rows, gatedKernel,
        [&](int segment, int row) FERMATA_INLINED {
          return segment == 0 ? dSkips + row * layout.skip : dOutput + row * layout.channels;
        },
        [&](int) FERMATA_INLINED { return zeros; },
        [&](int row, int vector, auto& block) FERMATA_INLINED {
          forEachRow(block, [&](int m, auto& gradients) FERMATA_INLINED {
            float* tanhs = activations + (row + m) * 2 * pitch + vector * lanes;
            float* products = gated + (row + m) * pitch + vector * lanes;
            forEachVector(gradients, [&](int n, Vec& gradient) FERMATA_INLINED {
              float* tanhAt = tanhs + n * lanes;
              float* sigmoidAt = tanhAt + pitch;
              const Vec tanh = load(tanhAt), sigmoid = load(sigmoidAt);
              const Vec product = tanh * sigmoid;
              store(products + n * lanes, product);
              store(tanhAt, gradient * (sigmoid - product * tanh));
              store(sigmoidAt, gradient * (product - product * sigmoid));
            });
          });
        });
  }

  void accumulateKernel(int begin, int end, const float* x, const float* preactivations) {
    const StackShape& shape = layout.shape;
    const int gates = 2 * layout.gate;
    for (int tap = 0; tap < shape.width; tap++) {
      const int offset = layout.tapOffset(layer, tap);
      const int first = std::max(begin, -offset), last = std::min(end, shape.time - offset);
      if (first >= last) continue;
      accumulateOuter(x + static_cast<std::ptrdiff_t>(first + offset) * layout.channels, layout.channels,
                      shape.channels, preactivations + static_cast<std::ptrdiff_t>(first) * gates, gates, gates / lanes,
                      last - first, kernel.row(2 * tap * shape.channels), gates);
    }
    accumulateRows(preactivations + static_cast<std::ptrdiff_t>(begin) * gates, gates, gates / lanes, end - begin,
                   bias.row(0));
  }

  void enterInputTile(int begin, int rows, const float* preactivations, const float* zeros, float* gradient) const {
    const int gates = 2 * layout.gate;
    float* to = gradient + static_cast<std::ptrdiff_t>(begin) * layout.channels;
    multiplyPanels(
        rows, inputKernel,
        [&](int tap, int row) FERMATA_INLINED {
          const int t = begin + row - layout.tapOffset(layer, tap);
          return t < 0 || t >= layout.shape.time ? zeros : preactivations + static_cast<std::ptrdiff_t>(t) * gates;
        },
        [&](int row) FERMATA_INLINED {
          // Gradient through the residual connection; unused in the last layer.
          return layout.last(layer) ? zeros : to + row * layout.channels;
        },
        [&](int row, int vector, auto& block) FERMATA_INLINED {
          forEachRow(block, [&](int m, auto& sums) FERMATA_INLINED {
            storeAll(to + (row + m) * layout.channels + vector * lanes, sums);
          });
        });
  }

  const StackLayout& layout;
  const int layer;
  const float* const conditioning;
  Panels gatedKernel;         // from the gradients of skips and output to that of the gated units
  Panels inputKernel;         // from the gradient before the gate to that of the input
  Panels conditioningKernel;  // … of the conditioning
  // Views that keep both halves of the gate side by side in each row.
  Sum kernel;
  Sum bias;
  Sum conditioningSum;
  Sum residual;
  Sum residualBias;
  Sum skip;
  Sum skipBias;
};

}  // namespace

void stackBackward(const StackShape& shape, const StackInputs& inputs, float* saved, const float* skipsGradient,
                   const StackGradients& gradients) {
  const StackLayout layout(shape);
  const PaddedRows x(inputs.x, shape.channels, layout.rows);
  const PaddedRows dSkips(skipsGradient, shape.skip, layout.rows);
  CompactedRows dx(gradients.x, shape.channels, layout.rows);
  CompactedRows dConditioning(gradients.conditioning, shape.conditioning,
                              static_cast<std::ptrdiff_t>(shape.batch) * layout.codes);
  Buffer zeros(std::max(layout.channels, 2 * layout.gate));
  zeros.zero();
  std::deque<BackwardLayer> layers;
  for (int layer = 0; layer < shape.layers(); layer++) layers.emplace_back(inputs, layer, layout);
  std::vector<Run> runs = cutIntoRuns(shape.batch, shape.time, layout.runLength());
  // Gradients flow from later timesteps to earlier ones.
  std::reverse(runs.begin(), runs.end());
  Pipeline pipeline(std::move(runs), 2 * shape.layers(), layout.reach());
  pipeline.execute([&](const Run& run, int stage) {
    const int layer = shape.layers() - 1 - stage / 2;
    float* activations = saved + layout.activations(layer);
    if (stage % 2 == 0) {
      layers[layer].enterGate(run, dSkips.data(), dx.data(), zeros.data(), activations);
      return;
    }
    const float* input = layer == 0 ? x.data() : saved + layout.output(layer - 1);
    layers[layer].enterInput(run, input, activations, zeros.data(), dx.data(), layer > 0 || gradients.x != nullptr);
    if (inputs.conditioning != nullptr)
      layers[layer].enterConditioning(run, activations, dConditioning.data(), layout.last(layer));
  });
  dx.finish();
  dConditioning.finish();
  for (int layer = 0; layer < shape.layers(); layer++)
    layers[layer].writeTo(gradients.weights[layer], layers.back());
}

}  // namespace fermata::FERMATA_ISA
