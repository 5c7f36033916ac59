// The weights of a stack as JavaScript passes them: seven for each layer.
#pragma once

#include "arguments.h"
#include "stack.h"

namespace fermata {

// Empty shapes mark weights that a layer lacks.
inline std::vector<Shape> stackWeightShapes(const StackShape& shape) {
  std::vector<Shape> shapes;
  for (int layer = 0; layer < shape.layers(); layer++) {
    const bool last = layer + 1 == shape.layers();
    shapes.push_back({shape.width, shape.channels, 2 * static_cast<std::int64_t>(shape.gate)});
    shapes.push_back({2 * static_cast<std::int64_t>(shape.gate)});
    shapes.push_back(last ? Shape{} : Shape{shape.gate, shape.channels});
    shapes.push_back(last ? Shape{} : Shape{shape.channels});
    shapes.push_back({shape.gate, shape.skip});
    shapes.push_back({shape.skip});
    shapes.push_back(shape.conditioning == 0 ? Shape{}
                                             : Shape{shape.conditioning, 2 * static_cast<std::int64_t>(shape.gate)});
  }
  return shapes;
}

template <class Float>
std::vector<LayerWeights<Float>> layersOf(const std::vector<float*>& list) {
  std::vector<LayerWeights<Float>> layers;
  for (std::size_t i = 0; i < list.size(); i += 7)
    layers.push_back({list[i], list[i + 1], list[i + 2], list[i + 3], list[i + 4], list[i + 5], list[i + 6]});
  return layers;
}

}  // namespace fermata
