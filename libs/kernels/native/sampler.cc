#include "sampler.h"

#include <algorithm>
#include <atomic>
#include <deque>

#include "samplerStreams.h"
#include "threads.h"

namespace fermata::FERMATA_ISA {
namespace {

template <class Weights>
class IncrementalWaveNet : public Sampler {
 public:
  IncrementalWaveNet(const SamplerShape& shape, const SamplerWeights& weights) : network(shape, weights) {
    const int count = std::min(shape.streams, threadCount());
    for (int group = 0; group < count; group++) {
      const int first = group * shape.streams / count, end = (group + 1) * shape.streams / count;
      groups.emplace_back(network, first, end - first);
    }
  }

  bool run(const SamplerChunk& chunk) override {
    std::atomic<bool> finite{true};
    parallelFor(static_cast<int>(groups.size()), [&](int group) {
      if (!groups[group].run(chunk)) finite.store(false, std::memory_order_relaxed);
    });
    return finite.load(std::memory_order_relaxed);
  }

 private:
  const SamplerNetwork<Weights> network;
  std::deque<StreamGroup<Weights>> groups;
};

}  // namespace

std::unique_ptr<Sampler> makeSampler(const SamplerShape& shape, const SamplerWeights& weights, WeightFormat format) {
  switch (format) {
    case WeightFormat::bf16:
      return std::make_unique<IncrementalWaveNet<Bf16Weights>>(shape, weights);
    case WeightFormat::int8:
      return std::make_unique<IncrementalWaveNet<Int8Weights>>(shape, weights);
    default:
      return std::make_unique<IncrementalWaveNet<Fp32Weights>>(shape, weights);
  }
}

}  // namespace fermata::FERMATA_ISA
