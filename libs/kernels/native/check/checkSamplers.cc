#include <algorithm>
#include <cmath>
#include <limits>

#include "reference.h"

namespace fermata::check {
namespace {

struct Case {
  SamplerShape shape;
  std::int64_t position;  // position of the first step, at the beginning of a code
  int steps;
  int given;
  DrawSettings draw;
  WeightFormat format;

  StackShape stack() const {
    return {shape.streams, steps,           shape.channels,     shape.gate, shape.skip, shape.width,
            true,          shape.dilations, shape.conditioning, shape.hop};
  }
};

// A network and its inputs.
struct Arrays {
  Arrays(const Case& c, Random& random)
      : layers(c.stack(), [&](std::size_t size) { return random.floats(size, 0.5f); }),
        table(random.floats(c.shape.symbols * c.shape.channels)),
        head{random.floats(c.shape.skip * c.shape.head), random.floats(c.shape.head),
             random.floats(c.shape.head * c.shape.symbols), random.floats(c.shape.symbols)},
        given(random.integers(static_cast<std::size_t>(c.shape.streams) * c.given, c.shape.symbols)),
        previous(random.integers(c.shape.streams, c.shape.symbols)),
        keys(random.integers(2 * c.shape.streams, 1 << 30)) {
    previous[0] = -1;
  }

  StackArrays<float> layers;  // used for its conditioning, not for its x
  Floats table;
  HeadArrays<float> head;
  Integers given;     // [streams, given]
  Integers previous;  // [streams]
  Integers keys;      // [streams, 2]
};

std::unique_ptr<Sampler> make(const Kernels& kernels, const Case& c, const Arrays& arrays) {
  SamplerWeights weights{arrays.table.data(), {}, arrays.head[0].data(), arrays.head[1].data(), arrays.head[2].data(),
                         arrays.head[3].data()};
  for (const LayerArrays<float>& layer : arrays.layers.layers)
    weights.layers.push_back(layerWeights<const float>(layer));
  return kernels.makeSampler(c.shape, weights, c.format);
}

// Takes all steps in chunks of a limited length, each in arrays of its own. Returns symbols and logits [streams, steps,
// …], and reports if all draws met finite logits.
Outputs sample(const Kernels& kernels, const Case& c, const Arrays& arrays, int chunkSteps) {
  const SamplerShape& shape = c.shape;
  const std::unique_ptr<Sampler> sampler = make(kernels, c, arrays);
  Floats symbols = unset(static_cast<std::size_t>(shape.streams) * c.steps);
  Floats logits = unset(symbols.size() * shape.symbols);
  Integers previous = arrays.previous;
  bool finite = true;
  const int codes = c.steps / shape.hop;
  for (int begin = 0; begin < c.steps && finite; begin += chunkSteps) {
    const int steps = std::min(chunkSteps, c.steps - begin);
    const int given = std::clamp(c.given - begin, 0, steps);
    const int firstCode = begin / shape.hop, endCode = (begin + steps - 1) / shape.hop + 1;
    Integers own(static_cast<std::size_t>(shape.streams) * steps, -1);
    Floats ownLogits = unset(own.size() * shape.symbols), conditioning;
    for (int stream = 0; stream < shape.streams; stream++) {
      const auto firstGiven = arrays.given.begin() + stream * c.given + std::min(begin, c.given);
      std::copy_n(firstGiven, given, own.begin() + stream * steps);
      const auto from = arrays.layers.conditioning.begin() + stream * codes * shape.conditioning;
      conditioning.insert(conditioning.end(), from + firstCode * shape.conditioning,
                          from + endCode * shape.conditioning);
    }
    conditioning.shrink_to_fit();
    SamplerChunk chunk{};
    chunk.position = c.position + begin;
    chunk.steps = steps;
    chunk.given = given;
    chunk.symbols = own.data();
    chunk.previous = previous.data();
    chunk.keys = reinterpret_cast<const std::uint32_t*>(arrays.keys.data());
    chunk.draw = c.draw;
    if (shape.conditioning > 0) chunk.conditioning = conditioning.data();
    chunk.codes = endCode - firstCode;
    chunk.firstCode = c.position / shape.hop + firstCode;
    chunk.logits = ownLogits.data();
    finite = sampler->run(chunk);
    for (int stream = 0; stream < shape.streams; stream++) {
      const int at = stream * c.steps + begin;
      std::copy_n(own.begin() + stream * steps, steps, symbols.begin() + at);
      std::copy_n(ownLogits.begin() + stream * steps * shape.symbols, steps * shape.symbols,
                  logits.begin() + at * shape.symbols);
    }
  }
  if (!finite) return {{0.0f}};
  return {symbols, logits, toFloats(previous), {1.0f}};
}

// Logits of the parallel computation for given symbols.
Doubles logitsOf(const Case& c, const Arrays& arrays, const Floats& symbols) {
  const SamplerShape& shape = c.shape;
  const StackShape stack = c.stack();
  StackArrays<float> inputs = arrays.layers;
  for (int stream = 0; stream < shape.streams; stream++) {
    for (int step = 0; step < c.steps; step++) {
      const int row = stream * c.steps + step;
      const int symbol = step == 0 ? arrays.previous[stream] : static_cast<int>(symbols[row - 1]);
      for (int i = 0; i < shape.channels; i++)
        inputs.x[row * shape.channels + i] = symbol < 0 ? 0.0f : arrays.table[symbol * shape.channels + i];
    }
  }
  const StackReference reference(stack, inputs);
  const HeadShape head{static_cast<std::ptrdiff_t>(shape.streams) * c.steps, shape.skip, shape.head, shape.symbols};
  return HeadReference(head, reference.skips, arrays.head).logits;
}

// Largest error of the logits after rounding the weights, relative to the largest logit.
double toleranceOf(WeightFormat format) {
  switch (format) {
    case WeightFormat::fp32: return 1e-4;
    case WeightFormat::bf16: return 0.05;
    case WeightFormat::int8: return 0.15;
  }
  return 0;
}

void checkSampler(const Case& c, Random& random) {
  const SamplerShape& shape = c.shape;
  const std::string what =
      describe("sampler", static_cast<int>(c.format), shape.streams, shape.symbols, shape.channels, shape.gate,
               shape.skip, shape.head, "width " + std::to_string(shape.width), shape.layers(), shape.conditioning,
               shape.hop, "steps " + std::to_string(c.steps), c.draw.temperature, c.draw.topK, c.draw.topP);
  Arrays arrays(c, random);
  checkOperation(what, [&](const Kernels& kernels) {
    const Outputs outputs = sample(kernels, c, arrays, c.steps);
    check(outputs.size() == 4, what + " met logits that are not finite");
    const auto isSymbol = [&](float symbol) { return symbol >= 0 && symbol < static_cast<float>(shape.symbols); };
    check(std::all_of(outputs[0].begin(), outputs[0].end(), isSymbol), what + " drew no symbol");
    checkClose("the logits of " + what, outputs[1], logitsOf(c, arrays, outputs[0]), toleranceOf(c.format));
    check(sample(kernels, c, arrays, 5) == outputs, what + " depends on how steps are cut into chunks");
    return outputs;
  }, {}, 0, true);
  // Draws from logits that are not finite only return false.
  arrays.table[random.bits() % arrays.table.size()] = std::numeric_limits<float>::infinity();
  arrays.head[2][random.bits() % arrays.head[2].size()] = std::nanf("");
  checkOperation("not finite " + what, [&](const Kernels& kernels) {
    Outputs outputs = sample(kernels, c, arrays, c.steps);
    // The bits of a sum of two NaNs depend on the order of the operands, which compilers choose.
    for (Floats& output : outputs) {
      for (float& value : output) {
        if (std::isnan(value)) value = std::numeric_limits<float>::quiet_NaN();
      }
    }
    return outputs;
  }, {}, 0, true);
}

Case randomCase(WeightFormat format, Random& random) {
  Case c{};
  c.format = format;
  SamplerShape& shape = c.shape;
  shape.streams = random.oneOf({1, 2, 3, 5, 9});
  shape.symbols = random.oneOf({2, 5, 16, 50});
  shape.channels = random.oneOf({1, 3, 16, 17, 40});
  shape.gate = random.oneOf({1, 5, 16, 19, 36});
  shape.skip = random.oneOf({1, 7, 16, 33});
  shape.head = random.oneOf({1, 6, 16, 30});
  shape.width = random.between(1, 3);
  for (int layers = random.between(1, 4); layers > 0; layers--)
    shape.dilations.push_back(random.oneOf({1, 2, 3, 4, 8, 11, 50}));
  shape.conditioning = random.oneOf({0, 0, 1, 5, 17});
  shape.hop = shape.conditioning == 0 ? 1 : random.oneOf({1, 2, 8});
  c.steps = random.between(1, 48 / shape.hop) * shape.hop;
  c.position = static_cast<std::int64_t>(shape.hop) * random.oneOf({0, 7, 1 << 28});
  c.given = random.between(0, c.steps);
  c.draw.temperature = random.oneOf({0, 1, 2}) * 0.7;
  c.draw.topK = random.oneOf({1, 3, 1000});
  c.draw.topP = random.oneOf({1, 2, 10}) / 10.0;
  return c;
}

}  // namespace

void checkSamplers() {
  Random random(8);
  for (const WeightFormat format : {WeightFormat::fp32, WeightFormat::bf16, WeightFormat::int8}) {
    for (int i = 0; i < 16; i++) checkSampler(randomCase(format, random), random);
  }
}

}  // namespace fermata::check
