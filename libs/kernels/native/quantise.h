// The bottlenecks of VQ-VAE and AMAE.
#pragma once

#include <cstddef>
#include <cstdint>

namespace fermata {

// codes [positions]: index of the row of the codebook [codes, depth] nearest to each query [positions, depth].
using Nearest = void(std::ptrdiff_t positions, int codes, int depth, const float* queries, const float* codebook,
                     std::int32_t* result);

// Number of queries for each code, [codes], and their sum, [codes, depth].
using AssignmentSums = void(std::ptrdiff_t positions, int codes, int depth, const float* queries,
                            const std::int32_t* assignment, float* counts, float* sums);

// Divisive normalisation: result [rows, channels] = ReLU(x) / (sum of ReLU(x) + epsilon), row by row.
using Normalise = void(std::ptrdiff_t rows, int channels, float epsilon, const float* x, float* result);

// Gradient of x, from x, the result and the result's gradient.
using NormaliseBackward = void(std::ptrdiff_t rows, int channels, float epsilon, const float* x, const float* result,
                               const float* gradient, float* xGradient);

#ifdef FERMATA_ISA
namespace FERMATA_ISA {
Nearest nearest;
AssignmentSums assignmentSums;
Normalise normalise;
NormaliseBackward normaliseBackward;
}  // namespace FERMATA_ISA
#endif

}  // namespace fermata
