// A WaveNet one timestep at a time (Paine et al., 2016, "Fast Wavenet Generation Algorithm"): each layer keeps the
// inputs that its taps will read again, so that a step costs one column of the parallel computation.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "stack.h"

namespace fermata {

enum class WeightFormat { fp32, bf16, int8 };

struct SamplerShape {
  int streams;
  int symbols;
  int channels;
  int gate;
  int skip;
  int head;
  int width;
  std::vector<int> dilations;
  int conditioning;  // 0: none
  int hop;           // timesteps that a code of the conditioning counts for

  int layers() const { return static_cast<int>(dilations.size()); }
};

struct SamplerWeights {
  const float* table;  // [symbols, channels]: what each symbol enters the network with
  std::vector<LayerWeights<const float>> layers;
  const float* hiddenKernel;  // [skip, head]
  const float* hiddenBias;    // [head]
  const float* logitsKernel;  // [head, symbols]
  const float* logitsBias;    // [symbols]
};

// The distribution that is drawn from: softmax(logits / temperature), of which the `topK` most probable symbols are
// kept, and of those the fewest that together have at least `topP` of the probability. Of equally probable symbols the
// first ones are kept.
struct DrawSettings {
  double temperature;  // 0: always the most probable symbol
  int topK;            // at least 1
  double topP;         // in (0, 1]
};

// The steps to take next.
struct SamplerChunk {
  std::int64_t position;  // of the first step; a draw depends on the stream's key and its position
  int steps;
  int given;                  // of them, the first ones whose symbols are given; the others are drawn
  std::int32_t* symbols;      // [streams, steps]
  std::int32_t* previous;     // [streams]: before the first step, -1 for nothing; afterwards the last symbols
  const std::uint32_t* keys;  // [streams, 2]: high and low halves
  DrawSettings draw;
  const float* conditioning;  // [streams, codes, conditioning], from code `firstCode` on; or null
  int codes;
  std::int64_t firstCode;
  float* logits;  // [streams, steps, symbols], or null where nobody asks
};

class Sampler {
 public:
  virtual ~Sampler() = default;

  // Takes steps in every stream; streams are shared out among the threads. What a stream computes depends, to the bit,
  // neither on the other streams, nor on threads, nor on how steps are cut into chunks.
  //
  // False where a symbol was to be drawn from logits that are not finite; the sampler is then of no more use.
  virtual bool run(const SamplerChunk& chunk) = 0;
};

// For each instruction set. Copies the weights.
using MakeSampler = std::unique_ptr<Sampler>(const SamplerShape&, const SamplerWeights&, WeightFormat);

#ifdef FERMATA_ISA
namespace FERMATA_ISA {
MakeSampler makeSampler;
}
#endif

}  // namespace fermata
