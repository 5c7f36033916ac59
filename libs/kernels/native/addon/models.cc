// The fused operations of the models.
#include "operations.h"
#include "stackWeights.h"

namespace fermata {
namespace {

void checkTaps(const Arguments& arguments, int width, bool causal, int dilation) {
  if (!causal && width % 2 == 0) arguments.fail("what is centred has an odd width, not " + std::to_string(width));
  // Offsets in time are ints.
  if (static_cast<std::int64_t>(dilation) * width >= Arguments::mostElements / 2)
    arguments.fail("the dilation " + std::to_string(dilation) + " is too large");
}

StackShape readStackShape(const Arguments& arguments) {
  const Napi::Object object = arguments.object(0, "shape");
  StackShape shape{};
  shape.batch = arguments.field(object, "batch", 0);
  shape.time = arguments.field(object, "time", 0);
  shape.channels = arguments.field(object, "channels", 1);
  shape.gate = arguments.field(object, "gate", 1);
  shape.skip = arguments.field(object, "skip", 1);
  shape.width = arguments.field(object, "width", 1);
  shape.causal = arguments.flag(object, "causal");
  shape.dilations = arguments.integerFields(object, "dilations", 1);
  shape.conditioning = arguments.field(object, "conditioning", 0);
  shape.hop = arguments.field(object, "hop", 1);
  if (shape.dilations.empty()) arguments.fail("dilations is empty");
  if (shape.time % shape.hop != 0) {
    arguments.fail("the hop " + std::to_string(shape.hop) + " does not divide the " + std::to_string(shape.time) +
                   " timesteps");
  }
  for (const int dilation : shape.dilations) checkTaps(arguments, shape.width, shape.causal, dilation);
  return shape;
}

StackInputs readStackInputs(const Arguments& arguments, const StackShape& shape) {
  StackInputs inputs;
  inputs.x = arguments.floats(1, "x", {shape.batch, shape.time, shape.channels});
  inputs.conditioning = shape.conditioning == 0
                            ? nullptr
                            : arguments.floats(2, "conditioning", {shape.batch, shape.time / shape.hop, shape.conditioning});
  inputs.weights = layersOf<const float>(arguments.floatsList(3, "weights", stackWeightShapes(shape)));
  return inputs;
}

void stackForwardOf(const Arguments& arguments) {
  const StackShape shape = readStackShape(arguments);
  const StackInputs inputs = readStackInputs(arguments, shape);
  float* saved = arguments.optionalFloats(4, "saved", {static_cast<std::int64_t>(savedSize(shape))});
  float* skips = arguments.floats(5, "skips", {shape.batch, shape.time, shape.skip});
  kernels().stackForward(shape, inputs, saved, skips);
}

void stackBackwardOf(const Arguments& arguments) {
  const StackShape shape = readStackShape(arguments);
  const StackInputs inputs = readStackInputs(arguments, shape);
  float* saved = arguments.floats(4, "saved", {static_cast<std::int64_t>(savedSize(shape))});
  const float* skipsGradient = arguments.floats(5, "gradient of skips", {shape.batch, shape.time, shape.skip});
  StackGradients gradients;
  gradients.x = arguments.optionalFloats(6, "gradient of x", {shape.batch, shape.time, shape.channels});
  gradients.conditioning =
      shape.conditioning == 0
          ? nullptr
          : arguments.optionalFloats(7, "gradient of conditioning",
                                     {shape.batch, shape.time / shape.hop, shape.conditioning});
  gradients.weights = layersOf<float>(arguments.floatsList(8, "gradients of weights", stackWeightShapes(shape)));
  kernels().stackBackward(shape, inputs, saved, skipsGradient, gradients);
}

Napi::Value stackSavedSize(const Napi::CallbackInfo& info) {
  const Arguments arguments(info, "stackSavedSize");
  return Napi::Number::New(info.Env(), static_cast<double>(savedSize(readStackShape(arguments))));
}

HeadShape readHeadShape(const Arguments& arguments) {
  const Napi::Object object = arguments.object(0, "shape");
  return {arguments.field(object, "rows", 0), arguments.field(object, "skip", 1), arguments.field(object, "hidden", 1),
          arguments.field(object, "symbols", 1)};
}

template <class Float>
HeadWeights<Float> readHeadWeights(const Arguments& arguments, int position, const char* name,
                                   const HeadShape& shape) {
  const std::vector<float*> list = arguments.floatsList(
      position, name, {{shape.skip, shape.hidden}, {shape.hidden}, {shape.hidden, shape.symbols}, {shape.symbols}});
  return {list[0], list[1], list[2], list[3]};
}

void headForwardOf(const Arguments& arguments) {
  const HeadShape shape = readHeadShape(arguments);
  const float* skips = arguments.floats(1, "skips", {shape.rows, shape.skip});
  const auto weights = readHeadWeights<const float>(arguments, 2, "weights", shape);
  const std::int32_t* targets = arguments.indices(3, "targets", {shape.rows}, shape.symbols);
  float* nll = arguments.floats(4, "nll", {shape.rows});
  kernels().headForward(shape, skips, weights, targets, nll);
}

void headBackwardOf(const Arguments& arguments) {
  const HeadShape shape = readHeadShape(arguments);
  const float* skips = arguments.floats(1, "skips", {shape.rows, shape.skip});
  const auto weights = readHeadWeights<const float>(arguments, 2, "weights", shape);
  const std::int32_t* targets = arguments.indices(3, "targets", {shape.rows}, shape.symbols);
  const float* nllGradient = arguments.floats(4, "gradient of nll", {shape.rows});
  float* skipsGradient = arguments.floats(5, "gradient of skips", {shape.rows, shape.skip});
  const auto gradients = readHeadWeights<float>(arguments, 6, "gradients of weights", shape);
  kernels().headBackward(shape, skips, weights, targets, nllGradient, skipsGradient, gradients);
}

void oneHotOf(const Arguments& arguments) {
  const int positions = arguments.integer(0, "positions", 0), count = arguments.integer(1, "count", 1);
  const std::int32_t* indices = arguments.integers(2, "indices", {positions});
  kernels().oneHot(positions, count, indices, arguments.floats(3, "result", {positions, count}));
}

// embed(batch, time, channels, delay, rows, symbols, table, result) and similar operations.
SymbolsShape readSymbolsShape(const Arguments& arguments) {
  return {arguments.integer(0, "batch", 0), arguments.integer(1, "time", 0), arguments.integer(2, "channels", 1),
          arguments.integer(3, "delay", 0)};
}

void embedOf(const Arguments& arguments) {
  const SymbolsShape shape = readSymbolsShape(arguments);
  const int rows = arguments.integer(4, "rows", 1);
  const std::int32_t* symbols = arguments.indices(5, "symbols", {shape.batch, shape.time}, rows);
  const float* table = arguments.floats(6, "table", {rows, shape.channels});
  kernels().embed(shape, symbols, table, arguments.floats(7, "result", {shape.batch, shape.time, shape.channels}));
}

void embedBackwardOf(const Arguments& arguments) {
  const SymbolsShape shape = readSymbolsShape(arguments);
  const int rows = arguments.integer(4, "rows", 1);
  const std::int32_t* symbols = arguments.indices(5, "symbols", {shape.batch, shape.time}, rows);
  const float* gradient = arguments.floats(6, "gradient", {shape.batch, shape.time, shape.channels});
  kernels().embedBackward(shape, rows, symbols, gradient,
                          arguments.floats(7, "gradient of the table", {rows, shape.channels}));
}

void enterScalarsOf(const Arguments& arguments) {
  const SymbolsShape shape = readSymbolsShape(arguments);
  const float half = static_cast<float>(arguments.number(4, "half"));
  const std::int32_t* symbols = arguments.integers(5, "symbols", {shape.batch, shape.time});
  const float* kernel = arguments.floats(6, "kernel", {shape.channels});
  const float* bias = arguments.floats(7, "bias", {shape.channels});
  kernels().enterScalars(shape, half, symbols, kernel, bias,
                         arguments.floats(8, "result", {shape.batch, shape.time, shape.channels}));
}

void enterScalarsBackwardOf(const Arguments& arguments) {
  const SymbolsShape shape = readSymbolsShape(arguments);
  const float half = static_cast<float>(arguments.number(4, "half"));
  const std::int32_t* symbols = arguments.integers(5, "symbols", {shape.batch, shape.time});
  const float* gradient = arguments.floats(6, "gradient", {shape.batch, shape.time, shape.channels});
  float* kernelGradient = arguments.floats(7, "gradient of the kernel", {shape.channels});
  kernels().enterScalarsBackward(shape, half, symbols, gradient, kernelGradient,
                                 arguments.floats(8, "gradient of the bias", {shape.channels}));
}

OneHotConvolutionShape readOneHotConvolutionShape(const Arguments& arguments) {
  const Napi::Object object = arguments.object(0, "shape");
  const OneHotConvolutionShape shape{
      arguments.field(object, "batch", 0),          arguments.field(object, "time", 0),
      arguments.field(object, "from", 0),           arguments.field(object, "receptiveField", 1),
      arguments.field(object, "symbols", 1),        arguments.field(object, "channels", 1)};
  if (shape.from > shape.time) arguments.fail("from is more than the time");
  return shape;
}

void oneHotConvolutionOf(const Arguments& arguments) {
  const OneHotConvolutionShape shape = readOneHotConvolutionShape(arguments);
  const std::int32_t* symbols = arguments.indices(1, "symbols", {shape.batch, shape.time}, shape.symbols);
  const float* kernel = arguments.floats(2, "kernel", {shape.receptiveField, shape.symbols, shape.channels});
  float* result = arguments.floats(3, "result", {shape.batch, shape.time - shape.from, shape.channels});
  kernels().oneHotConvolution(shape, symbols, kernel, result);
}

void oneHotConvolutionBackwardOf(const Arguments& arguments) {
  const OneHotConvolutionShape shape = readOneHotConvolutionShape(arguments);
  const std::int32_t* symbols = arguments.indices(1, "symbols", {shape.batch, shape.time}, shape.symbols);
  const float* gradient = arguments.floats(2, "gradient", {shape.batch, shape.time - shape.from, shape.channels});
  float* kernelGradient =
      arguments.floats(3, "gradient of the kernel", {shape.receptiveField, shape.symbols, shape.channels});
  kernels().oneHotConvolutionBackward(shape, symbols, gradient, kernelGradient);
}

ConvolutionShape readConvolutionShape(const Arguments& arguments) {
  const Napi::Object object = arguments.object(0, "shape");
  const ConvolutionShape shape{arguments.field(object, "batch", 0),   arguments.field(object, "time", 0),
                               arguments.field(object, "inputs", 1),  arguments.field(object, "outputs", 1),
                               arguments.field(object, "width", 1),   arguments.flag(object, "causal"),
                               arguments.field(object, "dilation", 1)};
  checkTaps(arguments, shape.width, shape.causal, shape.dilation);
  return shape;
}

void convolveOf(const Arguments& arguments) {
  const ConvolutionShape shape = readConvolutionShape(arguments);
  const float* x = arguments.floats(1, "x", {shape.batch, shape.time, shape.inputs});
  const float* kernel = arguments.floats(2, "kernel", {shape.width, shape.inputs, shape.outputs});
  const float* bias = arguments.floats(3, "bias", {shape.outputs});
  kernels().convolve(shape, x, kernel, bias, arguments.floats(4, "result", {shape.batch, shape.time, shape.outputs}));
}

void convolveBackwardOf(const Arguments& arguments) {
  const ConvolutionShape shape = readConvolutionShape(arguments);
  const float* x = arguments.floats(1, "x", {shape.batch, shape.time, shape.inputs});
  const float* kernel = arguments.floats(2, "kernel", {shape.width, shape.inputs, shape.outputs});
  const float* gradient = arguments.floats(3, "gradient", {shape.batch, shape.time, shape.outputs});
  const ConvolutionGradients gradients{
      arguments.floats(4, "gradient of x", {shape.batch, shape.time, shape.inputs}),
      arguments.floats(5, "gradient of the kernel", {shape.width, shape.inputs, shape.outputs}),
      arguments.floats(6, "gradient of the bias", {shape.outputs})};
  kernels().convolveBackward(shape, x, kernel, gradient, gradients);
}

void nearestOf(const Arguments& arguments) {
  const int positions = arguments.integer(0, "positions", 0);
  const int codes = arguments.integer(1, "codes", 1);
  const int depth = arguments.integer(2, "depth", 1);
  const float* queries = arguments.floats(3, "queries", {positions, depth});
  const float* codebook = arguments.floats(4, "codebook", {codes, depth});
  kernels().nearest(positions, codes, depth, queries, codebook, arguments.integers(5, "result", {positions}));
}

void assignmentSumsOf(const Arguments& arguments) {
  const int positions = arguments.integer(0, "positions", 0);
  const int codes = arguments.integer(1, "codes", 1);
  const int depth = arguments.integer(2, "depth", 1);
  const float* queries = arguments.floats(3, "queries", {positions, depth});
  const std::int32_t* assignment = arguments.indices(4, "assignment", {positions}, codes);
  float* counts = arguments.floats(5, "counts", {codes});
  kernels().assignmentSums(positions, codes, depth, queries, assignment, counts,
                           arguments.floats(6, "sums", {codes, depth}));
}

void normaliseOf(const Arguments& arguments) {
  const int rows = arguments.integer(0, "rows", 0);
  const int channels = arguments.integer(1, "channels", 1);
  const float epsilon = static_cast<float>(arguments.number(2, "epsilon"));
  const float* x = arguments.floats(3, "x", {rows, channels});
  kernels().normalise(rows, channels, epsilon, x, arguments.floats(4, "result", {rows, channels}));
}

void normaliseBackwardOf(const Arguments& arguments) {
  const int rows = arguments.integer(0, "rows", 0);
  const int channels = arguments.integer(1, "channels", 1);
  const float epsilon = static_cast<float>(arguments.number(2, "epsilon"));
  const float* x = arguments.floats(3, "x", {rows, channels});
  const float* result = arguments.floats(4, "result", {rows, channels});
  const float* gradient = arguments.floats(5, "gradient", {rows, channels});
  kernels().normaliseBackward(rows, channels, epsilon, x, result, gradient,
                              arguments.floats(6, "gradient of x", {rows, channels}));
}

// adam(step, size, gradient, weight, first, second, average or null)
void adamOf(const Arguments& arguments) {
  const Napi::Object step = arguments.object(0, "step");
  const auto value = [&](const char* name) { return static_cast<float>(arguments.numberField(step, name)); };
  const AdamStep adamStep{value("beta1"),    value("beta2"),          value("epsilon"),     value("gradientScale"),
                          value("stepSize"), value("deviationScale"), value("averageShare")};
  const int size = arguments.integer(1, "size", 0);
  const float* gradient = arguments.floats(2, "gradient", {size});
  float* weight = arguments.floats(3, "weight", {size});
  float* first = arguments.floats(4, "first moment", {size});
  float* second = arguments.floats(5, "second moment", {size});
  kernels().adam(adamStep, size, gradient, weight, first, second, arguments.optionalFloats(6, "average", {size}));
}

Napi::Value sumOfSquaresOf(const Napi::CallbackInfo& info) {
  const Arguments arguments(info, "sumOfSquares");
  const int size = arguments.integer(0, "size", 0);
  return Napi::Number::New(info.Env(), kernels().sumOfSquares(size, arguments.floats(1, "values", {size})));
}

}  // namespace

void addModelOperations(Napi::Env env, Napi::Object exports) {
  addOperation<stackForwardOf>(env, exports, "stackForward");
  addOperation<stackBackwardOf>(env, exports, "stackBackward");
  addOperation<headForwardOf>(env, exports, "headForward");
  addOperation<headBackwardOf>(env, exports, "headBackward");
  addOperation<oneHotOf>(env, exports, "oneHot");
  addOperation<embedOf>(env, exports, "embed");
  addOperation<embedBackwardOf>(env, exports, "embedBackward");
  addOperation<enterScalarsOf>(env, exports, "enterScalars");
  addOperation<enterScalarsBackwardOf>(env, exports, "enterScalarsBackward");
  addOperation<oneHotConvolutionOf>(env, exports, "oneHotConvolution");
  addOperation<oneHotConvolutionBackwardOf>(env, exports, "oneHotConvolutionBackward");
  addOperation<convolveOf>(env, exports, "convolve");
  addOperation<convolveBackwardOf>(env, exports, "convolveBackward");
  addOperation<nearestOf>(env, exports, "nearest");
  addOperation<assignmentSumsOf>(env, exports, "assignmentSums");
  addOperation<normaliseOf>(env, exports, "normalise");
  addOperation<normaliseBackwardOf>(env, exports, "normaliseBackward");
  addOperation<adamOf>(env, exports, "adam");
  addFunction<stackSavedSize>(env, exports, "stackSavedSize");
  addFunction<sumOfSquaresOf>(env, exports, "sumOfSquares");
}

}  // namespace fermata
