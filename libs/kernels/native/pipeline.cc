#include "pipeline.h"

#include <algorithm>
#include <thread>

#include "threads.h"

namespace fermata {

std::vector<Run> cutIntoRuns(int batch, int time, int length) {
  std::vector<Run> runs;
  for (int b = 0; b < batch; b++) {
    for (int begin = 0; begin < time; begin += length) runs.push_back({b, begin, std::min(time, begin + length)});
  }
  return runs;
}

Pipeline::Pipeline(std::vector<Run> runs, int stages, int reach)
    : runs(std::move(runs)), reach(reach), finished(this->runs.size()) {
  const int count = static_cast<int>(this->runs.size());
  if (reach == 0) {
    // A thread takes one run through all stages, so that the run's data stay in its cache.
    for (int run = 0; run < count; run++) {
      items.emplace_back();
      for (int stage = 0; stage < stages; stage++) items.back().push_back({run, stage});
    }
    return;
  }
  // Items are ordered in waves: a stage waits only for stages of earlier waves.
  const int skew = reach + 1;
  for (int wave = 0; wave <= count - 1 + skew * (stages - 1); wave++) {
    for (int stage = 0; stage < stages; stage++) {
      const int run = wave - skew * stage;
      if (run >= 0 && run < count) items.push_back({{run, stage}});
    }
  }
}

void Pipeline::start(Call* call, const void* work) {
  for (std::atomic<int>& count : finished) count.store(0, std::memory_order_relaxed);
  failed.store(false, std::memory_order_relaxed);
  // Threads take items in order, so a waiting thread waits only for items that others have already taken.
  parallelFor(static_cast<int>(items.size()), [&](int item) {
    for (const Stage& stage : items[item]) {
      if (!waitUntilReady(stage)) return;
      try {
        call(work, runs[stage.run], stage.stage);
      } catch (...) {
        failed.store(true, std::memory_order_relaxed);
        throw;
      }
      finished[stage.run].store(stage.stage + 1, std::memory_order_release);
    }
  });
}

bool Pipeline::waitUntilReady(const Stage& stage) const {
  const auto wait = [&](int run, int stages) {
    for (int i = 0; finished[run].load(std::memory_order_acquire) < stages; i++) {
      if (failed.load(std::memory_order_relaxed)) return false;
      if (i > 1000) std::this_thread::yield();
    }
    return true;
  };
  if (stage.run > 0 && !wait(stage.run - 1, stage.stage + 1)) return false;
  if (!wait(stage.run, stage.stage)) return false;
  const int last = std::min(static_cast<int>(runs.size()) - 1, stage.run + reach);
  for (int run = stage.run + 1; run <= last && runs[run].batch == runs[stage.run].batch; run++) {
    if (!wait(run, stage.stage)) return false;
  }
  return true;
}

}  // namespace fermata
