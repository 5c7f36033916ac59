/**
 * The weights of a part of a model and its work for each timestep of the sequence modelled. A part that runs at a lower
 * rate, such as once for every code, counts that share of its work.
 */
export interface Cost {
  /** Scalars in the weights. */
  readonly parameters: number;
  /** Multiply-adds of matrix products with a gradient. */
  readonly multiplyAdds: number;
  /** Multiply-adds of matrix products without a gradient: the search for the nearest vector of a codebook. */
  readonly searched: number;
}

/** The cost of a part without weights or products. */
export const free: Cost = { parameters: 0, multiplyAdds: 0, searched: 0 };

/** Adds up the costs of parts. */
export function sumCosts(costs: readonly Cost[]): Cost {
  return costs.reduce(
    (total, each) => ({
      parameters: total.parameters + each.parameters,
      multiplyAdds: total.multiplyAdds + each.multiplyAdds,
      searched: total.searched + each.searched,
    }),
    free,
  );
}

/**
 * Computes the cost of a matrix product with weights `[inputs, outputs]`.
 *
 * @param rate products for each timestep of the sequence modelled
 */
export function productCost(inputs: number, outputs: number, rate: number): Cost {
  return { parameters: inputs * outputs, multiplyAdds: inputs * outputs * rate, searched: 0 };
}

/** Computes the cost of a dense layer: a product and a bias `[outputs]`. */
export function denseCost(inputs: number, outputs: number, rate: number): Cost {
  return sumCosts([productCost(inputs, outputs, rate), { ...free, parameters: outputs }]);
}

/** The size of a model. */
export interface ModelSize {
  /** Scalars in the weights. */
  readonly parameters: number;
  /**
   * Floating point operations of one timestep of the sequence modelled, on average: 2 per multiply-add of a matrix
   * product. Backward has twice as many as forward (the gradients of both factors), except for the search for the nearest
   * vector of a codebook, which has no gradient. Lookups, activations, the optimiser and recomputation do not count. The
   * residual projection of a stack's last layer, which is never computed, does: it is part of the network as the
   * literature draws it.
   */
  readonly flopsPerTimestep: { readonly forward: number; readonly total: number };
}

/** Converts a cost to the size of a model. */
export function sizeOfCost({ parameters, multiplyAdds, searched }: Cost): ModelSize {
  const forward = 2 * multiplyAdds;
  return {
    parameters,
    flopsPerTimestep: { forward: forward + 2 * searched, total: 3 * forward + 2 * searched },
  };
}
