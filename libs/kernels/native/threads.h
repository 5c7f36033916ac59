// The pool of threads that all operations share. The caller's thread works too: a pool of one has no threads of its
// own, and between operations nothing runs.
#pragma once

#include <functional>

namespace fermata {

// Number of working threads, including the caller's: the value that was set, else FERMATA_THREADS, else one per
// processor.
int threadCount();

// Takes effect at the next operation. At least 1.
void setThreadCount(int count);

// Calls task(0) … task(count - 1), each once, on all threads, and returns when all are done. Tasks are assigned to
// threads arbitrarily, so results must not depend on it. Tasks must not call this function themselves.
//
// If a task throws, tasks that have not begun are dropped, and this rethrows the first exception after all threads have
// stopped.
void parallelFor(int count, const std::function<void(int)>& task);

}  // namespace fermata
