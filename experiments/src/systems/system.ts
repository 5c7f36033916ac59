/** A system that generates audio from nothing: levels, and a prior on the codes of the highest. */
export interface System {
  readonly id: string;
  readonly title: string;
  /** Rows whose models turn codes into the sequence below, level 1 (audio) first; empty if the prior draws audio. */
  readonly levels: readonly string[];
  /** The row of the model that draws the codes of the highest level. */
  readonly prior: string;
  /** The paper's numbers: ratings are means of 28 people on a scale of 1 to 5 (Table 3). */
  readonly paper?: {
    readonly receptiveFieldMs: number;
    readonly fidelity: number;
    readonly musicality: number;
  };
}
