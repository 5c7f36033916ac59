#include "buffer.h"

#include <algorithm>
#include <cstdlib>
#include <list>
#include <mutex>
#include <new>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace fermata {
namespace {

struct Block {
  float* values;
  std::size_t size;
};

// The allocator itself keeps small blocks.
constexpr std::size_t smallestKept = 16384;
constexpr std::size_t mostKept = std::size_t{1} << 26;  // floats: 256 MiB

constexpr std::size_t hugePage = std::size_t{2} << 20;  // bytes
constexpr std::size_t smallestHuge = std::size_t{1} << 21;

std::mutex mutex;
std::size_t keptSize = 0;

// Freed blocks, most recently freed first.
std::list<Block>& keptBlocks() {
  static auto* blocks = new std::list<Block>;  // outlives every other static object
  return *blocks;
}

}  // namespace

float* take(std::size_t size) {
  if (size >= smallestKept) {
    const std::lock_guard<std::mutex> lock(mutex);
    std::list<Block>& kept = keptBlocks();
    for (auto block = kept.begin(); block != kept.end(); ++block) {
      if (block->size != size) continue;
      float* values = block->values;
      keptSize -= size;
      kept.erase(block);
      return values;
    }
  }
  const std::size_t alignment = size >= smallestHuge ? hugePage : 64;
  const std::size_t bytes = std::max(alignment, (size * sizeof(float) + alignment - 1) / alignment * alignment);
  auto* values = static_cast<float*>(std::aligned_alloc(alignment, bytes));
  if (values == nullptr) throw std::bad_alloc();
#if defined(__linux__)
  // Larger pages mean fewer look-ups; without support for them this does no harm.
  if (alignment == hugePage) madvise(values, bytes, MADV_HUGEPAGE);
#endif
  return values;
}

void giveBack(float* values, std::size_t size) {
  if (values == nullptr) return;
  if (size < smallestKept) {
    std::free(values);
    return;
  }
  const std::lock_guard<std::mutex> lock(mutex);
  std::list<Block>& kept = keptBlocks();
  kept.push_front({values, size});
  keptSize += size;
  while (keptSize > mostKept) {
    keptSize -= kept.back().size;
    std::free(kept.back().values);
    kept.pop_back();
  }
}

}  // namespace fermata
