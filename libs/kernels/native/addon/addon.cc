// The addon: instruction sets and threads, and all operations.
#include <chrono>

#if defined(__GLIBC__)
#include <malloc.h>
#endif

#include "buffer.h"
#include "operations.h"
#include "threads.h"

namespace fermata {
namespace {

Napi::Value instructionSet(const Napi::CallbackInfo& info) {
  return Napi::String::New(info.Env(), kernels().instructionSet);
}

Napi::Value instructionSets(const Napi::CallbackInfo& info) {
  const std::vector<const Kernels*> available = availableKernels();
  Napi::Array names = Napi::Array::New(info.Env(), available.size());
  for (std::uint32_t i = 0; i < available.size(); i++) names.Set(i, available[i]->instructionSet);
  return names;
}

void setInstructionSet(const Arguments& arguments) { chooseKernels(arguments.text(0, "name")); }

Napi::Value threads(const Napi::CallbackInfo& info) { return Napi::Number::New(info.Env(), threadCount()); }

void setThreads(const Arguments& arguments) { setThreadCount(arguments.integer(0, "threads", 1, 1024)); }

// Uninitialised floats: the caller must write before it reads. JavaScript frees them.
Napi::Value allocate(const Napi::CallbackInfo& info) {
  const Arguments arguments(info, "allocate");
  const auto size = static_cast<std::size_t>(arguments.integer(0, "size", 0));
  float* values = take(size);
  const auto finalise = [size](Napi::Env, void* data) { giveBack(static_cast<float*>(data), size); };
  const auto buffer = Napi::ArrayBuffer::New(info.Env(), values, size * sizeof(float), finalise);
  return Napi::Float32Array::New(info.Env(), size, buffer, 0);
}

// Peak speed of the machine's multiply-adds, in GFLOP/s (two operations each): the best of a few tries.
Napi::Value measurePeak(const Napi::CallbackInfo& info) {
  using Clock = std::chrono::steady_clock;
  const int count = threadCount();
  std::vector<double> made(count);
  double best = 0;
  for (int attempt = 0; attempt < 5; attempt++) {
    const auto start = Clock::now();
    parallelFor(count, [&](int thread) { made[thread] = kernels().multiplyAdds(50000); });
    const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
    double total = 0;
    for (const double share : made) total += share;
    best = std::max(best, 2 * total / seconds / 1e9);
  }
  return Napi::Number::New(info.Env(), best);
}

// Keeps freed pages. Tensors of megabytes come and go with every step. The allocator would return their pages each
// time, and touching fresh pages costs more than most operations.
void keepFreedPages() {
#if defined(__GLIBC__)
  mallopt(M_MMAP_THRESHOLD, 32 << 20);
  mallopt(M_TRIM_THRESHOLD, 512 << 20);
  mallopt(M_TOP_PAD, 64 << 20);
#endif
}

Napi::Object initialise(Napi::Env env, Napi::Object exports) {
  keepFreedPages();
  addFunction<instructionSet>(env, exports, "instructionSet");
  addFunction<instructionSets>(env, exports, "instructionSets");
  addFunction<threads>(env, exports, "threads");
  addFunction<allocate>(env, exports, "allocate");
  addFunction<measurePeak>(env, exports, "measurePeak");
  addOperation<setInstructionSet>(env, exports, "setInstructionSet");
  addOperation<setThreads>(env, exports, "setThreads");
  addModelOperations(env, exports);
  addArithmetic(env, exports);
  addSampler(env, exports);
  return exports;
}

NODE_API_MODULE(fermata, initialise)

}  // namespace
}  // namespace fermata
