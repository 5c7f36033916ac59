// The head of a WaveNet and its loss: sum of skips -> ReLU -> dense -> ReLU -> dense -> softmax -> cross-entropy.
#pragma once

#include <cstddef>
#include <cstdint>

namespace fermata {

struct HeadShape {
  std::ptrdiff_t rows;  // batch · time
  int skip;
  int hidden;
  int symbols;
};

template <class Float>
struct HeadWeights {
  Float* hiddenKernel;  // [skip, hidden]
  Float* hiddenBias;    // [hidden]
  Float* logitsKernel;  // [hidden, symbols]
  Float* logitsBias;    // [symbols]
};

// nll [rows] of the targets [rows], each within 0 … symbols − 1. Keeps the logits of only some rows at a time.
using HeadForward = void(const HeadShape&, const float* skips, const HeadWeights<const float>&,
                         const std::int32_t* targets, float* nll);

// Gradients of the skips [rows, skip] and the weights from that of each nll. Recomputes hidden units and logits.
using HeadBackward = void(const HeadShape&, const float* skips, const HeadWeights<const float>&,
                          const std::int32_t* targets, const float* nllGradient, float* skipsGradient,
                          const HeadWeights<float>& gradients);

#ifdef FERMATA_ISA
namespace FERMATA_ISA {
HeadForward headForward;
HeadBackward headBackward;
}  // namespace FERMATA_ISA
#endif

}  // namespace fermata
