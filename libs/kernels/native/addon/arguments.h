// Checked arguments from JavaScript: no operation reads or writes past an array, whatever the caller passed.
#pragma once

#define NAPI_VERSION 8
#include <napi.h>

#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

namespace fermata {

using Shape = std::vector<std::int64_t>;

// The arguments of one call, by position and name. On a bad argument each function throws a TypeError that names the
// operation, the argument and the expected value.
class Arguments {
 public:
  Arguments(const Napi::CallbackInfo& info, const char* operation) : info(info), operation(operation) {}

  // A Float32Array or Int32Array with the number of elements of the shape.
  float* floats(int position, const char* name, const Shape& shape) const;
  std::int32_t* integers(int position, const char* name, const Shape& shape) const;
  // A Uint8Array.
  std::uint8_t* bytes(int position, const char* name, const Shape& shape) const;
  // Floats, or null for null and undefined.
  float* optionalFloats(int position, const char* name, const Shape& shape) const;

  // An Int32Array with all values within 0 … bound − 1.
  const std::int32_t* indices(int position, const char* name, const Shape& shape, std::int64_t bound) const;

  int integer(int position, const char* name, std::int64_t least, std::int64_t most = mostElements) const;
  double number(int position, const char* name) const;
  bool boolean(int position, const char* name) const;
  std::string text(int position, const char* name) const;

  // The fields of an object.
  Napi::Object object(int position, const char* name) const;
  int field(const Napi::Object& object, const char* name, std::int64_t least) const;
  bool flag(const Napi::Object& object, const char* name) const;
  double numberField(const Napi::Object& object, const char* name) const;
  std::vector<int> integerFields(const Napi::Object& object, const char* name, std::int64_t least) const;

  // An array of Float32Arrays, with null for each empty shape.
  std::vector<float*> floatsList(int position, const char* name, const std::vector<Shape>& shapes) const;

  Napi::Env env() const { return info.Env(); }
  [[noreturn]] void fail(const std::string& problem) const;

  // The limit leaves room for padding within an int.
  static constexpr std::int64_t mostElements = (std::int64_t{1} << 31) - 16;

 private:
  Napi::Value at(int position) const { return info[static_cast<std::size_t>(position)]; }
  template <class Element>
  Element* arrayOf(const Napi::Value& value, const std::string& name, const Shape& shape) const;
  std::int64_t integerOf(const Napi::Value& value, const std::string& name, std::int64_t least,
                         std::int64_t most) const;

  const Napi::CallbackInfo& info;
  const char* operation;
};

}  // namespace fermata
