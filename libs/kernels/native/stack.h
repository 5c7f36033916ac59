// A stack of gated residual layers (van den Oord et al., 2016, figure 4), forward and backward.
#pragma once

#include <cstddef>
#include <vector>

namespace fermata {

struct StackShape {
  int batch;
  int time;
  int channels;
  int gate;
  int skip;
  int width;
  bool causal;
  std::vector<int> dilations;
  // Channels of the conditioning and the timesteps that each of its timesteps counts for; 0 and 1 where there is none.
  int conditioning;
  int hop;

  int layers() const { return static_cast<int>(dilations.size()); }
};

// The weights of a layer, or their gradients. The last layer has no residual ones; conditioning may be missing.
template <class Float>
struct LayerWeights {
  Float* kernel;               // [width, channels, 2·gate], the tanh half first
  Float* bias;                 // [2·gate]
  Float* residualKernel;       // [gate, channels]
  Float* residualBias;         // [channels]
  Float* skipKernel;           // [gate, skip]
  Float* skipBias;             // [skip]
  Float* conditioningKernel;   // [conditioning, 2·gate]
};

struct StackInputs {
  const float* x;             // [batch, time, channels]
  const float* conditioning;  // [batch, time / hop, conditioning] or null
  std::vector<LayerWeights<const float>> weights;
};

struct StackGradients {
  float* x;             // or null, where nobody asks
  float* conditioning;  // or null
  std::vector<LayerWeights<float>> weights;
};

// How many floats `forward` keeps for `backward`: for each layer and timestep the gate's two factors, 2·gate, and the
// residual output, `channels` (padded both; the last layer has no residual output). The rest is computed again.
std::size_t savedSize(const StackShape& shape);

//   forward(shape, inputs, saved or null, skips [batch, time, skip])
//   backward(shape, inputs, saved, gradient of the skips, gradients), which uses up what was saved
using StackForward = void(const StackShape&, const StackInputs&, float* saved, float* skips);
using StackBackward = void(const StackShape&, const StackInputs&, float* saved, const float* skipsGradient,
                           const StackGradients&);

#ifdef FERMATA_ISA
namespace FERMATA_ISA {
StackForward stackForward;
StackBackward stackBackward;
}  // namespace FERMATA_ISA
#endif

}  // namespace fermata
