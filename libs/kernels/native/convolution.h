// A dilated convolution over time (van den Oord et al., 2016, section 2.1), forward and backward.
#pragma once

#include <cstddef>

namespace fermata {

// Distance in timesteps from the output to the input of a tap; negative: before the output.
inline int tapOffset(int width, bool causal, int dilation, int tap) {
  return (tap - (causal ? width - 1 : (width - 1) / 2)) * dilation;
}

struct ConvolutionShape {
  int batch;
  int time;
  int inputs;
  int outputs;
  int width;
  bool causal;  // otherwise centred
  int dilation;

  int offset(int tap) const { return tapOffset(width, causal, dilation, tap); }
};

// result [batch, time, outputs] at t: bias [outputs] + the sum over taps of x [batch, time, inputs] at t + the tap's
// offset, zeros outside, times kernel [width, inputs, outputs] of the tap.
using Convolve = void(const ConvolutionShape&, const float* x, const float* kernel, const float* bias, float* result);

struct ConvolutionGradients {
  float* x;
  float* kernel;
  float* bias;
};

// Gradients from that of the result, [batch, time, outputs].
using ConvolveBackward = void(const ConvolutionShape&, const float* x, const float* kernel, const float* gradient,
                              const ConvolutionGradients&);

#ifdef FERMATA_ISA
namespace FERMATA_ISA {
Convolve convolve;
ConvolveBackward convolveBackward;
}  // namespace FERMATA_ISA
#endif

}  // namespace fermata
