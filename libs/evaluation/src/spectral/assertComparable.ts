/**
 * Checks that two recordings can be compared.
 *
 * @param name name of the measure, for the message
 * @param options.least smallest number of samples that the measure needs
 * @throws RangeError if they cannot be compared
 */
export function assertComparable(
  name: string,
  reference: Float32Array,
  other: Float32Array,
  { rate, least }: { readonly rate: number; readonly least: number },
): void {
  if (!(rate >= 100 && rate < Infinity)) {
    throw new RangeError(`${name}: rate is ${rate}, but must be at least 100 Hz`);
  }
  if (reference.length !== other.length) {
    throw new RangeError(
      `${name}: the recordings have ${reference.length} and ${other.length} samples; cut them to the same length`,
    );
  }
  if (reference.length < least) {
    throw new RangeError(
      `${name}: the recordings have ${reference.length} samples, but it needs ${least} at ${rate} Hz`,
    );
  }
  assertFinite(name, reference, other);
}

/** @param before samples before these @throws RangeError that names a sample that is not finite */
export function assertFinite(name: string, reference: Float32Array, other: Float32Array, before = 0): void {
  for (const samples of [reference, other]) {
    const position = samples.findIndex((sample) => !Number.isFinite(sample));
    if (position >= 0) throw new RangeError(`${name}: sample ${before + position} is ${samples[position]}`);
  }
}
