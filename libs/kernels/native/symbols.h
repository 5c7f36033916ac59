// Inputs of a network from symbols, as rows of a table or as real numbers.
#pragma once

#include <cstddef>
#include <cstdint>

namespace fermata {

struct SymbolsShape {
  int batch;
  int time;
  int channels;
  int delay;  // delay in timesteps; zeros come first
};

// result [positions, count]: 1 where the index is the symbol, 0 elsewhere; indices outside 0 … count − 1 give zeros.
using OneHot = void(std::ptrdiff_t positions, int count, const std::int32_t* indices, float* result);

// result [batch, time, channels]: row `symbols[b, t − delay]` of the table [rows, channels].
using Embed = void(const SymbolsShape&, const std::int32_t* symbols, const float* table, float* result);

// Gradient of the table [rows, channels].
using EmbedBackward = void(const SymbolsShape&, int rows, const std::int32_t* symbols, const float* gradient,
                           float* tableGradient);

// result [batch, time, channels] = (symbol − half) / half · kernel [channels] + bias [channels].
using EnterScalars = void(const SymbolsShape&, float half, const std::int32_t* symbols, const float* kernel,
                          const float* bias, float* result);

using EnterScalarsBackward = void(const SymbolsShape&, float half, const std::int32_t* symbols, const float* gradient,
                                  float* kernelGradient, float* biasGradient);

// A causal convolution of one-hot vectors over the symbols before each position; each tap is divided by its distance.
struct OneHotConvolutionShape {
  int batch;
  int time;
  int from;  // first position of the result
  int receptiveField;
  int symbols;
  int channels;
};

// result [batch, time − from, channels] at t: the sum over d = 1 … min(receptiveField, t) of
// kernel[receptiveField − d, symbols[b, t − d]] / d, with the kernel [receptiveField, symbols, channels].
using OneHotConvolution = void(const OneHotConvolutionShape&, const std::int32_t* symbols, const float* kernel,
                               float* result);

using OneHotConvolutionBackward = void(const OneHotConvolutionShape&, const std::int32_t* symbols,
                                       const float* gradient, float* kernelGradient);

#ifdef FERMATA_ISA
namespace FERMATA_ISA {
OneHotConvolution oneHotConvolution;
OneHotConvolutionBackward oneHotConvolutionBackward;
OneHot oneHot;
Embed embed;
EmbedBackward embedBackward;
EnterScalars enterScalars;
EnterScalarsBackward enterScalarsBackward;
}  // namespace FERMATA_ISA
#endif

}  // namespace fermata
