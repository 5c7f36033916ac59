// The pool of threads that all operations share. The caller's thread works too, so that a pool of one has no threads of
// its own and nothing runs while no operation does.
#pragma once

#include <functional>

namespace fermata {

// How many threads work, the caller's included: what was set, else FERMATA_THREADS, else one per processor.
int threadCount();

// Takes effect at the next operation. At least 1.
void setThreadCount(int count);

// Calls task(0) … task(count - 1), each once, on all threads, and returns when all are done. Which thread runs which
// task is left to chance: a result must not depend on it. Tasks must not call it themselves.
//
// Where a task throws, those that have not begun never do, and the first exception is thrown again here once no thread
// works any more.
void parallelFor(int count, const std::function<void(int)>& task);

}  // namespace fermata
