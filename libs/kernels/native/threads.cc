#include "threads.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace fermata {
namespace {

inline void pause() {
#if defined(__x86_64__)
  _mm_pause();
#else
  std::this_thread::yield();
#endif
}

// About 20 microseconds: the time between two operations of a training step, but unnoticeable in a process that has
// stopped computing.
constexpr int spins = 2000;

class Pool {
 public:
  // Throws std::system_error if the machine starts no more threads.
  explicit Pool(int count) {
    try {
      for (int i = 1; i < count; i++) workers.emplace_back([this] { work(); });
    } catch (...) {
      stop();
      throw;
    }
  }

  ~Pool() { stop(); }

  int size() const { return static_cast<int>(workers.size()) + 1; }

  void run(int count, const std::function<void(int)>& function) {
    {
      std::lock_guard<std::mutex> lock(mutex);
      task = &function;
      tasks = count;
      next.store(0, std::memory_order_relaxed);
      busy.store(static_cast<int>(workers.size()), std::memory_order_relaxed);
      round.fetch_add(1, std::memory_order_release);
    }
    started.notify_all();
    takeTasks();
    for (int i = 0; busy.load(std::memory_order_acquire) != 0; i++) {
      if (i < spins) {
        pause();
      } else {
        std::this_thread::yield();
      }
    }
    if (failure != nullptr) std::rethrow_exception(std::exchange(failure, nullptr));
  }

 private:
  void stop() {
    {
      std::lock_guard<std::mutex> lock(mutex);
      stopping = true;
    }
    started.notify_all();
    for (std::thread& worker : workers) worker.join();
  }

  // An exception that escaped a worker would end the process.
  void takeTasks() {
    try {
      for (int i; (i = next.fetch_add(1, std::memory_order_relaxed)) < tasks;) (*task)(i);
    } catch (...) {
      next.store(tasks, std::memory_order_relaxed);
      std::lock_guard<std::mutex> lock(mutex);
      if (failure == nullptr) failure = std::current_exception();
    }
  }

  void work() {
    unsigned seen = 0;
    while (true) {
      for (int i = 0; i < spins && round.load(std::memory_order_acquire) == seen; i++) pause();
      {
        std::unique_lock<std::mutex> lock(mutex);
        started.wait(lock, [&] { return stopping || round.load(std::memory_order_relaxed) != seen; });
        if (stopping) return;
        seen = round.load(std::memory_order_relaxed);
      }
      takeTasks();
      busy.fetch_sub(1, std::memory_order_release);
    }
  }

  std::vector<std::thread> workers;
  std::mutex mutex;
  std::condition_variable started;
  bool stopping = false;
  const std::function<void(int)>* task = nullptr;
  int tasks = 0;
  std::exception_ptr failure;  // the first exception of a round
  std::atomic<unsigned> round{0};
  std::atomic<int> next{0};
  std::atomic<int> busy{0};
};

int wanted = 0;

Pool& pool() {
  static Pool* current = nullptr;
  const int count = threadCount();
  if (current == nullptr || current->size() != count) {
    delete std::exchange(current, nullptr);
    current = new Pool(count);  // never deleted at exit: threads may outlive static objects
  }
  return *current;
}

}  // namespace

int threadCount() {
  if (wanted == 0) {
    const char* variable = std::getenv("FERMATA_THREADS");
    const int asked = variable == nullptr ? 0 : std::atoi(variable);
    wanted = asked >= 1 ? asked : std::max(1u, std::thread::hardware_concurrency());
  }
  return wanted;
}

void setThreadCount(int count) { wanted = std::max(1, count); }

void parallelFor(int count, const std::function<void(int)>& task) {
  if (count <= 0) return;
  if (count == 1 || threadCount() == 1) {
    for (int i = 0; i < count; i++) task(i);
    return;
  }
  pool().run(count, task);
}

}  // namespace fermata
