// Maps of vectors, x ↦ x · kernel + bias, with weights in one of three formats. A vector's result depends on that
// vector alone, to the bit: whatever the number of rows taken at a time, each output is summed in the same order.
#pragma once

#include <cmath>
#include <cstdint>
#include <deque>
#include <vector>

#include "buffer.h"
#include "products.h"
#include "sampler.h"

namespace fermata::FERMATA_ISA {

// Memory in which what is read one after the other lies one behind the other, so that it can be fetched ahead.
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

// Vectors of outputs that lie side by side: as many sums as hide the latency of a multiplication.
constexpr int panelVectors = 8;

// Rows that are taken at a time: as many as leave registers for the sums of whole panels, where there are 32.
constexpr int blockRows = 3;

// A kernel [inputs, outputs] before it is packed; outputs are padded with zeros.
class DenseKernel {
 public:
  DenseKernel(int inputs, int outputs)
      : inputs(inputs), outputs(outputs), values(static_cast<std::size_t>(inputs) * outputs) {}

  // Copies a matrix [inputs, columns] with rows `stride` apart.
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

// What a format has to do:
//   operandSize(inputs)         floats that an operand of so many (padded) inputs takes
//   writeOperand(x, inputs, to) makes an operand of `inputs` (padded) numbers
//   readsFloats                 whether an operand is the numbers themselves, and weights have no scale
//   inputsPerWord               inputs whose weights for one output lie in a word of 32 bits
//   pack(values, scale)         makes such a word
//   Sum                         what a vector of outputs is summed in
//   multiplyAdd(sums, x, i, words): adds the products with the word of inputs that begins at i · inputsPerWord
struct Fp32Weights {
  using Word = float;
  using Sum = Vec;
  static constexpr bool readsFloats = true;
  static constexpr int inputsPerWord = 1;
  static constexpr int operandSize(int inputs) { return inputs; }
  static FERMATA_INLINE void writeOperand(const float* x, int inputs, float* to) {
    for (int i = 0; i < inputs; i += lanes) store(to + i, load(x + i));
  }
  static Word pack(const float (&values)[1], float) { return values[0]; }

  template <int Rows, int Vectors>
  static FERMATA_INLINE void multiplyAdd(Sum (&sums)[Rows][Vectors], const float* const (&x)[Rows], int i,
                                         const Word* words) {
    Vec left[Rows];
    FERMATA_UNROLL for (int m = 0; m < Rows; m++) left[m] = broadcast(x[m][i]);
    FERMATA_UNROLL for (int n = 0; n < Vectors; n++) {
      const Vec right = load(words + n * lanes);
      FERMATA_UNROLL for (int m = 0; m < Rows; m++) sums[m][n] += left[m] * right;
    }
  }
};

// Only the weights are rounded: a bfloat16 is the upper half of a float, so that two of them are made floats by a shift
// and a mask.
struct Bf16Weights {
  using Word = std::uint32_t;
  using Sum = Vec;
  static constexpr bool readsFloats = true;
  static constexpr int inputsPerWord = 2;
  static constexpr int operandSize(int inputs) { return inputs; }
  static FERMATA_INLINE void writeOperand(const float* x, int inputs, float* to) {
    Fp32Weights::writeOperand(x, inputs, to);
  }

  static Word pack(const float (&values)[2], float) { return round(values[0]) >> 16 | round(values[1]); }

  // To the nearest bfloat16, of two equally near ones to the even one; infinity and NaN stay what they are.
  static std::uint32_t round(float value) {
    std::uint32_t bits;
    std::memcpy(&bits, &value, sizeof bits);
    if (std::isnan(value)) return 0x7fc00000u;
    return (bits + 0x7fffu + ((bits >> 16) & 1)) & 0xffff0000u;
  }

  template <int Rows, int Vectors>
  static FERMATA_INLINE void multiplyAdd(Sum (&sums)[Rows][Vectors], const float* const (&x)[Rows], int i,
                                         const Word* words) {
    Vec first[Rows], second[Rows];
    FERMATA_UNROLL for (int m = 0; m < Rows; m++) {
      first[m] = broadcast(x[m][2 * i]);
      second[m] = broadcast(x[m][2 * i + 1]);
    }
    FERMATA_UNROLL for (int n = 0; n < Vectors; n++) {
      UintVec pair;
      std::memcpy(&pair, words + n * lanes, sizeof pair);
      const Vec low = bitsOf(pair << 16), high = bitsOf(pair & 0xffff0000u);
      FERMATA_UNROLL for (int m = 0; m < Rows; m++) sums[m][n] += first[m] * low;
      FERMATA_UNROLL for (int m = 0; m < Rows; m++) sums[m][n] += second[m] * high;
    }
  }
};

// Weights and operands are integers of 8 bits: q · scale, with a scale for each output and each operand. Sums of their
// products are exact.
struct Int8Weights {
  using Word = std::uint32_t;
  static constexpr bool readsFloats = false;
  static constexpr int inputsPerWord = 4;

  static Word pack(const float (&values)[4], float scale) {
    Word word = 0;
    for (int k = 0; k < 4; k++) word |= static_cast<Word>(quantise(values[k], scale) & 0xff) << (8 * k);
    return word;
  }

  static int quantise(float value, float scale) {
    return scale > 0 ? static_cast<int>(std::lrint(value / scale)) : 0;
  }

  // The operand begins with its scale, which is NaN where one of the numbers is.
  static FERMATA_INLINE void writeOperand(const float* x, int inputs, float* to) {
    // The bits of absolute values are in the order of the values, and those of NaN are the largest.
    IntVec largestBits{};
    for (int i = 0; i < inputs; i += lanes) {
      const IntVec bits = reinterpret_cast<IntVec>(toBits(load(x + i)) & 0x7fffffffu);
      largestBits = bits > largestBits ? bits : largestBits;
    }
    const float largest = horizontalMaximum(largestBits);
    const bool negligible = largest < 1e-30f;
    to[0] = negligible ? 0 : largest * (1 / 127.0f);
    const Vec inverse = broadcast(negligible ? 0 : 127 / largest);
    for (int i = 0; i < inputs; i += lanes) writeQuantised(load(x + i) * inverse, i, to + 1);
  }

  static FERMATA_INLINE float horizontalMaximum(IntVec bits) {
    std::int32_t largest;
#if defined(__AVX512F__)
    largest = _mm512_reduce_max_epi32(reinterpret_cast<__m512i>(bits));
#else
    largest = bits[0];
    for (int lane = 1; lane < lanes; lane++) largest = std::max(largest, static_cast<std::int32_t>(bits[lane]));
#endif
    float value;
    std::memcpy(&value, &largest, sizeof value);
    return value;
  }

#if defined(__AVX512VNNI__)
  // Operands are unsigned bytes, 128 more than the numbers; `Matrix` begins the sums with what that is too much.
  static constexpr int operandSize(int inputs) { return 1 + inputs / 4; }
  static constexpr int offset = 128;
  using Sum = IntVec;

  static FERMATA_INLINE void writeQuantised(Vec x, int i, float* to) {
    const __m512i integers = _mm512_cvtps_epi32(x);
    const __m128i bytes = _mm_xor_si128(_mm512_cvtepi32_epi8(integers), _mm_set1_epi8(-128));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(reinterpret_cast<char*>(to) + i), bytes);
  }

  template <int Rows, int Vectors>
  static FERMATA_INLINE void multiplyAdd(Sum (&sums)[Rows][Vectors], const float* const (&x)[Rows], int i,
                                         const Word* words) {
    __m512i left[Rows];
    FERMATA_UNROLL for (int m = 0; m < Rows; m++) {
      std::int32_t four;
      std::memcpy(&four, x[m] + 1 + i, sizeof four);
      left[m] = _mm512_set1_epi32(four);
    }
    FERMATA_UNROLL for (int n = 0; n < Vectors; n++) {
      const __m512i right = _mm512_loadu_si512(words + n * lanes);
      FERMATA_UNROLL for (int m = 0; m < Rows; m++) {
        const __m512i sum = reinterpret_cast<__m512i>(sums[m][n]);
        sums[m][n] = reinterpret_cast<IntVec>(_mm512_dpbusd_epi32(sum, left[m], right));
      }
    }
  }
#else
  // Without the instruction, floats carry the integers: exactly, up to 2^24, that is 1,040 inputs.
  static constexpr int operandSize(int inputs) { return 1 + inputs; }
  static constexpr int offset = 0;
  using Sum = Vec;

  static FERMATA_INLINE void writeQuantised(Vec x, int i, float* to) {
    constexpr float toInteger = 12582912.0f;
    store(to + i, (x + toInteger) - toInteger);
  }

  template <int Rows, int Vectors>
  static FERMATA_INLINE void multiplyAdd(Sum (&sums)[Rows][Vectors], const float* const (&x)[Rows], int i,
                                         const Word* words) {
    FERMATA_UNROLL for (int n = 0; n < Vectors; n++) {
      UintVec four;
      std::memcpy(&four, words + n * lanes, sizeof four);
      FERMATA_UNROLL for (int k = 0; k < 4; k++) {
        const IntVec highest = reinterpret_cast<IntVec>(four << (24 - 8 * k));
        const Vec right = __builtin_convertvector(highest >> 24, Vec);
        FERMATA_UNROLL for (int m = 0; m < Rows; m++) sums[m][n] += broadcast(x[m][1 + 4 * i + k]) * right;
      }
    }
  }
#endif
};

template <class Weights>
class Matrix {
  using Word = typename Weights::Word;

 public:
  // `bias` has as many values as the kernel has outputs, or is null.
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
        // Blocks of about the same size, whose sums fit the registers.
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
  // The vectors of a panel that as many rows leave registers for.
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
  // Of integers: each output's scale, and where its sum begins.
  Buffer scales;
  Buffer starts;
};

}  // namespace fermata::FERMATA_ISA
