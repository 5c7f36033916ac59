#include <cmath>
#include <limits>

#include "reference.h"

namespace fermata::check {
namespace {

std::string describeStack(const StackShape& s) {
  std::string dilations;
  for (const int dilation : s.dilations) dilations += (dilations.empty() ? "" : " ") + std::to_string(dilation);
  return describe("stack", "batch " + std::to_string(s.batch), "time " + std::to_string(s.time),
                  "channels " + std::to_string(s.channels), "gate " + std::to_string(s.gate),
                  "skip " + std::to_string(s.skip), "width " + std::to_string(s.width),
                  s.causal ? "causal" : "centred", "dilations " + dilations,
                  "conditioning " + std::to_string(s.conditioning), "hop " + std::to_string(s.hop));
}

StackInputs pointers(const StackArrays<float>& arrays, const StackShape& shape) {
  StackInputs inputs{arrays.x.data(), shape.conditioning == 0 ? nullptr : arrays.conditioning.data(), {}};
  for (const LayerArrays<float>& layer : arrays.layers) inputs.weights.push_back(layerWeights<const float>(layer));
  return inputs;
}

StackArrays<float> randomInputs(const StackShape& shape, Random& random) {
  StackArrays<float> arrays(shape, [&](std::size_t size) { return random.floats(size); });
  // Scales weights so that activations before the gate are neither all small nor all large.
  const float inner = static_cast<float>(shape.channels * shape.width);
  for (LayerArrays<float>& layer : arrays.layers) {
    for (float& weight : layer[kernel]) weight *= 1.5f / std::sqrt(inner);
    for (float& weight : layer[residualKernel]) weight *= 0.5f;
  }
  return arrays;
}

Outputs forward(const Kernels& kernels, const StackShape& shape, const StackArrays<float>& arrays, bool save) {
  Floats skips = unset(static_cast<std::size_t>(shape.batch) * shape.time * shape.skip);
  Floats saved = unset(save ? savedSize(shape) : 0);
  kernels.stackForward(shape, pointers(arrays, shape), save ? saved.data() : nullptr, skips.data());
  return {skips};
}

// Gradients in the order of `StackArrays::list`.
Outputs backward(const Kernels& kernels, const StackShape& shape, const StackArrays<float>& arrays,
                 const Floats& skipsGradient, bool all) {
  Floats skips = unset(skipsGradient.size());
  Floats saved = unset(savedSize(shape));
  const StackInputs inputs = pointers(arrays, shape);
  kernels.stackForward(shape, inputs, saved.data(), skips.data());
  StackArrays<float> results(shape, unset);
  if (!all) results.x = results.conditioning = {};
  StackGradients gradients{all ? results.x.data() : nullptr, all ? results.conditioning.data() : nullptr, {}};
  if (shape.conditioning == 0) gradients.conditioning = nullptr;
  for (LayerArrays<float>& layer : results.layers) gradients.weights.push_back(layerWeights<float>(layer));
  kernels.stackBackward(shape, inputs, saved.data(), skipsGradient.data(), gradients);
  return results.list();
}

void checkStack(const StackShape& shape, Random& random) {
  const std::string what = describeStack(shape);
  StackArrays<float> arrays = randomInputs(shape, random);
  const Floats skipsGradient = random.floats(static_cast<std::size_t>(shape.batch) * shape.time * shape.skip);
  const StackReference reference(shape, arrays);
  for (const bool save : {false, true}) {
    checkOperation((save ? "saving " : "") + what, [&](const Kernels& kernels) {
      return forward(kernels, shape, arrays, save);
    }, {reference.skips});
  }
  std::vector<Doubles> gradients = reference.gradients(skipsGradient).list();
  checkOperation("gradients of " + what, [&](const Kernels& kernels) {
    return backward(kernels, shape, arrays, skipsGradient, true);
  }, gradients);
  gradients[0] = gradients[1] = {};
  checkOperation("gradients of the weights alone of " + what, [&](const Kernels& kernels) {
    return backward(kernels, shape, arrays, skipsGradient, false);
  }, gradients);
  if (arrays.x.empty()) return;
  // Values that are not finite may spread as in the reference, but must neither stop the operation nor depend on
  // threads.
  arrays.x[random.bits() % arrays.x.size()] = std::numeric_limits<float>::quiet_NaN();
  arrays.x[random.bits() % arrays.x.size()] = std::numeric_limits<float>::infinity();
  checkOperation("not finite " + what, [&](const Kernels& kernels) {
    return backward(kernels, shape, arrays, skipsGradient, true);
  }, {});
}

StackShape randomShape(Random& random) {
  StackShape shape{};
  shape.batch = random.oneOf({1, 1, 2, 3});
  shape.channels = random.oneOf({1, 3, 15, 16, 17, 33, 48});
  shape.gate = random.oneOf({1, 5, 16, 19, 32, 40});
  shape.skip = random.oneOf({1, 2, 16, 21, 64});
  shape.causal = random.coin();
  shape.width = shape.causal ? random.between(1, 3) : random.oneOf({1, 3});
  for (int layers = random.between(1, 4); layers > 0; layers--)
    shape.dilations.push_back(random.oneOf({1, 2, 3, 8, 64, 200}));
  shape.conditioning = random.oneOf({0, 1, 16, 18});
  shape.hop = shape.conditioning == 0 ? 1 : random.oneOf({1, 2, 8});
  // Lengths from below most dilations to two tiles.
  shape.time = random.between(0, random.oneOf({2, 12, 24})) * shape.hop;
  return shape;
}

}  // namespace

void checkStacks() {
  Random random(1);
  for (int i = 0; i < 40; i++) checkStack(randomShape(random), random);
  checkStack({0, 8, 3, 4, 5, 2, true, {1, 2}, 2, 2}, random);
  checkStack({2, 0, 3, 4, 5, 3, false, {1, 2}, 2, 2}, random);
  // Wide skips make runs short, so that several runs of both sequences are in progress at the same time.
  for (const bool causal : {true, false}) {
    checkStack({2, 696, 5, 3, 700, 3, causal, {1, 100, 250, 2}, 0, 1}, random);
    checkStack({1, 1192, 3, 5, 650, 3, causal, {300, 1}, 3, 8}, random);
    checkStack({3, 480, 17, 2, 1100, 3, causal, {1, 600}, 2, 2}, random);
  }
  // Many runs of the length used in training.
  checkStack({1, 6400, 2, 2, 3, 2, true, {1, 2048}, 2, 8}, random);
}

}  // namespace fermata::check
