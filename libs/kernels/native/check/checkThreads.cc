#include <atomic>
#include <new>

#include "../pipeline.h"
#include "../threads.h"
#include "check.h"

namespace fermata::check {
namespace {

// True if a call throws the exception of these tasks, which stands for exhausted memory.
template <class Call>
bool throwsBadAlloc(const Call& call) {
  try {
    call();
  } catch (const std::bad_alloc&) {
    return true;
  }
  return false;
}

// One of many tasks fails, on a worker or on the caller's thread, or all tasks fail; afterwards the pool works as
// before.
void checkFailingTasks(int count, int failing) {
  const std::string what = describe("parallelFor", count, "failing " + std::to_string(failing));
  std::atomic<int> begun{0};
  check(throwsBadAlloc([&] {
          parallelFor(count, [&](int i) {
            begun.fetch_add(1);
            if (failing < 0 || i == failing) throw std::bad_alloc();
          });
        }),
        what + " does not throw");
  check(begun.load() <= count, what + " does a task twice");
  std::vector<int> done(count);
  parallelFor(count, [&](int i) { done[i]++; });
  check(done == std::vector<int>(count, 1), what + " leaves tasks undone afterwards");
}

// Other stages wait for the failing one.
void checkFailingPipeline(int reach, int failingRun, int failingStage) {
  constexpr int stages = 5;
  const std::string what = describe("pipeline", reach, failingRun, failingStage);
  Pipeline pipeline(cutIntoRuns(2, 600, 100), stages, reach);
  const auto fails = [&](bool failing) {
    return throwsBadAlloc([&] {
      pipeline.execute([&](const Run& run, int stage) {
        if (failing && run.batch * 6 + run.begin / 100 == failingRun && stage == failingStage) throw std::bad_alloc();
      });
    });
  };
  check(fails(true), what + " does not throw");
  check(!fails(false), what + " does not recover");
}

}  // namespace

void checkThreads() {
  for (const int threads : {1, 2, 5}) {
    setThreadCount(threads);
    for (int round = 0; round < 20; round++) {
      for (const int failing : {-1, 0, 1, 17, 39}) checkFailingTasks(40, failing);
      checkFailingTasks(1, 0);
      for (const int reach : {0, 1, 2}) {
        for (const int run : {0, 3, 11}) checkFailingPipeline(reach, run, round % 5);
      }
    }
  }
}

}  // namespace fermata::check
