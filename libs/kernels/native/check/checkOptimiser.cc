#include <cmath>

#include "check.h"

namespace fermata::check {
namespace {

void checkAdam(std::ptrdiff_t size, bool averaged, Random& random) {
  const AdamStep step{0.9f, 0.99f, 1e-6f, 0.5f, 0.01f, 1.5f, 0.1f};
  const Floats gradient = random.floats(size), weight = random.floats(size), first = random.floats(size),
               average = random.floats(averaged ? size : 0);
  Floats second = random.floats(size);
  for (float& value : second) value = std::fabs(value) + 1e-3f;
  std::vector<Doubles> expected{Doubles(size), Doubles(size), Doubles(size), Doubles(average.size())};
  for (std::ptrdiff_t i = 0; i < size; i++) {
    const double g = static_cast<double>(gradient[i]) * step.gradientScale;
    expected[1][i] = first[i] * static_cast<double>(step.beta1) + g * (1.0 - step.beta1);
    expected[2][i] = second[i] * static_cast<double>(step.beta2) + g * g * (1.0 - step.beta2);
    expected[0][i] = weight[i] - step.stepSize * expected[1][i] /
                                     (std::sqrt(expected[2][i]) * step.deviationScale + step.epsilon);
    if (averaged) expected[3][i] = average[i] + step.averageShare * (expected[0][i] - average[i]);
  }
  checkOperation(describe("adam", size, averaged), [&](const Kernels& kernels) {
    Floats ownWeight(weight), ownFirst(first), ownSecond(second), ownAverage(average);
    kernels.adam(step, size, gradient.data(), ownWeight.data(), ownFirst.data(), ownSecond.data(),
                 averaged ? ownAverage.data() : nullptr);
    return Outputs{ownWeight, ownFirst, ownSecond, ownAverage};
  }, expected);
}

void checkSumOfSquares(std::ptrdiff_t size, Random& random) {
  const Floats values = random.floats(size);
  double expected = 0;
  for (const float value : values) expected += static_cast<double>(value) * value;
  checkOperation(describe("sumOfSquares", size), [&](const Kernels& kernels) {
    const double sum = kernels.sumOfSquares(size, values.data());
    check(std::fabs(sum - expected) <= 1e-12 * expected, describe("sumOfSquares", size) + " is wrong");
    return Outputs{{static_cast<float>(sum)}};
  }, {});
}

}  // namespace

void checkOptimiser() {
  Random random(7);
  for (const int size : {0, 1, 15, 17, 50000}) {
    for (const bool averaged : {false, true}) checkAdam(size, averaged, random);
    checkSumOfSquares(size, random);
  }
}

}  // namespace fermata::check
