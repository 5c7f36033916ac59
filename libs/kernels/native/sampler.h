// Runs a WaveNet one timestep at a time (Paine et al., 2016, "Fast Wavenet Generation Algorithm"). Each layer keeps the
// inputs that its taps read again, so that a step costs one column of the parallel computation.
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
  int conditioning;  // 0 without conditioning
  int hop;           // timesteps per code of the conditioning

  int layers() const { return static_cast<int>(dilations.size()); }
};

struct SamplerWeights {
  const float* table;  // [symbols, channels]: the network's input for each symbol
  std::vector<LayerWeights<const float>> layers;
  const float* hiddenKernel;  // [skip, head]
  const float* hiddenBias;    // [head]
  const float* logitsKernel;  // [head, symbols]
  const float* logitsBias;    // [symbols]
};

// The distribution to draw from: softmax(logits / temperature), limited to the `topK` most probable symbols, and then
// to the fewest that together have at least `topP` of the probability. Ties favour the first symbols.
struct DrawSettings {
  double temperature;  // 0 takes the most probable symbol
  int topK;            // at least 1
  double topP;         // in (0, 1]
};

// The next steps to take.
struct SamplerChunk {
  std::int64_t position;  // position of the first step; a draw depends on the stream's key and its position
  int steps;
  int given;                  // number of first steps whose symbols are given; the symbols of later steps are drawn
  std::int32_t* symbols;      // [streams, steps]
  std::int32_t* previous;     // [streams]: symbols before the first step, -1 at the start; then the last ones
  const std::uint32_t* keys;  // [streams, 2]: high and low halves
  DrawSettings draw;
  const float* conditioning;  // [streams, codes, conditioning], from code `firstCode` on; or null
  int codes;
  std::int64_t firstCode;
  float* logits;  // [streams, steps, symbols], or null to skip them
};

class Sampler {
 public:
  virtual ~Sampler() = default;

  // Takes steps in every stream and shares the streams among the threads. The results of a stream depend, to the bit,
  // neither on other streams, nor on threads, nor on how steps are cut into chunks.
  //
  // Returns false if a draw met logits that are not finite; the sampler is then unusable.
  virtual bool run(const SamplerChunk& chunk) = 0;
};

// Creates a sampler and copies the weights; one function for each instruction set.
using MakeSampler = std::unique_ptr<Sampler>(const SamplerShape&, const SamplerWeights&, WeightFormat);

#ifdef FERMATA_ISA
namespace FERMATA_ISA {
MakeSampler makeSampler;
}
#endif

}  // namespace fermata
