#include "convolution.h"

#include "panels.h"
#include "pipeline.h"
#include "rows.h"
#include "slots.h"
#include "threads.h"

namespace fermata::FERMATA_ISA {
namespace {

constexpr int tileRows = 96;

// to[t] = start + the sum over taps of from[t + direction · the tap's offset] · the tap's segment of the panels. `from`
// has rows of `columns`, `to` rows of whole vectors.
void applyTaps(const ConvolutionShape& shape, int direction, const float* from, int columns, const Panels& panels,
               const float* start, float* to) {
  Buffer zeros(columns);
  zeros.zero();
  const int pitch = panels.vectors * lanes;
  const std::vector<Run> tiles = cutIntoRuns(shape.batch, shape.time, tileRows);
  const Slots slots(static_cast<std::ptrdiff_t>(tiles.size()), 1, 256);
  parallelFor(slots.count, [&](int slot) {
    for (std::ptrdiff_t i = slots.begin(slot); i < slots.end(slot); i++) {
      const Run& tile = tiles[i];
      const std::ptrdiff_t sequence = static_cast<std::ptrdiff_t>(tile.batch) * shape.time;
      float* rows = to + (sequence + tile.begin) * pitch;
      multiplyPanels(
          tile.end - tile.begin, panels,
          [&](int tap, int row) FERMATA_INLINED {
            const int t = tile.begin + row + direction * shape.offset(tap);
            return t < 0 || t >= shape.time ? zeros.data() : from + (sequence + t) * columns;
          },
          [&](int) FERMATA_INLINED { return start; },
          [&](int row, int vector, auto& block) FERMATA_INLINED {
            forEachRow(block, [&](int m, auto& sums) FERMATA_INLINED {
              storeAll(rows + (row + m) * pitch + vector * lanes, sums);
            });
          });
    }
  });
}

// dx[t] = the sum over taps of dy[t − the tap's offset] · kernelᵀ
void enterInput(const ConvolutionShape& shape, const float* kernel, const float* gradient, float* xGradient) {
  const std::ptrdiff_t tapSize = static_cast<std::ptrdiff_t>(shape.inputs) * shape.outputs;
  Panels panels(padded(shape.inputs) / lanes, std::vector<int>(shape.width, shape.outputs));
  for (int tap = 0; tap < shape.width; tap++)
    panels.fill(tap, 0, 0, {kernel + tap * tapSize, shape.outputs, shape.inputs, 1, shape.outputs});
  Buffer zeros(padded(shape.inputs));
  zeros.zero();
  CompactedRows output(xGradient, shape.inputs, static_cast<std::ptrdiff_t>(shape.batch) * shape.time);
  applyTaps(shape, -1, gradient, shape.outputs, panels, zeros.data(), output.data());
  output.finish();
}

// Sums over all timesteps: xᵀ · dy for each tap, [width · inputs, outputs], followed by the sum of dy itself.
void enterWeights(const ConvolutionShape& shape, const float* x, const float* gradient, float* kernelGradient,
                  float* biasGradient) {
  const int pitch = padded(shape.outputs);
  const PaddedRows dy(gradient, shape.outputs, static_cast<std::ptrdiff_t>(shape.batch) * shape.time);
  const std::vector<Run> tiles = cutIntoRuns(shape.batch, shape.time, tileRows);
  const Slots slots(static_cast<std::ptrdiff_t>(tiles.size()), 1, 16);
  const std::ptrdiff_t kernelRows = static_cast<std::ptrdiff_t>(shape.width) * shape.inputs;
  const std::ptrdiff_t size = (kernelRows + 1) * pitch;
  Buffer parts(slots.count * size);
  parts.zero();
  parallelFor(slots.count, [&](int slot) {
    float* part = parts.data() + slot * size;
    for (std::ptrdiff_t i = slots.begin(slot); i < slots.end(slot); i++) {
      const Run& tile = tiles[i];
      const std::ptrdiff_t sequence = static_cast<std::ptrdiff_t>(tile.batch) * shape.time;
      for (int tap = 0; tap < shape.width; tap++) {
        const int offset = shape.offset(tap);
        const int first = std::max(tile.begin, -offset), last = std::min(tile.end, shape.time - offset);
        if (first >= last) continue;
        accumulateOuter(x + (sequence + first + offset) * shape.inputs, shape.inputs, shape.inputs,
                        dy.data() + (sequence + first) * pitch, pitch, pitch / lanes, last - first,
                        part + static_cast<std::ptrdiff_t>(tap) * shape.inputs * pitch, pitch);
      }
      accumulateRows(dy.data() + (sequence + tile.begin) * pitch, pitch, pitch / lanes, tile.end - tile.begin,
                     part + kernelRows * pitch);
    }
  });
  for (std::ptrdiff_t row = 0; row <= kernelRows; row++) {
    float* to = row < kernelRows ? kernelGradient + row * shape.outputs : biasGradient;
    std::copy_n(parts.data() + row * pitch, shape.outputs, to);
    for (int slot = 1; slot < slots.count; slot++) {
      const float* from = parts.data() + slot * size + row * pitch;
      for (int output = 0; output < shape.outputs; output++) to[output] += from[output];
    }
  }
}

}  // namespace

void convolve(const ConvolutionShape& shape, const float* x, const float* kernel, const float* bias, float* result) {
  const int pitch = padded(shape.outputs);
  const std::ptrdiff_t tapSize = static_cast<std::ptrdiff_t>(shape.inputs) * shape.outputs;
  Panels panels(pitch / lanes, std::vector<int>(shape.width, shape.inputs));
  for (int tap = 0; tap < shape.width; tap++)
    panels.fill(tap, 0, 0, {kernel + tap * tapSize, shape.inputs, shape.outputs, shape.outputs, 1});
  Buffer start(pitch);
  start.zero();
  std::copy_n(bias, shape.outputs, start.data());
  CompactedRows output(result, shape.outputs, static_cast<std::ptrdiff_t>(shape.batch) * shape.time);
  applyTaps(shape, 1, x, shape.inputs, panels, start.data(), output.data());
  output.finish();
}

void convolveBackward(const ConvolutionShape& shape, const float* x, const float* kernel, const float* gradient,
                      const ConvolutionGradients& gradients) {
  enterInput(shape, kernel, gradient, gradients.x);
  enterWeights(shape, x, gradient, gradients.kernel, gradients.bias);
}

}  // namespace fermata::FERMATA_ISA
