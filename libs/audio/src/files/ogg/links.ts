import { damaged } from '../format';
import { unsupported } from '../otherFormats';
import type { Source } from '../source';
import { pagesOf, type OggPage } from './pages';

/** Codecs of audio in Ogg that Fermata reads. */
export type OggCodec = 'Vorbis' | 'Opus' | 'FLAC';

/** A page of the audio of a link: links are whole streams, one behind the other in a chained file. */
export interface LinkPage {
  readonly page: OggPage;
  readonly codec: OggCodec;
  /** True for the first page of a link, and for its last. */
  readonly isFirst: boolean;
  readonly isLast: boolean;
}

const codecs: readonly (readonly [magic: string, codec: OggCodec])[] = [
  ['\x01vorbis', 'Vorbis'],
  ['OpusHead', 'Opus'],
  ['\x7fFLAC', 'FLAC'],
];
const others: readonly (readonly [magic: string, name: string])[] = [
  ['Speex', 'Speex'],
  ['\x80theora', 'Theora'],
  ['PCM     ', 'PCM'],
];

/**
 * Reads the pages of the first stream of audio in each link of a file. Streams of other kinds, such as a skeleton or
 * pictures, are left out.
 *
 * @throws UserError if the file is damaged or truncated, or holds no audio that can be read
 */
export function* linkPages(source: Source): Generator<LinkPage> {
  let stream: Stream | undefined;
  let held: Omit<LinkPage, 'isLast'> | undefined;
  let found = false;
  let other: string | undefined;
  let amongHeads = false; // all streams of a link begin before any other of its pages
  for (const page of pagesOf(source)) {
    if (page.begins) {
      const head = page.bytes.toString('latin1', page.start, page.start + 8);
      const codec = codecs.find(([magic]) => head.startsWith(magic))?.[1];
      other ??= others.find(([magic]) => head.startsWith(magic))?.[1];
      const isChosen = codec !== undefined && !(amongHeads && stream?.ended === false);
      amongHeads = true;
      if (!isChosen) continue;
      if (held !== undefined) yield { ...held, isLast: true };
      held = undefined;
      found = true;
      stream = { serial: page.serial, codec, next: page.sequence, inAudio: false, ended: false };
    } else amongHeads = false;
    if (page.serial !== stream?.serial || stream.ended) continue;
    // A stream that was recorded from its middle on has a gap behind its headers.
    if (page.sequence !== stream.next && stream.inAudio) {
      throw damaged(source.path, `its page ${stream.next} is missing: it is damaged`);
    }
    if (held !== undefined) yield { ...held, isLast: false };
    held = { page, codec: stream.codec, isFirst: page.begins };
    stream.next = page.sequence + 1;
    stream.inAudio ||= page.granule > 0;
    stream.ended = page.ends;
  }
  if (held !== undefined) yield { ...held, isLast: true };
  if (!found) throw unsupported(source.path, `${other ?? 'this codec'} in an Ogg file`);
}

interface Stream {
  readonly serial: number;
  readonly codec: OggCodec;
  /** Number of its next page. */
  next: number;
  /** True once samples have ended in it. */
  inAudio: boolean;
  ended: boolean;
}
