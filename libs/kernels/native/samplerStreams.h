// Streams of a sampler that take their steps together: their memory, and the computation of a step.
#pragma once

#include <algorithm>
#include <deque>
#include <vector>

#include "functions.h"
#include "sampler.h"
#include "samplerDraw.h"
#include "samplerNetwork.h"
#include "samplerRandom.h"

namespace fermata::FERMATA_ISA {

// Timesteps for which the product of the past taps is computed at once: enough to load the weights once for many
// products, few enough to keep the results in the second-level cache.
constexpr int maximalAhead = 8;

// Streams that one thread handles at a time: consecutive ones, from `first` on.
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

  // Returns false if a draw met logits that are not finite.
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
  // A layer's memory.
  struct Memory {
    Memory(const StreamGroup& group, int dilation)
        : dilation(dilation) {
      const int span = (group.network.shape.width - 1) * dilation;
      int slots = 1;
      while (slots < span) slots *= 2;
      slotMask = slots - 1;
      while (2 * ahead <= std::min(dilation, std::max(1, maximalAhead / group.streams))) ahead *= 2;
      inputs.resize(static_cast<std::size_t>(slots) * group.streams * group.operandPitch());
      inputs.zero();  // zeros before the first timestep
      activations.resize(static_cast<std::size_t>(ahead) * group.streams * 2 * group.gate);
    }

    int dilation;
    int slotMask;
    int ahead = 1;
    Buffer inputs;       // [slots, streams]: operands; timestep t uses slot t modulo the number of slots
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

  // Computes gatedResidualLayer of libs/tensor for one timestep.
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

  // Computes the past taps' share of the coming timesteps, up to one dilation ahead, where all inputs are known.
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

  // Makes operands from vectors of `size`, one for each stream.
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

}  // namespace fermata::FERMATA_ISA
