// The random numbers of libs/core/src/random.ts, to the bit.
#pragma once

#include <cstdint>

namespace fermata {

struct RandomKey {
  std::uint32_t high;
  std::uint32_t low;
};

// The finaliser of MurmurHash3.
inline std::uint32_t mixBits(std::uint32_t bits) {
  bits = (bits ^ (bits >> 16)) * 0x85ebca6bu;
  bits = (bits ^ (bits >> 13)) * 0xc2b2ae35u;
  return bits ^ (bits >> 16);
}

// fold(key, number)
inline RandomKey fold(const RandomKey& key, std::int64_t number) {
  std::uint32_t high = mixBits(key.high ^ 0x9e3779b9u);
  std::uint32_t low = mixBits(key.low ^ high);
  const std::uint64_t bits = static_cast<std::uint64_t>(number);
  for (const std::uint32_t word : {1u, static_cast<std::uint32_t>(bits), static_cast<std::uint32_t>(bits >> 32)}) {
    high = mixBits(high ^ word);
    low = mixBits(low + high);
    high = mixBits(high + low);
  }
  return {high, low};
}

// new RandomStream(key).uniform(): the first draw of xoshiro128**, in [0, 1), with 53 random bits.
inline double firstUniform(const RandomKey& key) {
  std::uint32_t a = mixBits(key.high ^ 0x243f6a88u);
  std::uint32_t b = mixBits(key.low ^ a);
  std::uint32_t c = mixBits(a + b + 0x85a308d3u);
  std::uint32_t d = mixBits(c ^ b) | 1;
  const auto next = [&] {
    const std::uint32_t scrambled = b * 5;
    const std::uint32_t result = ((scrambled << 7) | (scrambled >> 25)) * 9;
    const std::uint32_t shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = (d << 11) | (d >> 21);
    return result;
  };
  const std::uint32_t high = next() >> 5, low = next() >> 6;
  return (high * 67108864.0 + low) / 9007199254740992.0;
}

}  // namespace fermata
