#include <atomic>
#include <new>

#include "../pipeline.h"
#include "../threads.h"
#include "check.h"

namespace fermata::check {
namespace {

// Whether a call ends in the exception that tasks here throw, as they do where memory runs out.
template <class Call>
bool throwsBadAlloc(const Call& call) {
  try {
    call();
  } catch (const std::bad_alloc&) {
    return true;
  }
  return false;
}

// Of many tasks one fails, which a worker takes or the caller, or all do; afterwards all is as if nothing had been.
void checkFailingTasks(int count, int failing) {
  const std::string what = describe("parallelFor", count, "failing " + std::to_string(failing));
  std::atomic<int> begun{0};
  check(throwsBadAlloc([&] {
          parallelFor(count, [&](int i) {
            begun.fetch_add(1);
            if (failing < 0 || i == failing) throw std::bad_alloc();
          });
        }),
        what + " throws nothing");
  check(begun.load() <= count, what + " does a task twice");
  std::vector<int> done(count);
  parallelFor(count, [&](int i) { done[i]++; });
  check(done == std::vector<int>(count, 1), what + " leaves tasks undone afterwards");
}

// A stage that fails is one that others wait for.
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
  check(fails(true), what + " throws nothing");
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
