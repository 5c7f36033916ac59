/** Settings for drawing symbols from logits. */
export interface DrawSettings {
  /** 1: the model's own distribution; below 1: safer choices; 0: always the most probable symbol. */
  readonly temperature: number;
  /** Number of most probable symbols to draw among; of equally probable ones, the first are kept. */
  readonly topK: number;
  /**
   * Share of their probability, in (0, 1]: draws only among the fewest of these that have at least this share; 1: all.
   */
  readonly topP: number;
}

/**
 * Draws a symbol from softmax(logits / temperature), restricted by `settings`, by inverting the distribution function
 * at a uniform number.
 *
 * @param uniform in [0, 1)
 * @throws RangeError if a logit is NaN or +∞, as after a diverged training
 */
export function drawSymbol(logits: Float32Array, settings: DrawSettings, uniform: number): number {
  const { temperature, topK, topP } = settings;
  let best = 0;
  for (let symbol = 1; symbol < logits.length; symbol++) {
    if (logits[symbol] > logits[best]) best = symbol;
  }
  const weights = Float64Array.from(logits, (logit) => Math.exp((logit - logits[best]) / (temperature || 1)));
  if (Number.isNaN(sum(weights))) throw new RangeError('the logits are not finite');
  if (temperature === 0) return best;
  if (topK < logits.length || topP < 1) keepMostProbable(weights, topK, topP);
  let rest = uniform * sum(weights);
  for (let symbol = 0; symbol < weights.length; symbol++) {
    rest -= weights[symbol];
    if (rest < 0) return symbol;
  }
  return best; // rounding left a remainder
}

function keepMostProbable(weights: Float64Array, topK: number, topP: number): void {
  const order = Array.from(weights, (_, symbol) => symbol).sort((a, b) => weights[b] - weights[a] || a - b);
  const candidates = order.slice(0, topK);
  const wanted = topP * sum(candidates.map((symbol) => weights[symbol]));
  let kept = 0;
  for (let mass = 0; kept < candidates.length && (mass < wanted || kept === 0); kept++) {
    mass += weights[candidates[kept]];
  }
  for (const symbol of order.slice(kept)) weights[symbol] = 0;
}

function sum(values: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i];
  return total;
}
