import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Scalars of a run's folder as TensorBoard shows them: `tag@step`, once for each time that TensorBoard draws it. */
export function readEvents(folder: string): { name: string; value: number }[] {
  let shown: { name: string; step: number; value: number }[] = [];
  const files = readdirSync(folder).filter((name) => name.startsWith('events.'));
  for (const file of files.sort()) {
    for (const event of records(readFileSync(join(folder, file)))) {
      const step = Number(event.get(2)?.[0] ?? 0);
      if (event.has(7)) shown = shown.filter((scalar) => scalar.step < step);
      for (const summary of event.get(5) ?? []) {
        for (const scalar of fields(summary as Buffer).get(1) ?? []) {
          const parts = fields(scalar as Buffer);
          const tag = (parts.get(1)![0] as Buffer).toString();
          shown.push({ name: `${tag}@${step}`, step, value: (parts.get(2)![0] as Buffer).readFloatLE() });
        }
      }
    }
  }
  return shown.map(({ name, value }) => ({ name, value }));
}

type Fields = Map<number, (Buffer | bigint)[]>;

// A truncated record ends the file.
function* records(bytes: Buffer): Generator<Fields> {
  for (let position = 0; position + 12 <= bytes.length;) {
    const length = Number(bytes.readBigUInt64LE(position));
    if (position + 12 + length + 4 > bytes.length) return;
    yield fields(bytes.subarray(position + 12, position + 12 + length));
    position += 12 + length + 4;
  }
}

// Fields of a protocol buffer by number: integers, or raw bytes for all other types.
function fields(message: Buffer): Fields {
  const found: Fields = new Map();
  let position = 0;
  const varint = () => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = message[position++];
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  const take = (length: number) => message.subarray(position, (position += length));
  while (position < message.length) {
    const key = Number(varint());
    const type = key & 7;
    const value = type === 0 ? varint() : take(type === 1 ? 8 : type === 5 ? 4 : Number(varint()));
    found.set(key >> 3, [...(found.get(key >> 3) ?? []), value]);
  }
  return found;
}
