#include "sampler.h"

#include <algorithm>
#include <atomic>
#include <deque>

#include "functions.h"
#include "samplerDraw.h"
#include "samplerMatrix.h"
#include "samplerRandom.h"
#include "threads.h"

namespace fermata::FERMATA_ISA {
namespace {

// Timesteps for which the product of the past taps is taken at once: enough to load the weights once for many products,
// few enough for the results to stay in the second-level cache.
constexpr int maximalAhead = 8;

// A layer's maps. Activations before the gate are both halves, each padded.
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
  std::deque<Matrix<Fp32Weights>> conditioning;  // one or none; once per code, so that its format does not matter

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
        // Symbols that there are not, but for padding, have no probability.
        logits(denseKernel(weights.logitsKernel, shape.head, shape.symbols),
               paddedBias(weights.logitsBias, shape.symbols, -INFINITY).data(), always) {
    const int pitch = padded(shape.channels);
    table.zero();
    for (int symbol = 0; symbol < shape.symbols; symbol++)
      std::copy_n(weights.table + symbol * shape.channels, shape.channels, table.data() + symbol * pitch);
  }

  const SamplerShape shape;
  Buffer table;
  Arena always;     // what is read at each step, in that order
  Arena sometimes;  // the rest
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

// The streams that one thread takes care of at a time: some in a row, from `first` on.
template <class Weights>
class StreamGroup {
 public:
  StreamGroup(const SamplerNetwork<Weights>& network, int first, int streams)
      : network(network),
        first(first),
        streams(streams),
        channels(padded(network.shape.channels)),
        gate(padded(network.shape.gate)),
        skip(padded(network.shape.skip)),
        state(streams * (skip + channels)),
        gated(streams * gate),
        conditioned(network.shape.conditioning > 0 ? network.layers.size() * streams * 2 * gate : 0),
        operands(streams * Weights::operandSize(std::max(gate, std::max(skip, padded(network.shape.head))))),
        rectified(streams * std::max(skip, padded(network.shape.head))),
        hidden(streams * padded(network.shape.head)),
        logits(streams * padded(network.shape.symbols)),
        rows(streams * maximalAhead),
        draw(network.shape.symbols) {
    for (const int dilation : network.shape.dilations) layers.emplace_back(*this, dilation);
  }

  // False where a symbol was to be drawn from logits that are not finite.
  bool run(const SamplerChunk& chunk) {
    const SamplerShape& shape = network.shape;
    for (int step = 0; step < chunk.steps; step++) {
      const std::int64_t position = chunk.position + step;
      if (shape.conditioning > 0) enterConditioning(chunk, position / shape.hop);
      enterSymbols(chunk.previous + first);
      for (int layer = 0; layer < shape.layers(); layer++) applyLayer(layer);
      taken++;
      const bool given = step < chunk.given;
      if (!given || chunk.logits != nullptr) computeLogits();
      for (int stream = 0; stream < streams; stream++) {
        const std::ptrdiff_t at = static_cast<std::ptrdiff_t>(first + stream) * chunk.steps + step;
        const float* own = logits.data() + stream * padded(shape.symbols);
        if (chunk.logits != nullptr) std::copy_n(own, shape.symbols, chunk.logits + at * shape.symbols);
        if (!given) {
          const std::uint32_t* key = chunk.keys + 2 * (first + stream);
          const int symbol = draw(own, chunk.draw, firstUniform(fold({key[0], key[1]}, position)));
          if (symbol < 0) return false;
          chunk.symbols[at] = symbol;
        }
        chunk.previous[first + stream] = chunk.symbols[at];
      }
    }
    return true;
  }

 private:
  // What a layer remembers.
  struct Memory {
    Memory(const StreamGroup& group, int dilation)
        : dilation(dilation) {
      const int span = (group.network.shape.width - 1) * dilation;
      int slots = 1;
      while (slots < span) slots *= 2;
      slotMask = slots - 1;
      while (2 * ahead <= std::min(dilation, std::max(1, maximalAhead / group.streams))) ahead *= 2;
      inputs.resize(static_cast<std::size_t>(slots) * group.streams * group.operandPitch());
      inputs.zero();  // before the first timestep is nothing
      activations.resize(static_cast<std::size_t>(ahead) * group.streams * 2 * group.gate);
    }

    int dilation;
    int slotMask;
    int ahead = 1;
    Buffer inputs;       // [slots, streams]: operands, that of a timestep in the slot of its number modulo the slots
    Buffer activations;  // [ahead, streams, 2 · gate], before the gate
  };

  int operandPitch() const { return Weights::operandSize(channels); }

  void enterConditioning(const SamplerChunk& chunk, std::int64_t code) {
    if (code == currentCode) return;
    currentCode = code;
    const int inputs = network.shape.conditioning;
    for (std::ptrdiff_t stream = 0; stream < streams; stream++)
      rows[stream] = chunk.conditioning + ((first + stream) * chunk.codes + code - chunk.firstCode) * inputs;
    for (std::ptrdiff_t layer = 0; layer < network.shape.layers(); layer++) {
      float* result = conditioned.data() + layer * streams * 2 * gate;
      network.layers[layer].conditioning[0].template apply<false>(streams, rows.data(), result, 2 * gate);
    }
  }

  void enterSymbols(const std::int32_t* previous) {
    for (int stream = 0; stream < streams; stream++) {
      float* skips = state.data() + stream * (skip + channels);
      std::fill_n(skips, skip, 0.0f);
      if (previous[stream] < 0) {
        std::fill_n(skips + skip, channels, 0.0f);
      } else {
        std::copy_n(network.table.data() + previous[stream] * channels, channels, skips + skip);
      }
    }
  }

  // As gatedResidualLayer of libs/tensor, for one timestep.
  void applyLayer(int index) {
    const SamplerLayer<Weights>& layer = network.layers[index];
    Memory& memory = layers[index];
    const int phase = taken & (memory.ahead - 1);
    if (phase == 0) lookAhead(layer, memory);
    const int pitch = skip + channels;
    for (int stream = 0; stream < streams; stream++) {
      float* operand = inputAt(memory, taken, stream);
      Weights::writeOperand(state.data() + stream * pitch + skip, channels, operand);
      rows[stream] = operand;
    }
    float* activations = memory.activations.data() + phase * streams * 2 * gate;
    if (layer.past.empty()) {
      layer.present.template apply<false>(streams, rows.data(), activations, 2 * gate);
    } else {
      layer.present.template apply<true>(streams, rows.data(), activations, 2 * gate);
    }
    if (network.shape.conditioning > 0) {
      const float* conditioning = conditioned.data() + static_cast<std::ptrdiff_t>(index) * streams * 2 * gate;
      for (int i = 0; i < streams * 2 * gate; i += lanes)
        store(activations + i, load(activations + i) + load(conditioning + i));
    }
    for (int stream = 0; stream < streams; stream++) {
      const float* tanhs = activations + stream * 2 * gate;
      for (int i = 0; i < gate; i += lanes) {
        const Gate g = fermata::FERMATA_ISA::gate(load(tanhs + i), load(tanhs + gate + i));
        store(gated.data() + stream * gate + i, g.tanh * g.sigmoid);
      }
    }
    makeOperands(gated.data(), gate);
    layer.mix.template apply<true>(streams, rows.data(), state.data(), pitch);
  }

  float* inputAt(Memory& memory, std::int64_t timestep, int stream) const {
    return memory.inputs.data() + ((timestep & memory.slotMask) * streams + stream) * operandPitch();
  }

  // What the past taps give for the timesteps to come: all of a dilation's are known.
  void lookAhead(const SamplerLayer<Weights>& layer, Memory& memory) {
    const int past = static_cast<int>(layer.past.size());
    for (int tap = 0; tap < past; tap++) {
      for (int i = 0; i < memory.ahead; i++) {
        const std::int64_t timestep = taken + i - static_cast<std::int64_t>(past - tap) * memory.dilation;
        for (int stream = 0; stream < streams; stream++) rows[i * streams + stream] = inputAt(memory, timestep, stream);
      }
      const int count = memory.ahead * streams;
      if (tap == 0) {
        layer.past[tap].template apply<false>(count, rows.data(), memory.activations.data(), 2 * gate);
      } else {
        layer.past[tap].template apply<true>(count, rows.data(), memory.activations.data(), 2 * gate);
      }
    }
  }

  // Makes the operands of vectors of `size`, of each stream one.
  void makeOperands(const float* x, int size) {
    for (int stream = 0; stream < streams; stream++) {
      const float* from = x + stream * size;
      if constexpr (Weights::readsFloats) {
        rows[stream] = from;
      } else {
        float* to = operands.data() + stream * Weights::operandSize(size);
        Weights::writeOperand(from, size, to);
        rows[stream] = to;
      }
    }
  }

  void computeLogits() {
    const int head = padded(network.shape.head);
    rectify(state.data(), skip + channels, skip);
    makeOperands(rectified.data(), skip);
    network.hidden.template apply<false>(streams, rows.data(), hidden.data(), head);
    rectify(hidden.data(), head, head);
    makeOperands(rectified.data(), head);
    network.logits.template apply<false>(streams, rows.data(), logits.data(), padded(network.shape.symbols));
  }

  // NaN stays NaN.
  void rectify(const float* x, int pitch, int size) {
    for (int stream = 0; stream < streams; stream++) {
      for (int i = 0; i < size; i += lanes) {
        const Vec value = load(x + stream * pitch + i);
        store(rectified.data() + stream * size + i, value < 0.0f ? Vec{} : value);
      }
    }
  }

  const SamplerNetwork<Weights>& network;
  const int first;
  const int streams;
  const int channels;
  const int gate;
  const int skip;
  std::deque<Memory> layers;
  std::int64_t taken = 0;  // steps
  std::int64_t currentCode = -1;
  Buffer state;        // [streams, skip + channels]: the sum of the skip outputs, and the residual stream
  Buffer gated;        // [streams, gate]
  Buffer conditioned;  // [layers, streams, 2 · gate]: the projected conditioning
  Buffer operands;
  Buffer rectified;
  Buffer hidden;  // [streams, head]
  Buffer logits;  // [streams, symbols]
  std::vector<const float*> rows;
  Draw draw;
};

template <class Weights>
class IncrementalWaveNet : public Sampler {
 public:
  IncrementalWaveNet(const SamplerShape& shape, const SamplerWeights& weights) : network(shape, weights) {
    const int count = std::min(shape.streams, threadCount());
    for (int group = 0; group < count; group++) {
      const int first = group * shape.streams / count, end = (group + 1) * shape.streams / count;
      groups.emplace_back(network, first, end - first);
    }
  }

  bool run(const SamplerChunk& chunk) override {
    std::atomic<bool> finite{true};
    parallelFor(static_cast<int>(groups.size()), [&](int group) {
      if (!groups[group].run(chunk)) finite.store(false, std::memory_order_relaxed);
    });
    return finite.load(std::memory_order_relaxed);
  }

 private:
  const SamplerNetwork<Weights> network;
  std::deque<StreamGroup<Weights>> groups;
};

}  // namespace

std::unique_ptr<Sampler> makeSampler(const SamplerShape& shape, const SamplerWeights& weights, WeightFormat format) {
  switch (format) {
    case WeightFormat::bf16:
      return std::make_unique<IncrementalWaveNet<Bf16Weights>>(shape, weights);
    case WeightFormat::int8:
      return std::make_unique<IncrementalWaveNet<Int8Weights>>(shape, weights);
    default:
      return std::make_unique<IncrementalWaveNet<Fp32Weights>>(shape, weights);
  }
}

}  // namespace fermata::FERMATA_ISA
