import { fold, RandomStream, type RandomKey } from '@fermata/core';

/**
 * Shuffles the codes of each piece within the piece. A decoder that uses its codes has a far higher NLL with these in
 * place of the real codes (`evaluateNll` with `codes`); one that ignores them has the same NLL.
 *
 * @param codes `[time]` for each piece, by id
 * @param key is folded with the id of each piece: its order does not depend on the other pieces
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
