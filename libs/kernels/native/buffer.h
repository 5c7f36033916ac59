// Working memory of operations.
#pragma once

#include <cstddef>
#include <cstring>
#include <utility>

namespace fermata {

// Operations pad channels to whole cache lines, for every instruction set, so that vectors need no tails. The padding
// is zero.
constexpr int padded(int channels) { return (channels + 15) / 16 * 16; }

// Allocates floats aligned to a cache line. Freed memory is kept for later allocations of the same size, because
// touching fresh pages costs as much as computing a layer.
float* take(std::size_t size);
void giveBack(float* values, std::size_t size);

// Floats aligned to a cache line, uninitialised.
class Buffer {
 public:
  Buffer() = default;
  explicit Buffer(std::size_t size) { resize(size); }
  Buffer(Buffer&& other) noexcept : values(std::exchange(other.values, nullptr)), count(std::exchange(other.count, 0)) {}
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  ~Buffer() { giveBack(values, count); }

  // Discards the contents.
  void resize(std::size_t size) {
    giveBack(std::exchange(values, nullptr), std::exchange(count, 0));
    values = take(size);
    count = size;
  }

  // Ensures this capacity; growing discards the contents.
  void reserve(std::size_t size) {
    if (count < size) resize(size);
  }

  void zero() { std::memset(values, 0, count * sizeof(float)); }
  float* data() { return values; }
  const float* data() const { return values; }
  std::size_t size() const { return count; }

 private:
  float* values = nullptr;
  std::size_t count = 0;
};

}  // namespace fermata
