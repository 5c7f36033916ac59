#include "arguments.h"

#include <cmath>
#include <limits>
#include <sstream>

namespace fermata {
namespace {

std::string textOf(const Shape& shape) {
  std::ostringstream text;
  text << '[';
  for (std::size_t i = 0; i < shape.size(); i++) text << (i == 0 ? "" : ", ") << shape[i];
  text << ']';
  return text.str();
}

std::string kindOf(const Napi::Value& value) {
  if (value.IsTypedArray()) {
    return "an array of " + std::to_string(value.As<Napi::TypedArray>().ElementLength()) + " values of another type";
  }
  if (value.IsNull()) return "null";
  if (value.IsUndefined()) return "undefined";
  if (value.IsNumber()) return value.ToString().Utf8Value();
  if (value.IsString()) return "a string";
  if (value.IsBoolean()) return "a boolean";
  return "something else";
}

bool isMissing(const Napi::Value& value) { return value.IsNull() || value.IsUndefined(); }

}  // namespace

void Arguments::fail(const std::string& problem) const {
  throw Napi::TypeError::New(info.Env(), std::string(operation) + ": " + problem + ".");
}

namespace {

struct ElementType {
  napi_typedarray_type type;
  const char* text;
};

template <class Element>
constexpr ElementType elementType{};
template <>
constexpr ElementType elementType<float>{napi_float32_array, "a Float32Array"};
template <>
constexpr ElementType elementType<std::int32_t>{napi_int32_array, "an Int32Array"};
template <>
constexpr ElementType elementType<std::uint8_t>{napi_uint8_array, "a Uint8Array"};

// Number of elements of a shape; −1 on overflow.
std::int64_t sizeOf(const Shape& shape) {
  std::int64_t size = 1;
  for (const std::int64_t dimension : shape) {
    if (dimension != 0 && size > std::numeric_limits<std::int64_t>::max() / 8 / dimension) return -1;
    size *= dimension;
  }
  return size;
}

}  // namespace

template <class Element>
Element* Arguments::arrayOf(const Napi::Value& value, const std::string& name, const Shape& shape) const {
  const auto& [type, text] = elementType<Element>;
  if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != type)
    fail(name + " of shape " + textOf(shape) + " must be " + text + ", but is " + kindOf(value));
  auto array = value.As<Napi::TypedArrayOf<Element>>();
  // A detached array has no elements left.
  if (static_cast<std::int64_t>(array.ElementLength()) != sizeOf(shape)) {
    fail(name + " of shape " + textOf(shape) + " has " + std::to_string(array.ElementLength()) + " values");
  }
  return array.Data();
}

float* Arguments::floats(int position, const char* name, const Shape& shape) const {
  return arrayOf<float>(at(position), name, shape);
}

float* Arguments::optionalFloats(int position, const char* name, const Shape& shape) const {
  return isMissing(at(position)) ? nullptr : floats(position, name, shape);
}

std::int32_t* Arguments::integers(int position, const char* name, const Shape& shape) const {
  return arrayOf<std::int32_t>(at(position), name, shape);
}

std::uint8_t* Arguments::bytes(int position, const char* name, const Shape& shape) const {
  return arrayOf<std::uint8_t>(at(position), name, shape);
}

const std::int32_t* Arguments::indices(int position, const char* name, const Shape& shape, std::int64_t bound) const {
  const std::int32_t* values = integers(position, name, shape);
  const std::int64_t size = sizeOf(shape);
  for (std::int64_t i = 0; i < size; i++) {
    if (values[i] < 0 || values[i] >= bound) {
      fail(std::string(name) + " has " + std::to_string(values[i]) + " at " + std::to_string(i) +
           ", which is not in 0 … " + std::to_string(bound - 1));
    }
  }
  return values;
}

std::int64_t Arguments::integerOf(const Napi::Value& value, const std::string& name, std::int64_t least,
                                  std::int64_t most) const {
  const double number = value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : NAN;
  if (!(number >= static_cast<double>(least) && number <= static_cast<double>(most)) ||
      number != std::floor(number)) {
    fail(name + " must be an integer of " + std::to_string(least) + " … " + std::to_string(most) + ", but is " +
         kindOf(value));
  }
  return static_cast<std::int64_t>(number);
}

int Arguments::integer(int position, const char* name, std::int64_t least, std::int64_t most) const {
  return static_cast<int>(integerOf(at(position), name, least, std::min<std::int64_t>(most, mostElements - 1)));
}

double Arguments::number(int position, const char* name) const {
  if (!at(position).IsNumber()) fail(std::string(name) + " must be a number, but is " + kindOf(at(position)));
  return at(position).As<Napi::Number>().DoubleValue();
}

bool Arguments::boolean(int position, const char* name) const {
  if (!at(position).IsBoolean()) fail(std::string(name) + " must be a boolean, but is " + kindOf(at(position)));
  return at(position).As<Napi::Boolean>().Value();
}

std::string Arguments::text(int position, const char* name) const {
  if (!at(position).IsString()) fail(std::string(name) + " must be a string, but is " + kindOf(at(position)));
  return at(position).As<Napi::String>().Utf8Value();
}

Napi::Object Arguments::object(int position, const char* name) const {
  if (!at(position).IsObject()) fail(std::string(name) + " must be an object, but is " + kindOf(at(position)));
  return at(position).As<Napi::Object>();
}

int Arguments::field(const Napi::Object& object, const char* name, std::int64_t least) const {
  return static_cast<int>(integerOf(object.Get(name), name, least, mostElements - 1));
}

bool Arguments::flag(const Napi::Object& object, const char* name) const {
  const Napi::Value value = object.Get(name);
  if (!value.IsBoolean()) fail(std::string(name) + " must be a boolean, but is " + kindOf(value));
  return value.As<Napi::Boolean>().Value();
}

double Arguments::numberField(const Napi::Object& object, const char* name) const {
  const Napi::Value value = object.Get(name);
  if (!value.IsNumber()) fail(std::string(name) + " must be a number, but is " + kindOf(value));
  return value.As<Napi::Number>().DoubleValue();
}

std::vector<int> Arguments::integerFields(const Napi::Object& object, const char* name, std::int64_t least) const {
  const Napi::Value value = object.Get(name);
  if (!value.IsArray()) fail(std::string(name) + " must be an array of integers, but is " + kindOf(value));
  const auto array = value.As<Napi::Array>();
  std::vector<int> result;
  for (std::uint32_t i = 0; i < array.Length(); i++) {
    const std::string element = std::string(name) + '[' + std::to_string(i) + ']';
    result.push_back(static_cast<int>(integerOf(array.Get(i), element, least, mostElements - 1)));
  }
  return result;
}

std::vector<float*> Arguments::floatsList(int position, const char* name, const std::vector<Shape>& shapes) const {
  if (!at(position).IsArray()) {
    fail(std::string(name) + " must be an array of Float32Arrays, but is " + kindOf(at(position)));
  }
  const auto array = at(position).As<Napi::Array>();
  if (array.Length() != shapes.size()) {
    fail(std::string(name) + " must have " + std::to_string(shapes.size()) + " elements, but has " +
         std::to_string(array.Length()));
  }
  std::vector<float*> result;
  for (std::uint32_t i = 0; i < array.Length(); i++) {
    const Napi::Value value = array.Get(i);
    const std::string element = std::string(name) + '[' + std::to_string(i) + ']';
    if (shapes[i].empty()) {
      if (!isMissing(value)) fail(element + " must be null, but is " + kindOf(value));
      result.push_back(nullptr);
    } else {
      result.push_back(arrayOf<float>(value, element, shapes[i]));
    }
  }
  return result;
}

}  // namespace fermata
