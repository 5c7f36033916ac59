// All operations, as one instruction set computes them.
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

// Multiply-adds of one thread, as many as fit registers and as independent: returns their number, so that the time they
// take gives the peak of the machine.
using MultiplyAdds = double(int rounds);

// Each operation: its type, and its name, which is also that of the function in each instruction set's namespace.
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

// The kernels in use: of the best instruction set that the processor has, or of the one that FERMATA_ISA names.
// Throws std::runtime_error where it names one that is unknown or that the processor lacks.
const Kernels& kernels();

// Uses those of another instruction set from now on. Throws as `kernels` does.
void chooseKernels(const std::string& name);

// Those that were compiled and run here, best first.
std::vector<const Kernels*> availableKernels();

}  // namespace fermata
