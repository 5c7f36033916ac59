// Memory that operations compute in.
#pragma once

#include <cstddef>
#include <cstring>
#include <utility>

namespace fermata {

// Channels are padded to whole cache lines inside operations, whatever the instruction set, so that vectors need no
// tails. What pads is zero.
constexpr int padded(int channels) { return (channels + 15) / 16 * 16; }

// Memory for so many floats, aligned to a cache line. What is given back is kept for the next who takes as much, since
// the pages of fresh memory cost as much to touch as a layer to compute.
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

  // Forgets what it held.
  void resize(std::size_t size) {
    giveBack(std::exchange(values, nullptr), std::exchange(count, 0));
    values = take(size);
    count = size;
  }

  // Holds at least so many; forgets what it held where it had to grow.
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
