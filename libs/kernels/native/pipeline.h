// The order in which threads take runs of timesteps through the stages of a stack.
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

// Cuts sequences into runs of `length` timesteps; the last one of a sequence may be shorter.
std::vector<Run> cutIntoRuns(int batch, int time, int length);

// Takes each run through stages 0, 1, … `stages` − 1. A stage of a run begins when the run before it has finished the
// same stage, so that sums over time come out equal to the bit whatever the number of threads; and, where `reach` is
// not 0, when that many runs after it of the same sequence have finished the stage before. An exception of `work` ends
// all of it and is thrown by `execute`.
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
  // False where it never will be.
  bool waitUntilReady(const Stage& stage) const;

  const std::vector<Run> runs;
  const int reach;
  // What a thread takes at a time: stages to be done one after the other.
  std::vector<std::vector<Stage>> items;
  // The number of stages that each run has behind it.
  std::vector<std::atomic<int>> finished;
  // Whether a stage has thrown: then those that wait for it wait no longer.
  std::atomic<bool> failed{false};
};

}  // namespace fermata
