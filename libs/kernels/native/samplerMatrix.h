// Maps of vectors, x ↦ x · kernel + bias, with weights in one of the formats of samplerWeights.h. The result of a
// vector depends on that vector alone, to the bit: each output is summed in the same order for any number of rows at a
// time.
#pragma once

#include <cmath>
#include <cstdint>
#include <deque>
#include <vector>

#include "buffer.h"
#include "products.h"
#include "samplerWeights.h"

namespace fermata::FERMATA_ISA {

// Memory laid out in reading order, so that the processor can prefetch it.
class Arena {
 public:
  // Aligned to a cache line.
  float* take(std::size_t size) {
    size = (size + 15) / 16 * 16;
    if (blocks.empty() || used + size > blocks.back().size()) {
      blocks.emplace_back(std::max(size, blockSize));
      used = 0;
    }
    used += size;
    return blocks.back().data() + used - size;
  }

 private:
  static constexpr std::size_t blockSize = std::size_t{1} << 18;  // floats: 1 MiB

  std::deque<Buffer> blocks;
  std::size_t used = 0;
};

// Vectors of outputs per panel: enough sums to hide the latency of a multiplication.
constexpr int panelVectors = 8;

// Rows taken at a time: as many as fit beside the sums of whole panels, given 32 registers.
constexpr int blockRows = 3;

// An unpacked kernel [inputs, outputs]; packing pads the outputs with zeros.
class DenseKernel {
 public:
  DenseKernel(int inputs, int outputs)
      : inputs(inputs), outputs(outputs), values(static_cast<std::size_t>(inputs) * outputs) {}

  // Copies a matrix [inputs, columns] with a row stride of `stride`.
  void fill(int firstOutput, const float* from, int columns, int stride) {
    for (std::ptrdiff_t i = 0; i < inputs; i++)
      std::copy_n(from + i * stride, columns, values.data() + i * outputs + firstOutput);
  }

  // Zero beyond the last input.
  float at(int input, int output) const {
    return input < inputs ? values[static_cast<std::size_t>(input) * outputs + output] : 0;
  }

  const int inputs;
  const int outputs;

 private:
  std::vector<float> values;
};

template <class Weights>
class Matrix {
  using Word = typename Weights::Word;

 public:
  // `bias` has one value per output of the kernel, or is null.
  Matrix(const DenseKernel& kernel, const float* bias, Arena& arena)
      : words((kernel.inputs + Weights::inputsPerWord - 1) / Weights::inputsPerWord),
        vectors(kernel.outputs / lanes),
        data(reinterpret_cast<Word*>(arena.take(static_cast<std::size_t>(words) * kernel.outputs))),
        bias(kernel.outputs) {
    std::fill_n(this->bias.data(), kernel.outputs, 0.0f);
    if (bias != nullptr) std::copy_n(bias, kernel.outputs, this->bias.data());
    std::vector<float> scales(kernel.outputs, 0.0f);
    if constexpr (!Weights::readsFloats) quantiseOutputs(kernel, scales);
    Word* to = data;
    for (int first = 0; first < vectors; first += panelVectors) {
      const int end = std::min(first + panelVectors, vectors) * lanes;
      for (int word = 0; word < words; word++) {
        for (int output = first * lanes; output < end; output++) {
          float values[Weights::inputsPerWord];
          for (int k = 0; k < Weights::inputsPerWord; k++)
            values[k] = kernel.at(word * Weights::inputsPerWord + k, output);
          *to++ = Weights::pack(values, scales[output]);
        }
      }
    }
  }

  // y += x · kernel + bias, or y = x · kernel + bias, for `rows` operands.
  template <bool Accumulate>
  void apply(int rows, const float* const* x, float* y, std::ptrdiff_t pitch) const {
    for (int vector = 0; vector < vectors; vector += panelVectors) {
      const int width = std::min(panelVectors, vectors - vector);
      for (int row = 0; row < rows;) {
        // Blocks of about equal size, whose sums fit the registers.
        const int blocks = (rows - row + blockRows - 1) / blockRows;
        const int block = (rows - row) / blocks;
        withConstant<blockRows>(block, [&](auto constant) FERMATA_INLINED {
          constexpr int Rows = decltype(constant)::value;
          static_assert(panelVectors == 8);
          int within = 0;
          const auto applyBlocks = [&](auto vectorsConstant) FERMATA_INLINED {
            constexpr int Vectors = decltype(vectorsConstant)::value;
            for (; within + Vectors <= width; within += Vectors)
              applyBlock<Accumulate, Rows, Vectors>(x + row, vector, width, within, y + row * pitch, pitch);
          };
          if constexpr (vectorsBeside(Rows) == 8) applyBlocks(std::integral_constant<int, 8>{});
          applyBlocks(std::integral_constant<int, 4>{});
          applyBlocks(std::integral_constant<int, 2>{});
          applyBlocks(std::integral_constant<int, 1>{});
        });
        row += block;
      }
    }
  }

 private:
  // Vectors of a panel that fit the registers for this number of rows.
  static constexpr int vectorsBeside(int rows) {
    return rows == 1 ? panelVectors : std::min(panelVectors, 2 * maximalVectors);
  }

  template <bool Accumulate, int Rows, int Vectors>
  __attribute__((noinline)) void applyBlock(const float* const* rows, int vector, int width, int within, float* y,
                                            std::ptrdiff_t pitch) const {
    const Word* panel = data + (static_cast<std::size_t>(vector) * words + within) * lanes;
    const int first = (vector + within) * lanes;
    const float* x[Rows];
    FERMATA_UNROLL for (int m = 0; m < Rows; m++) x[m] = rows[m];
    typename Weights::Sum sums[Rows][Vectors];
    FERMATA_UNROLL for (int m = 0; m < Rows; m++) {
      FERMATA_UNROLL for (int n = 0; n < Vectors; n++) {
        if constexpr (Weights::readsFloats) {
          sums[m][n] = load(bias.data() + first + n * lanes);
          if constexpr (Accumulate) sums[m][n] += load(y + m * pitch + first + n * lanes);
        } else {
          std::memcpy(&sums[m][n], starts.data() + first + n * lanes, sizeof sums[m][n]);
        }
      }
    }
    _Pragma("GCC unroll 4") for (int word = 0; word < words; word++) {
      Weights::template multiplyAdd<Rows, Vectors>(sums, x, word, panel);
      panel += width * lanes;
    }
    FERMATA_UNROLL for (int m = 0; m < Rows; m++) {
      FERMATA_UNROLL for (int n = 0; n < Vectors; n++) {
        float* to = y + m * pitch + first + n * lanes;
        if constexpr (Weights::readsFloats) {
          store(to, sums[m][n]);
        } else {
          const Vec scale = load(scales.data() + first + n * lanes) * x[m][0];
          Vec result = load(bias.data() + first + n * lanes);
          if constexpr (Accumulate) result += load(to);
          store(to, result + __builtin_convertvector(sums[m][n], Vec) * scale);
        }
      }
    }
  }

  void quantiseOutputs(const DenseKernel& kernel, std::vector<float>& outputScales) {
    scales.resize(kernel.outputs);
    starts.resize(kernel.outputs);
    for (int output = 0; output < kernel.outputs; output++) {
      float largest = 0;
      bool finite = true;
      for (int input = 0; input < kernel.inputs; input++) {
        const float value = std::fabs(kernel.at(input, output));
        finite = finite && std::isfinite(value);
        largest = std::max(largest, value);
      }
      const float scale = finite ? largest / 127 : std::nanf("");
      outputScales[output] = scales.data()[output] = scale;
      std::int32_t start = 0;
      for (int input = 0; input < kernel.inputs; input++)
        start -= Weights::offset * Weights::quantise(kernel.at(input, output), scale);
      std::memcpy(starts.data() + output, &start, sizeof start);
    }
  }

  const int words;
  const int vectors;
  Word* const data;
  Buffer bias;
  // For integers: the scale of each output, and the initial value of its sum.
  Buffer scales;
  Buffer starts;
};

}  // namespace fermata::FERMATA_ISA
