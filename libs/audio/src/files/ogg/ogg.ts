import { checkSampleRate, damaged, decodeWith, type AudioBlock, type ReadableFormat } from '../format';
import { asOnlyBlock, decodeFlac, readStreamInfo, streamInfoBytes } from '../flac';
import type { Source } from '../source';
import { linkPages, type LinkPage } from './links';
import { decodeOpus, opusRate } from './opus';
import { Packets } from './packets';
import { asLastPage, type OggPage } from './pages';

/** Vorbis, Opus and FLAC in Ogg, also chained, by libvorbis, libopus and libFLAC in WebAssembly. */
export const ogg: ReadableFormat = {
  name: 'Ogg',
  recognises: (head) => head.toString('latin1', 0, 4) === 'OggS',
  // The damage that could leave something out is found in the pages themselves, so the length need not be exact.
  length: (source) => ({ seconds: secondsOf(source), exact: false }),
  async *decode(source) {
    for (const link of linksOf(linkPages(source))) yield* decodeLink(link, source.path);
  },
};

/** Divides pages into links. Each must be read to its end before the next. */
function* linksOf(pages: Iterator<LinkPage>): Generator<Iterable<LinkPage>> {
  for (let first = pages.next(); first.done !== true; first = pages.next()) {
    const begin = first.value;
    yield (function* () {
      let page = begin;
      yield page;
      while (!page.isLast) {
        page = pages.next().value as LinkPage;
        yield page;
      }
    })();
  }
}

async function* decodeLink(pages: Iterable<LinkPage>, path: string): AsyncGenerator<AudioBlock> {
  const rest = pages[Symbol.iterator]();
  const first = rest.next().value as LinkPage;
  const whole = chained(first, rest);
  switch (first.codec) {
    case 'Vorbis': {
      readVorbisRate(first.page, path);
      const { OggVorbisDecoder } = await import('@wasm-audio-decoders/ogg-vorbis');
      yield* decodeWith(new OggVorbisDecoder(), pageBytes(whole), path);
      break;
    }
    case 'Opus':
      yield* decodeOpus(whole, path);
      break;
    case 'FLAC':
      yield* decodeFlac(nativeFlac(whole), readFlacInfo(first.page, path).bits, path);
  }
}

function* chained<T>(first: T, rest: Iterator<T>): Generator<T> {
  yield first;
  for (let next = rest.next(); next.done !== true; next = rest.next()) yield next.value;
}

// Many programs do not mark the last page, at whose position the decoder must stop.
function* pageBytes(pages: Iterable<LinkPage>): Generator<Uint8Array> {
  for (const { page, isLast } of pages) yield isLast && !page.ends ? asLastPage(page) : page.bytes;
}

const flacHeadBytes = 9; // '\x7fFLAC', the version and the number of headers

/** The FLAC file that a stream would be without Ogg, and without metadata. */
function* nativeFlac(pages: Iterable<LinkPage>): Generator<Uint8Array> {
  const packets = new Packets();
  let isFirst = true;
  for (const { page } of pages) {
    for (const packet of packets.endingIn(page)) {
      if (isFirst) yield asOnlyBlock(packet.subarray(flacHeadBytes));
      else if (packet[0] === 0xff) yield packet; // a frame
      isFirst = false;
    }
  }
}

function readFlacInfo({ bytes, start }: OggPage, path: string): { sampleRate: number; bits: number } {
  const head = bytes.subarray(start + flacHeadBytes, start + flacHeadBytes + streamInfoBytes);
  return readStreamInfo(head, path);
}

function readVorbisRate({ bytes, start }: OggPage, path: string): number {
  if (bytes.length < start + 16) throw damaged(path, 'its Vorbis header is damaged');
  const sampleRate = bytes.readUInt32LE(start + 12);
  checkSampleRate(path, sampleRate);
  return sampleRate;
}

/** Seconds by the positions of the pages: from the first page that has one to the last, up to a page at both ends. */
function secondsOf(source: Source): number {
  let seconds = 0;
  let rate = 1;
  let from: number | undefined;
  for (const { page, codec, isFirst, isLast } of linkPages(source)) {
    if (isFirst) {
      from = undefined;
      rate =
        codec === 'Vorbis'
          ? readVorbisRate(page, source.path)
          : codec === 'Opus'
            ? opusRate
            : readFlacInfo(page, source.path).sampleRate;
    }
    // A stream from its beginning counts from 0, one recorded from its middle on from its first page.
    if (page.granule > 0) from ??= page.granule > 10 * rate ? page.granule : 0;
    if (isLast && from !== undefined) seconds += Math.max(0, page.granule - from) / rate;
  }
  return seconds;
}
