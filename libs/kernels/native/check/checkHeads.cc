#include "reference.h"

namespace fermata::check {
namespace {

void checkHead(const HeadShape& shape, Random& random) {
  const std::string what = describe("head", shape.rows, shape.skip, shape.hidden, shape.symbols);
  const Floats skips = random.floats(shape.rows * shape.skip, 2);
  const HeadArrays<float> weights{random.floats(shape.skip * shape.hidden), random.floats(shape.hidden),
                                  random.floats(shape.hidden * shape.symbols), random.floats(shape.symbols)};
  const Integers targets = random.integers(shape.rows, shape.symbols);
  const Floats nllGradient = random.floats(shape.rows);
  const Doubles inputs = toDoubles(skips);
  const HeadReference reference(shape, inputs, weights);
  checkOperation(what, [&](const Kernels& kernels) {
    Floats nll = unset(shape.rows);
    kernels.headForward(shape, skips.data(), headWeights<const float>(weights), targets.data(), nll.data());
    return Outputs{nll};
  }, {reference.nll(targets)});
  const HeadReference::Gradients gradients = reference.gradients(targets, nllGradient);
  checkOperation("gradients of " + what, [&](const Kernels& kernels) {
    Floats dSkips = unset(skips.size());
    HeadArrays<float> results;
    for (std::size_t i = 0; i < weights.size(); i++) results[i] = unset(weights[i].size());
    kernels.headBackward(shape, skips.data(), headWeights<const float>(weights), targets.data(), nllGradient.data(),
                         dSkips.data(), headWeights<float>(results));
    return Outputs{dSkips, results[0], results[1], results[2], results[3]};
  }, {gradients.skips, gradients.weights[0], gradients.weights[1], gradients.weights[2], gradients.weights[3]});
}

}  // namespace

void checkHeads() {
  Random random(2);
  for (const int rows : {0, 1, 5, 48, 49, 97, 130}) {
    const auto size = [&] { return random.oneOf({1, 2, 7, 16, 17, 33, 64}); };
    checkHead({rows, size(), size(), size()}, random);
    checkHead({rows, size(), size(), 256}, random);
  }
  // More rows than a thread takes at a time.
  checkHead({1700, 5, 9, 20}, random);
}

}  // namespace fermata::check
