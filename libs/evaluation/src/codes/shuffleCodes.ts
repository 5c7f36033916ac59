import { fold, RandomStream, type RandomKey } from '@fermata/core';

/**
 * The codes of each piece in random order, each piece's among themselves. A decoder given these in place of the real
 * ones (`evaluateNll` with `codes`) has a far higher NLL if it listens to them, and the same if it ignores them.
 *
 * @param codes `[time]` of each piece by its id
 * @param key folded with the id of each piece: its order does not depend on the other pieces
 */
export function shuffleCodes(
  codes: ReadonlyMap<string, ArrayLike<number>>,
  key: RandomKey,
): Map<string, Int32Array> {
  const shuffled = new Map<string, Int32Array>();
  for (const [id, sequence] of codes) {
    const stream = new RandomStream(fold(key, id));
    shuffled.set(id, Int32Array.from(stream.shuffle(Array.from(sequence))));
  }
  return shuffled;
}
