#include "quantise.h"

#include "panels.h"
#include "slots.h"
#include "threads.h"

namespace fermata::FERMATA_ISA {
namespace {

constexpr int tileRows = 48;

float rectify(float value) { return value < 0.0f ? 0.0f : value; }

float totalOf(int channels, float epsilon, const float* x) {
  float total = 0;
  for (int i = 0; i < channels; i++) total += rectify(x[i]);
  return total + epsilon;
}

}  // namespace

// |q − c|² = |q|² − 2 q·c + |c|²; |q|² is equal for every code.
void nearest(std::ptrdiff_t positions, int codes, int depth, const float* queries, const float* codebook,
             std::int32_t* result) {
  const int pitch = padded(codes);
  Panels panels(pitch / lanes, {depth});
  panels.fill(0, 0, 0, {codebook, depth, codes, 1, depth});
  Buffer start(pitch);
  start.zero();
  // Subtracting the products from half the squares gives the same order.
  for (int code = 0; code < codes; code++) {
    float square = 0;
    for (int i = 0; i < depth; i++) square += codebook[code * depth + i] * codebook[code * depth + i];
    start.data()[code] = -square / 2;
  }
  const Slots slots(positions, tileRows, 256);
  parallelFor(slots.count, [&](int slot) {
    Buffer scores(static_cast<std::size_t>(tileRows) * pitch);
    for (std::ptrdiff_t begin = slots.begin(slot); begin < slots.end(slot); begin += tileRows) {
      const int rows = static_cast<int>(std::min<std::ptrdiff_t>(tileRows, slots.end(slot) - begin));
      multiplyPanels(
          rows, panels, [&](int, int row) FERMATA_INLINED { return queries + (begin + row) * depth; },
          [&](int) FERMATA_INLINED { return start.data(); },
          [&](int row, int vector, auto& block) FERMATA_INLINED {
            forEachRow(block, [&](int m, auto& sums) FERMATA_INLINED {
              storeAll(scores.data() + (row + m) * pitch + vector * lanes, sums);
            });
          });
      for (int row = 0; row < rows; row++) {
        const float* score = scores.data() + row * pitch;
        std::int32_t best = 0;
        for (int code = 1; code < codes; code++) {
          if (score[code] > score[best]) best = code;
        }
        result[begin + row] = best;
      }
    }
  });
}

void assignmentSums(std::ptrdiff_t positions, int codes, int depth, const float* queries,
                    const std::int32_t* assignment, float* counts, float* sums) {
  const Slots slots(positions, 256, 8);
  const std::ptrdiff_t size = static_cast<std::ptrdiff_t>(codes) * (depth + 1);
  Buffer parts(slots.count * size);
  parts.zero();
  parallelFor(slots.count, [&](int slot) {
    float* part = parts.data() + slot * size;
    for (std::ptrdiff_t position = slots.begin(slot); position < slots.end(slot); position++) {
      const std::int32_t code = assignment[position];
      float* sum = part + codes + static_cast<std::ptrdiff_t>(code) * depth;
      part[code] += 1.0f;
      for (int i = 0; i < depth; i++) sum[i] += queries[position * depth + i];
    }
  });
  std::fill_n(counts, codes, 0.0f);
  std::fill_n(sums, static_cast<std::ptrdiff_t>(codes) * depth, 0.0f);
  for (int slot = 0; slot < slots.count; slot++) {
    const float* part = parts.data() + slot * size;
    for (int code = 0; code < codes; code++) counts[code] += part[code];
    for (std::ptrdiff_t i = 0; i < size - codes; i++) sums[i] += part[codes + i];
  }
}

void normalise(std::ptrdiff_t rows, int channels, float epsilon, const float* x, float* result) {
  const Slots slots(rows, 64, 256);
  parallelFor(slots.count, [&](int slot) {
    for (std::ptrdiff_t row = slots.begin(slot); row < slots.end(slot); row++) {
      const float* from = x + row * channels;
      const float total = totalOf(channels, epsilon, from);
      for (int i = 0; i < channels; i++) result[row * channels + i] = rectify(from[i]) / total;
    }
  });
}

// p = r / s: dr = (dp − sum of dp p) / s, and dx = dr where x > 0.
void normaliseBackward(std::ptrdiff_t rows, int channels, float epsilon, const float* x, const float* result,
                       const float* gradient, float* xGradient) {
  const Slots slots(rows, 64, 256);
  parallelFor(slots.count, [&](int slot) {
    for (std::ptrdiff_t row = slots.begin(slot); row < slots.end(slot); row++) {
      const std::ptrdiff_t at = row * channels;
      const float total = totalOf(channels, epsilon, x + at);
      float mean = 0;
      for (int i = 0; i < channels; i++) mean += gradient[at + i] * result[at + i];
      for (int i = 0; i < channels; i++)
        xGradient[at + i] = x[at + i] > 0.0f ? (gradient[at + i] - mean) / total : 0.0f;
    }
  });
}

}  // namespace fermata::FERMATA_ISA
