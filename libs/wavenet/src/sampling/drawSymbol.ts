/**
 * Draws a symbol from softmax(logits / temperature) by inverting the distribution function at a uniform number.
 *
 * @param temperature 1: the model's own distribution; below 1: safer choices; 0: always the most probable symbol
 * @param uniform in [0, 1)
 * @throws RangeError when a logit is NaN or +∞, as those of a training that diverged are
 */
export function drawSymbol(logits: Float32Array, temperature: number, uniform: number): number {
  let best = 0;
  for (let symbol = 1; symbol < logits.length; symbol++) {
    if (logits[symbol] > logits[best]) best = symbol;
  }
  const weight = (symbol: number): number => Math.exp((logits[symbol] - logits[best]) / (temperature || 1));
  let total = 0;
  for (let symbol = 0; symbol < logits.length; symbol++) total += weight(symbol);
  if (Number.isNaN(total)) throw new RangeError('the logits are not finite');
  if (temperature === 0) return best;
  let rest = uniform * total;
  for (let symbol = 0; symbol < logits.length; symbol++) {
    rest -= weight(symbol);
    if (rest < 0) return symbol;
  }
  return best; // rounding left a crumb
}
