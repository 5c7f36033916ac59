#include <algorithm>

#include "check.h"

namespace fermata::check {
namespace {

void checkConvolution(const ConvolutionShape& shape, Random& random) {
  const std::ptrdiff_t rows = static_cast<std::ptrdiff_t>(shape.batch) * shape.time;
  const std::ptrdiff_t inputs = shape.inputs, outputs = shape.outputs;
  const Floats x = random.floats(rows * inputs), kernel = random.floats(shape.width * inputs * outputs);
  const Floats bias = random.floats(outputs), gradient = random.floats(rows * outputs);
  Doubles result(rows * outputs), dx(x.size()), dKernel(kernel.size()), dBias(outputs);
  for (std::ptrdiff_t row = 0; row < rows; row++) {
    const std::int64_t t = row % shape.time;
    for (std::ptrdiff_t o = 0; o < outputs; o++) {
      result[row * outputs + o] += bias[o];
      dBias[o] += gradient[row * outputs + o];
    }
    for (int tap = 0; tap < shape.width; tap++) {
      const std::int64_t offset = static_cast<std::int64_t>(tap - (shape.causal ? shape.width - 1 : shape.width / 2)) *
                                  shape.dilation;
      if (t + offset < 0 || t + offset >= shape.time) continue;
      for (std::ptrdiff_t i = 0; i < inputs; i++) {
        const std::ptrdiff_t from = (row + offset) * inputs + i;
        for (std::ptrdiff_t o = 0; o < outputs; o++) {
          const std::ptrdiff_t weight = (tap * inputs + i) * outputs + o, to = row * outputs + o;
          result[to] += static_cast<double>(x[from]) * kernel[weight];
          dx[from] += static_cast<double>(gradient[to]) * kernel[weight];
          dKernel[weight] += static_cast<double>(gradient[to]) * x[from];
        }
      }
    }
  }
  const std::string what = describe("convolve", shape.batch, shape.time, shape.inputs, shape.outputs, shape.width,
                                    shape.causal ? "causal" : "centred", shape.dilation);
  checkOperation(what, [&](const Kernels& kernels) {
    Floats own = unset(result.size()), ownDx = unset(dx.size());
    Floats ownDKernel = unset(dKernel.size()), ownDBias = unset(outputs);
    kernels.convolve(shape, x.data(), kernel.data(), bias.data(), own.data());
    kernels.convolveBackward(shape, x.data(), kernel.data(), gradient.data(),
                             {ownDx.data(), ownDKernel.data(), ownDBias.data()});
    return Outputs{own, ownDx, ownDKernel, ownDBias};
  }, {result, dx, dKernel, dBias});
}

}  // namespace

void checkConvolutions() {
  Random random(9);
  for (const int time : {0, 1, 5, 95, 97, 400}) {
    for (const bool causal : {true, false}) {
      const auto size = [&] { return random.oneOf({1, 2, 7, 16, 17, 40}); };
      const int width = causal ? random.between(1, 3) : random.oneOf({1, 3, 5});
      const int batch = random.between(0, 3), dilation = random.oneOf({1, 2, 13, 96, 1000});
      checkConvolution({batch, time, size(), size(), width, causal, dilation}, random);
    }
  }
  // More timesteps, and a larger inner dimension, than a thread takes at a time.
  checkConvolution({2, 2500, 5, 9, 2, true, 64}, random);
  checkConvolution({1, 150, 140, 20, 3, false, 7}, random);
}

}  // namespace fermata::check
