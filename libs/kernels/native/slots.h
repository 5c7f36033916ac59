// Shares of rows for threads. Sums over rows are computed share by share and then added in order. Neither the shares
// nor, therefore, the results depend on the number of threads.
#pragma once

#include <algorithm>
#include <cstddef>

namespace fermata {

struct Slots {
  // At most `most` shares of whole tiles (the last one may be shorter).
  Slots(std::ptrdiff_t rows, int tileRows, int most) : rows(rows) {
    const std::ptrdiff_t tiles = std::max<std::ptrdiff_t>(1, (rows + tileRows - 1) / tileRows);
    const std::ptrdiff_t tilesEach = (tiles + most - 1) / most;
    size = tilesEach * tileRows;
    count = static_cast<int>((tiles + tilesEach - 1) / tilesEach);
  }

  std::ptrdiff_t begin(int slot) const { return std::min(rows, slot * size); }
  std::ptrdiff_t end(int slot) const { return std::min(rows, (slot + 1) * size); }

  int count;

 private:
  std::ptrdiff_t rows;
  std::ptrdiff_t size;
};

}  // namespace fermata
