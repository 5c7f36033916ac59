// All operations of one instruction set.
#pragma once

#include <string>
#include <vector>

#include "convolution.h"
#include "elementwise.h"
#include "head.h"
#include "matrix.h"
#include "optimiser.h"
#include "quantise.h"
#include "sampler.h"
#include "stack.h"
#include "symbols.h"

namespace fermata {

// Independent multiply-adds on one thread, as many as the registers hold. Returns their number; the time taken gives
// the machine's peak.
using MultiplyAdds = double(int rounds);

// Each operation: its type, and its name, which is also the function's name in each instruction set's namespace.
#define FERMATA_OPERATIONS(X)                             \
  X(StackForward, stackForward)                           \
  X(StackBackward, stackBackward)                         \
  X(HeadForward, headForward)                             \
  X(HeadBackward, headBackward)                           \
  X(OneHot, oneHot)                                       \
  X(Embed, embed)                                         \
  X(EmbedBackward, embedBackward)                         \
  X(EnterScalars, enterScalars)                           \
  X(EnterScalarsBackward, enterScalarsBackward)           \
  X(OneHotConvolution, oneHotConvolution)                 \
  X(OneHotConvolutionBackward, oneHotConvolutionBackward) \
  X(Convolve, convolve)                                   \
  X(ConvolveBackward, convolveBackward)                   \
  X(Multiply, multiply)                                   \
  X(SumRows, sumRows)                                     \
  X(Transpose, transpose)                                 \
  X(Binary, binary)                                       \
  X(Unary, unary)                                         \
  X(Reduce, reduce)                                       \
  X(ArgumentOf, argumentOf)                               \
  X(Choose, choose)                                       \
  X(Softmax, softmax)                                     \
  X(RepeatRows, repeatRows)                               \
  X(Nearest, nearest)                                     \
  X(AssignmentSums, assignmentSums)                       \
  X(Normalise, normalise)                                 \
  X(NormaliseBackward, normaliseBackward)                 \
  X(Adam, adam)                                           \
  X(SumOfSquares, sumOfSquares)                           \
  X(MakeSampler, makeSampler)                             \
  X(MultiplyAdds, multiplyAdds)

struct Kernels {
  const char* instructionSet;
#define FERMATA_MEMBER(Type, name) Type* name;
  FERMATA_OPERATIONS(FERMATA_MEMBER)
#undef FERMATA_MEMBER
};

// Kernels in use: of the best instruction set of the processor, or of the one that FERMATA_ISA names. Throws
// std::runtime_error if that is unknown or missing on the processor.
const Kernels& kernels();

// Switches to another instruction set. Throws as `kernels` does.
void chooseKernels(const std::string& name);

// Compiled instruction sets that run here, best first.
std::vector<const Kernels*> availableKernels();

}  // namespace fermata
