#include <algorithm>

#include "check.h"

namespace fermata::check {
namespace {

void checkNearest(std::ptrdiff_t positions, int codes, int depth, Random& random) {
  const Floats queries = random.floats(positions * depth), codebook = random.floats(codes * depth);
  const auto distance = [&](std::ptrdiff_t position, int code) {
    double sum = 0;
    for (int i = 0; i < depth; i++) {
      const double difference = static_cast<double>(queries[position * depth + i]) - codebook[code * depth + i];
      sum += difference * difference;
    }
    return sum;
  };
  Doubles least(positions);
  for (std::ptrdiff_t position = 0; position < positions; position++) {
    least[position] = distance(position, 0);
    for (int code = 1; code < codes; code++) least[position] = std::min(least[position], distance(position, code));
  }
  const std::string what = describe("nearest", positions, codes, depth);
  // Either of two equally near codes is correct, so this compares distances.
  const Outputs outputs = checkOperation(what, [&](const Kernels& kernels) {
    Integers result(positions, -1);
    kernels.nearest(positions, codes, depth, queries.data(), codebook.data(), result.data());
    Floats distances(positions);
    const auto isCode = [&](std::int32_t code) { return code >= 0 && code < codes; };
    check(std::all_of(result.begin(), result.end(), isCode), what + " found no code");
    for (std::ptrdiff_t position = 0; position < positions; position++) {
      distances[position] = static_cast<float>(distance(position, result[position]));
    }
    return Outputs{toFloats(result), distances};
  }, {{}, least}, 1e-5);

  const Integers assignment(outputs[0].begin(), outputs[0].end());
  Doubles counts(codes), sums(codebook.size());
  for (std::ptrdiff_t position = 0; position < positions; position++) {
    counts[assignment[position]]++;
    for (int i = 0; i < depth; i++) sums[assignment[position] * depth + i] += queries[position * depth + i];
  }
  checkOperation(describe("assignmentSums", positions, codes, depth), [&](const Kernels& kernels) {
    Floats ownCounts = unset(codes), ownSums = unset(codebook.size());
    kernels.assignmentSums(positions, codes, depth, queries.data(), assignment.data(), ownCounts.data(),
                           ownSums.data());
    return Outputs{ownCounts, ownSums};
  }, {counts, sums});
}

void checkNormalise(std::ptrdiff_t rows, int channels, Random& random) {
  constexpr float epsilon = 1e-2f;
  Floats x = random.floats(rows * channels);
  std::fill_n(x.begin(), std::min<std::size_t>(x.size(), channels), -1.0f);  // a row without positive values
  const Floats gradient = random.floats(x.size());
  Doubles normalised(x.size()), dx(x.size());
  for (std::ptrdiff_t row = 0; row < rows; row++) {
    const std::ptrdiff_t at = row * channels;
    double total = epsilon, mean = 0;
    for (int i = 0; i < channels; i++) total += std::max(0.0f, x[at + i]);
    for (int i = 0; i < channels; i++) {
      normalised[at + i] = std::max(0.0f, x[at + i]) / total;
      mean += normalised[at + i] * gradient[at + i];
    }
    for (int i = 0; i < channels; i++) dx[at + i] = x[at + i] > 0 ? (gradient[at + i] - mean) / total : 0;
  }
  checkOperation(describe("normalise", rows, channels), [&](const Kernels& kernels) {
    Floats result = unset(x.size()), ownDx = unset(x.size());
    kernels.normalise(rows, channels, epsilon, x.data(), result.data());
    kernels.normaliseBackward(rows, channels, epsilon, x.data(), result.data(), gradient.data(), ownDx.data());
    return Outputs{result, ownDx};
  }, {normalised, dx});
}

}  // namespace

void checkQuantisers() {
  Random random(6);
  for (const int positions : {0, 1, 5, 48, 49, 600}) {
    for (const int codes : {1, 2, 17, 64}) checkNearest(positions, codes, random.oneOf({1, 3, 16, 30}), random);
  }
  for (const int rows : {0, 1, 64, 300}) {
    for (const int channels : {1, 15, 40}) checkNormalise(rows, channels, random);
  }
}

}  // namespace fermata::check
