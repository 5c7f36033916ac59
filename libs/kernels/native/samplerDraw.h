// Draws symbols from logits, as drawSymbol of libs/wavenet does.
#pragma once

#include <algorithm>
#include <cmath>

#include "buffer.h"
#include "functions.h"
#include "sampler.h"

namespace fermata::FERMATA_ISA {

FERMATA_INLINE float horizontalSum(Vec value) {
#if defined(__AVX512F__)
  return _mm512_reduce_add_ps(value);
#else
  return sumOf(value);
#endif
}

class Draw {
 public:
  // `symbols` padded logits; the padding is -∞.
  explicit Draw(int symbols) : symbols(symbols), vectors(padded(symbols) / lanes), weights(padded(symbols)) {}

  // The symbol at `uniform`, in [0, 1), of the distribution function; -1 if a logit is NaN or +∞.
  int operator()(const float* logits, const DrawSettings& settings, double uniform) {
    const float largest = maximum(logits);
    // Lower temperatures take the most probable symbol too, without dividing by zero.
    constexpr float coldest = 1e-30f;
    const float temperature = static_cast<float>(settings.temperature);
    const float inverse = settings.temperature == 0 ? 1.0f : 1.0f / std::max(coldest, temperature);
    Vec sum{};
    for (int v = 0; v < vectors; v++) {
      const Vec weight = exp((load(logits + v * lanes) - largest) * inverse);
      sum += weight;
      store(weights.data() + v * lanes, weight);
    }
    if (std::isnan(horizontalSum(sum))) return -1;
    if (settings.temperature == 0) return static_cast<int>(std::find(logits, logits + symbols, largest) - logits);
    if (settings.topK < symbols) keepMostProbable(settings.topK);
    if (settings.topP < 1) keepNucleus(settings.topP);
    return invert(uniform);
  }

 private:
  float maximum(const float* logits) const {
    Vec largest = load(logits);
    for (int v = 1; v < vectors; v++) {
      const Vec value = load(logits + v * lanes);
      largest = value > largest ? value : largest;
    }
    float result = largest[0];
    for (int lane = 1; lane < lanes; lane++) result = std::max(result, static_cast<float>(largest[lane]));
    return result;
  }

  // The symbol at which the cumulative weight passes `uniform` of the total.
  int invert(double uniform) const {
    double total = 0;
    for (int v = 0; v < vectors; v++) total += horizontalSum(load(weights.data() + v * lanes));
    double rest = uniform * total;
    int last = 0;
    for (int v = 0; v < vectors; v++) {
      const double sum = horizontalSum(load(weights.data() + v * lanes));
      if (rest >= sum) {
        rest -= sum;
        continue;
      }
      for (int lane = 0; lane < lanes; lane++) {
        const float weight = weights.data()[v * lanes + lane];
        if (weight <= 0) continue;
        last = v * lanes + lane;
        rest -= weight;
        if (rest < 0) return last;
      }
      return last;  // reached only through rounding
    }
    return mostProbable();  // rounding did
  }

  int mostProbable() const {
    return static_cast<int>(std::max_element(weights.data(), weights.data() + symbols) - weights.data());
  }

  // The largest threshold for which `enough` is true; it must be true for 0. Weights are at most 1, and positive floats
  // are ordered as their bits.
  template <class Enough>
  static float threshold(const Enough& enough) {
    std::uint32_t low = 0, high = 0x3f800001;
    while (high - low > 1) {
      const std::uint32_t middle = (low + high) / 2;
      (enough(fromBits(middle)) ? low : high) = middle;
    }
    return fromBits(low);
  }

  static float fromBits(std::uint32_t bits) {
    float value;
    std::memcpy(&value, &bits, sizeof value);
    return value;
  }

  // The sum of `each` over the weights of at least `least`.
  template <class Each>
  float sumFrom(float least, const Each& each) const {
    Vec sum{};
    for (int v = 0; v < vectors; v++) {
      const Vec weight = load(weights.data() + v * lanes);
      sum += weight >= least ? each(weight) : Vec{};
    }
    return horizontalSum(sum);
  }

  float countFrom(float least) const {
    return sumFrom(least, [](Vec) { return broadcast(1.0f); });
  }

  float massFrom(float least) const {
    return sumFrom(least, [](Vec weight) { return weight; });
  }

  static float above(float value) { return std::nextafter(value, 2.0f); }

  void keepMostProbable(int count) {
    const float least = threshold([&](float value) { return countFrom(value) >= count; });
    keep(least, count - static_cast<int>(countFrom(above(least))));
  }

  void keepNucleus(double share) {
    const float wanted = static_cast<float>(share * massFrom(0));
    const float least = threshold([&](float value) { return massFrom(value) >= wanted; });
    if (least == 0) return;
    const float missing = wanted - massFrom(above(least));
    keep(least, std::max(1, static_cast<int>(std::ceil(missing / least))));
  }

  // Keeps the weights above `least`, and the first `equals` weights equal to it.
  void keep(float least, int equals) {
    for (int symbol = 0; symbol < symbols; symbol++) {
      float& weight = weights.data()[symbol];
      if (weight > least) continue;
      if (weight < least || equals-- <= 0) weight = 0;
    }
  }

  const int symbols;
  const int vectors;
  Buffer weights;
};

}  // namespace fermata::FERMATA_ISA
