#include "stack.h"

#include "stackLayout.h"

namespace fermata {

std::size_t savedSize(const StackShape& shape) {
  const StackLayout layout(shape);
  const int last = shape.layers() - 1;
  return static_cast<std::size_t>(layout.output(last));
}

}  // namespace fermata
