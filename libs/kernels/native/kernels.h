// All operations, as one instruction set computes them.
#pragma once

#include <string>
#include <vector>

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

struct Kernels {
  const char* instructionSet;
  StackForward* stackForward;
  StackBackward* stackBackward;
  HeadForward* headForward;
  HeadBackward* headBackward;
  Embed* embed;
  EmbedBackward* embedBackward;
  EnterScalars* enterScalars;
  EnterScalarsBackward* enterScalarsBackward;
  OneHotConvolution* oneHotConvolution;
  OneHotConvolutionBackward* oneHotConvolutionBackward;
  Multiply* multiply;
  SumRows* sumRows;
  Transpose* transpose;
  Binary* binary;
  Unary* unary;
  Reduce* reduce;
  ArgumentOf* argumentOf;
  RepeatRows* repeatRows;
  Nearest* nearest;
  AssignmentSums* assignmentSums;
  Normalise* normalise;
  NormaliseBackward* normaliseBackward;
  Adam* adam;
  SumOfSquares* sumOfSquares;
  MakeSampler* makeSampler;
  MultiplyAdds* multiplyAdds;
};

// The kernels in use: of the best instruction set that the processor has, or of the one that FERMATA_ISA names.
// Throws std::runtime_error where it names one that is unknown or that the processor lacks.
const Kernels& kernels();

// Uses those of another instruction set from now on. Throws as `kernels` does.
void chooseKernels(const std::string& name);

// Those that were compiled and run here, best first.
std::vector<const Kernels*> availableKernels();

}  // namespace fermata
