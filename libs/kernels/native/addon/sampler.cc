// The sampler: the object that JavaScript holds, and its operations.
#include "sampler.h"

#include <algorithm>
#include <cmath>

#include "operations.h"
#include "stackWeights.h"

namespace fermata {
namespace {

struct Handle {
  SamplerShape shape;
  std::unique_ptr<Sampler> sampler;  // null once released
};

// Tells handles of samplers from other values that JavaScript may pass.
constexpr napi_type_tag handleTag = {0x6665726d61746173, 0x616d706c65720001};

SamplerShape readSamplerShape(const Arguments& arguments) {
  const Napi::Object object = arguments.object(0, "shape");
  SamplerShape shape{};
  shape.streams = arguments.field(object, "streams", 1);
  shape.symbols = arguments.field(object, "symbols", 2);
  shape.channels = arguments.field(object, "channels", 1);
  shape.gate = arguments.field(object, "gate", 1);
  shape.skip = arguments.field(object, "skip", 1);
  shape.head = arguments.field(object, "head", 1);
  shape.width = arguments.field(object, "width", 1);
  shape.dilations = arguments.integerFields(object, "dilations", 1);
  shape.conditioning = arguments.field(object, "conditioning", 0);
  shape.hop = arguments.field(object, "hop", 1);
  if (shape.dilations.empty()) arguments.fail("dilations is empty");
  // Positions within a step's values, and offsets in time, must fit ints.
  constexpr std::int64_t most = Arguments::mostElements / 4;
  const std::int64_t gates = 2 * static_cast<std::int64_t>(shape.gate);
  const std::int64_t widest = std::max<std::int64_t>({shape.symbols, shape.skip + gates, shape.channels, shape.head});
  if (shape.streams * widest >= most)
    arguments.fail(std::to_string(shape.streams) + " streams are too many for layers of this size");
  for (const int dilation : shape.dilations) {
    if (static_cast<std::int64_t>(dilation) * shape.width >= most)
      arguments.fail("the dilation " + std::to_string(dilation) + " is too large");
  }
  return shape;
}

WeightFormat readFormat(const Arguments& arguments, int position) {
  const std::string format = arguments.text(position, "weights");
  if (format == "fp32") return WeightFormat::fp32;
  if (format == "bf16") return WeightFormat::bf16;
  if (format == "int8") return WeightFormat::int8;
  arguments.fail("weights is " + format + ", but must be fp32, bf16 or int8");
}

// createSampler(shape, weights, table, layers, head)
Napi::Value createSampler(const Napi::CallbackInfo& info) {
  const Arguments arguments(info, "createSampler");
  const SamplerShape shape = readSamplerShape(arguments);
  const WeightFormat format = readFormat(arguments, 1);
  StackShape stack{};
  stack.channels = shape.channels;
  stack.gate = shape.gate;
  stack.skip = shape.skip;
  stack.width = shape.width;
  stack.dilations = shape.dilations;
  stack.conditioning = shape.conditioning;
  SamplerWeights weights{};
  weights.table = arguments.floats(2, "table", {shape.symbols, shape.channels});
  weights.layers = layersOf<const float>(arguments.floatsList(3, "layers", stackWeightShapes(stack)));
  const std::vector<float*> head = arguments.floatsList(
      4, "head", {{shape.skip, shape.head}, {shape.head}, {shape.head, shape.symbols}, {shape.symbols}});
  weights.hiddenKernel = head[0];
  weights.hiddenBias = head[1];
  weights.logitsKernel = head[2];
  weights.logitsBias = head[3];
  auto handle = std::make_unique<Handle>(Handle{shape, kernels().makeSampler(shape, weights, format)});
  auto external = Napi::External<Handle>::New(info.Env(), handle.get(), [](Napi::Env, Handle* old) { delete old; });
  handle.release();
  external.TypeTag(&handleTag);
  return external;
}

Handle& readHandle(const Arguments& arguments, const Napi::CallbackInfo& info) {
  const Napi::Value value = info[0];
  if (!value.IsExternal() || !value.As<Napi::External<Handle>>().CheckTypeTag(&handleTag))
    arguments.fail("the first argument must be a sampler from createSampler");
  Handle& handle = *value.As<Napi::External<Handle>>().Data();
  if (handle.sampler == nullptr) arguments.fail("the sampler was released");
  return handle;
}

std::int64_t readPosition(const Arguments& arguments, const Napi::Object& object, const char* name) {
  const double value = arguments.numberField(object, name);
  if (!(value >= 0 && value <= 9007199254740991.0) || value != std::floor(value))
    arguments.fail(std::string(name) + " must be an integer of at least 0");
  return static_cast<std::int64_t>(value);
}

DrawSettings readDrawSettings(const Arguments& arguments, const Napi::Object& object) {
  const DrawSettings settings{arguments.numberField(object, "temperature"), arguments.field(object, "topK", 1),
                              arguments.numberField(object, "topP")};
  if (!(settings.temperature >= 0 && std::isfinite(settings.temperature)))
    arguments.fail("temperature must be a number of at least 0");
  if (!(settings.topP > 0 && settings.topP <= 1)) arguments.fail("topP must be a number above 0 and at most 1");
  return settings;
}

void checkSymbols(const Arguments& arguments, const SamplerShape& shape, const SamplerChunk& chunk) {
  const auto check = [&](const char* name, std::int32_t symbol, int least) {
    if (symbol >= least && symbol < shape.symbols) return;
    arguments.fail(std::string(name) + " has " + std::to_string(symbol) + ", which is not in " +
                   std::to_string(least) + " … " + std::to_string(shape.symbols - 1));
  };
  for (std::ptrdiff_t stream = 0; stream < shape.streams; stream++) {
    check("previous", chunk.previous[stream], -1);
    for (int step = 0; step < chunk.given; step++) check("symbols", chunk.symbols[stream * chunk.steps + step], 0);
  }
}

void checkCodes(const Arguments& arguments, const SamplerShape& shape, const SamplerChunk& chunk) {
  if (shape.conditioning == 0 || chunk.steps == 0) return;
  const std::int64_t last = (chunk.position + chunk.steps - 1) / shape.hop;
  if (chunk.position / shape.hop < chunk.firstCode || last >= chunk.firstCode + chunk.codes) {
    arguments.fail("the conditioning of the codes " + std::to_string(chunk.firstCode) + " … " +
                   std::to_string(chunk.firstCode + chunk.codes - 1) + " does not cover the timesteps " +
                   std::to_string(chunk.position) + " … " + std::to_string(chunk.position + chunk.steps - 1));
  }
}

// sampleSteps(sampler, chunk, symbols, previous, keys, conditioning or null, logits or null)
Napi::Value sampleSteps(const Napi::CallbackInfo& info) {
  const Arguments arguments(info, "sampleSteps");
  Handle& handle = readHandle(arguments, info);
  const SamplerShape& shape = handle.shape;
  const Napi::Object object = arguments.object(1, "chunk");
  SamplerChunk chunk{};
  chunk.position = readPosition(arguments, object, "position");
  chunk.steps = arguments.field(object, "steps", 0);
  chunk.given = arguments.field(object, "given", 0);
  if (chunk.given > chunk.steps) arguments.fail("given must be at most steps");
  chunk.draw = readDrawSettings(arguments, object);
  chunk.codes = arguments.field(object, "codes", 0);
  chunk.firstCode = readPosition(arguments, object, "firstCode");
  chunk.symbols = arguments.integers(2, "symbols", {shape.streams, chunk.steps});
  chunk.previous = arguments.integers(3, "previous", {shape.streams});
  chunk.keys = reinterpret_cast<const std::uint32_t*>(arguments.integers(4, "keys", {shape.streams, 2}));
  if (shape.conditioning > 0)
    chunk.conditioning = arguments.floats(5, "conditioning", {shape.streams, chunk.codes, shape.conditioning});
  chunk.logits = arguments.optionalFloats(6, "logits", {shape.streams, chunk.steps, shape.symbols});
  checkSymbols(arguments, shape, chunk);
  checkCodes(arguments, shape, chunk);
  return Napi::Boolean::New(info.Env(), handle.sampler->run(chunk));
}

Napi::Value releaseSampler(const Napi::CallbackInfo& info) {
  readHandle(Arguments(info, "releaseSampler"), info).sampler.reset();
  return info.Env().Undefined();
}

}  // namespace

void addSampler(Napi::Env env, Napi::Object exports) {
  addFunction<createSampler>(env, exports, "createSampler");
  addFunction<sampleSteps>(env, exports, "sampleSteps");
  addFunction<releaseSampler>(env, exports, "releaseSampler");
}

}  // namespace fermata
