// Schedules runs of timesteps through the stages of a stack.
#pragma once

#include <atomic>
#include <vector>

namespace fermata {

// A run of timesteps of one sequence.
struct Run {
  int batch;
  int begin;
  int end;
};

// Cuts sequences into runs of `length` timesteps; the last run of a sequence may be shorter.
std::vector<Run> cutIntoRuns(int batch, int time, int length);

// Takes each run through stages 0, 1, … `stages` − 1. A stage of a run begins when the run before it has finished the
// same stage, so that sums over time are equal to the bit for any number of threads. If `reach` is not 0, it also waits
// until that many runs after it in the same sequence have finished the previous stage. An exception in `work` ends the
// execution, and `execute` rethrows it.
class Pipeline {
 public:
  Pipeline(std::vector<Run> runs, int stages, int reach);

  template <class Work>
  void execute(const Work& work) {
    start([](const void* pointer, const Run& run, int stage) { (*static_cast<const Work*>(pointer))(run, stage); },
          &work);
  }

 private:
  struct Stage {
    int run;
    int stage;
  };
  using Call = void(const void* work, const Run& run, int stage);

  void start(Call* call, const void* work);
  // Returns false if it never will be.
  bool waitUntilReady(const Stage& stage) const;

  const std::vector<Run> runs;
  const int reach;
  // Stages that a thread takes at a time, one after the other.
  std::vector<std::vector<Stage>> items;
  // Number of finished stages of each run.
  std::vector<std::atomic<int>> finished;
  // True once a stage has thrown; waiting stages then stop waiting.
  std::atomic<bool> failed{false};
};

}  // namespace fermata
