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
  // Channels of the conditioning, and timesteps per timestep of the conditioning; 0 and 1 without conditioning.
  int conditioning;
  int hop;

  int layers() const { return static_cast<int>(dilations.size()); }
};

// The weights of a layer, or their gradients. The last layer has no residual weights; conditioning is optional.
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
  float* x;             // or null to skip it
  float* conditioning;  // or null
  std::vector<LayerWeights<float>> weights;
};

// Number of floats that `forward` keeps for `backward`: for each layer and timestep the two factors of the gate,
// 2·gate, and the residual output, `channels` (both padded; the last layer has no residual output). `backward`
// recomputes the rest.
std::size_t savedSize(const StackShape& shape);

//   forward(shape, inputs, saved or null, skips [batch, time, skip])
//   backward(shape, inputs, saved, gradient of the skips, gradients), which overwrites the saved values
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
