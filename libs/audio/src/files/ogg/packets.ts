import type { OggPage } from './pages';

/** Puts the packets of a stream together, page by page. */
export class Packets {
  private begun: Buffer[] = [];

  /** The packets that end in the next page of the stream. */
  endingIn({ bytes, start }: OggPage): Buffer[] {
    const packets: Buffer[] = [];
    let from = start;
    let at = start;
    for (const size of bytes.subarray(27, start)) {
      at += size;
      if (size === 255) continue; // the packet goes on
      packets.push(Buffer.concat([...this.begun, bytes.subarray(from, at)]));
      this.begun = [];
      from = at;
    }
    if (at > from) this.begun.push(bytes.subarray(from, at));
    return packets;
  }
}
