// Matrix products and element-wise operations.
#include <array>
#include <utility>

#include "operations.h"

namespace fermata {
namespace {

template <class Operation, std::size_t Count>
Operation byName(const Arguments& arguments, int position,
                 const std::array<std::pair<const char*, Operation>, Count>& operations) {
  const std::string wanted = arguments.text(position, "the operation");
  std::string names;
  for (const auto& [name, operation] : operations) {
    if (wanted == name) return operation;
    names += (names.empty() ? "" : ", ") + std::string(name);
  }
  arguments.fail(wanted + " is not one of " + names);
}

// multiply(rows, inner, columns, transposeLeft, transposeRight, left, right, bias or null, result)
void multiplyOf(const Arguments& arguments) {
  const MatrixShape shape{arguments.integer(0, "rows", 0), arguments.integer(1, "inner", 0),
                          arguments.integer(2, "columns", 0), arguments.boolean(3, "transposeLeft"),
                          arguments.boolean(4, "transposeRight")};
  const auto oriented = [](std::ptrdiff_t a, std::ptrdiff_t b, bool turned) {
    return turned ? Shape{b, a} : Shape{a, b};
  };
  const float* left = arguments.floats(5, "left", oriented(shape.rows, shape.inner, shape.transposeLeft));
  const float* right = arguments.floats(6, "right", oriented(shape.inner, shape.columns, shape.transposeRight));
  const float* bias = arguments.optionalFloats(7, "bias", {shape.columns});
  kernels().multiply(shape, left, right, bias, arguments.floats(8, "result", {shape.rows, shape.columns}));
}

void sumRowsOf(const Arguments& arguments) {
  const int rows = arguments.integer(0, "rows", 0), columns = arguments.integer(1, "columns", 0);
  const float* x = arguments.floats(2, "x", {rows, columns});
  kernels().sumRows(rows, columns, x, arguments.floats(3, "result", {columns}));
}

void transposeOf(const Arguments& arguments) {
  const int rows = arguments.integer(0, "rows", 0), columns = arguments.integer(1, "columns", 0);
  const float* x = arguments.floats(2, "x", {rows, columns});
  kernels().transpose(rows, columns, x, arguments.floats(3, "result", {columns, rows}));
}

constexpr std::array<std::pair<const char*, BinaryOperation>, 6> binaryOperations{{
    {"add", BinaryOperation::add},
    {"subtract", BinaryOperation::subtract},
    {"multiply", BinaryOperation::multiply},
    {"divide", BinaryOperation::divide},
    {"maximum", BinaryOperation::maximum},
    {"minimum", BinaryOperation::minimum},
}};

// binary(operation, outer, inner, left, left varies outside, inside, right, … , result)
void binaryOf(const Arguments& arguments) {
  const BinaryOperation operation = byName(arguments, 0, binaryOperations);
  const int outer = arguments.integer(1, "outer", 0), inner = arguments.integer(2, "inner", 0);
  const auto operand = [&](int position, const char* name) {
    const bool outside = arguments.boolean(position + 1, "varies outside");
    const bool inside = arguments.boolean(position + 2, "varies inside");
    const float* values = arguments.floats(position, name, {outside ? outer : 1, inside ? inner : 1});
    return std::pair(values, Strides{outside ? (inside ? inner : 1) : 0, inside ? 1 : 0});
  };
  const auto [left, leftStrides] = operand(3, "left");
  const auto [right, rightStrides] = operand(6, "right");
  float* result = arguments.floats(9, "result", {outer, inner});
  kernels().binary(operation, outer, inner, left, leftStrides, right, rightStrides, result);
}

constexpr std::array<std::pair<const char*, UnaryOperation>, 11> unaryOperations{{
    {"absolute", UnaryOperation::absolute},
    {"exponential", UnaryOperation::exponential},
    {"logarithm", UnaryOperation::logarithm},
    {"negate", UnaryOperation::negate},
    {"rectify", UnaryOperation::rectify},
    {"round", UnaryOperation::round},
    {"sigmoid", UnaryOperation::sigmoid},
    {"square", UnaryOperation::square},
    {"squareRoot", UnaryOperation::squareRoot},
    {"step", UnaryOperation::step},
    {"tanh", UnaryOperation::tanh},
}};

void unaryOf(const Arguments& arguments) {
  const UnaryOperation operation = byName(arguments, 0, unaryOperations);
  const int size = arguments.integer(1, "size", 0);
  const float* x = arguments.floats(2, "x", {size});
  kernels().unary(operation, size, x, arguments.floats(3, "result", {size}));
}

constexpr std::array<std::pair<const char*, Reduction>, 3> reductions{{
    {"sum", Reduction::sum},
    {"mean", Reduction::mean},
    {"maximum", Reduction::maximum},
}};

void reduceOf(const Arguments& arguments) {
  const Reduction reduction = byName(arguments, 0, reductions);
  const int outer = arguments.integer(1, "outer", 0), count = arguments.integer(2, "count", 1);
  const int inner = arguments.integer(3, "inner", 0);
  const float* x = arguments.floats(4, "x", {outer, count, inner});
  kernels().reduce(reduction, outer, count, inner, x, arguments.floats(5, "result", {outer, inner}));
}

void argumentOfOf(const Arguments& arguments) {
  const bool largest = arguments.boolean(0, "largest");
  const int rows = arguments.integer(1, "rows", 0), columns = arguments.integer(2, "columns", 1);
  const float* x = arguments.floats(3, "x", {rows, columns});
  kernels().argumentOf(largest, rows, columns, x, arguments.integers(4, "result", {rows}));
}

void chooseOf(const Arguments& arguments) {
  const int size = arguments.integer(0, "size", 0);
  const std::uint8_t* condition = arguments.bytes(1, "condition", {size});
  const float* left = arguments.floats(2, "left", {size});
  const float* right = arguments.floats(3, "right", {size});
  kernels().choose(size, condition, left, right, arguments.floats(4, "result", {size}));
}

void softmaxOf(const Arguments& arguments) {
  const int rows = arguments.integer(0, "rows", 0), columns = arguments.integer(1, "columns", 1);
  const float* x = arguments.floats(2, "x", {rows, columns});
  kernels().softmax(rows, columns, x, arguments.floats(3, "result", {rows, columns}));
}

void repeatRowsOf(const Arguments& arguments) {
  const int rows = arguments.integer(0, "rows", 0), times = arguments.integer(1, "times", 0);
  const int columns = arguments.integer(2, "columns", 0);
  const float factor = static_cast<float>(arguments.number(3, "factor"));
  const float* x = arguments.floats(4, "x", {rows, columns});
  kernels().repeatRows(rows, times, columns, factor, x, arguments.floats(5, "result", {rows, times, columns}));
}

}  // namespace

void addArithmetic(Napi::Env env, Napi::Object exports) {
  addOperation<multiplyOf>(env, exports, "multiply");
  addOperation<sumRowsOf>(env, exports, "sumRows");
  addOperation<transposeOf>(env, exports, "transpose");
  addOperation<binaryOf>(env, exports, "binary");
  addOperation<unaryOf>(env, exports, "unary");
  addOperation<reduceOf>(env, exports, "reduce");
  addOperation<argumentOfOf>(env, exports, "argumentOf");
  addOperation<chooseOf>(env, exports, "choose");
  addOperation<softmaxOf>(env, exports, "softmax");
  addOperation<repeatRowsOf>(env, exports, "repeatRows");
}

}  // namespace fermata
