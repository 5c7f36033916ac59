import type { Work } from '@fermata/data';
import { splits, type Split } from '@fermata/data';

/** The facts about a recording: its work, its split, and its length. */
export interface Recording {
  readonly id: string;
  readonly composer?: string | undefined;
  readonly title?: string | undefined;
  readonly split?: Split | undefined;
  readonly seconds: number;
}

/** A work with all its recordings. */
export interface RecordedWork<R extends Recording> extends Work {
  readonly recordings: readonly R[];
}

export interface Works<R extends Recording> {
  readonly works: readonly RecordedWork<R>[];
  /** Notes about contradictory splits. */
  readonly notes: readonly string[];
}

/**
 * Groups recordings by work: those of the same composer and title, and, without a given split, those whose titles share
 * an identifier, such as BWV 846, op. 10 No. 3 or Sonata No. 8. Titles differ between collections, and music in the
 * training split must not be held out under another title. It keeps given splits, because collections such as MAESTRO
 * have their own.
 */
export function gatherWorks<R extends Recording>(recordings: readonly R[]): Works<R> {
  const notes: string[] = [];
  const titled = [...groupBy(recordings, workKey).values()].map((members) => workOf(members, notes));
  const works = related(titled).flatMap((relatives): RecordedWork<R>[] => {
    const given = relatives.filter(({ split }) => split !== undefined);
    const free = relatives.filter(({ split }) => split === undefined);
    if (free.length === 0) return given;
    const split = heldOutMost(given);
    const together = {
      id: free[0].id,
      seconds: free.reduce((sum, { seconds }) => sum + seconds, 0),
      recordings: free.flatMap((work) => work.recordings),
      ...(split && { split }),
    };
    return [...given, together];
  });
  return { works, notes };
}

/**
 * Identifiers of a work in a title, independent of spelling: numbers in catalogues (BWV, K., D., S., Hob., op. with its
 * No.), numbered forms (Sonata No. 8), and the title as a whole. Each includes the composer's last name.
 */
export function workIdentifiers(composer: string, title: string): string[] {
  const by = lastName(composer);
  const text = plain(title);
  const catalogued = [...text.matchAll(catalogueNumber)].map(
    ([, catalogue, number]) => `${catalogues.get(catalogue) ?? catalogue} ${number}`,
  );
  const numbered = [...text.matchAll(numberedForm)].map(([, form, number]) => `${form} no ${number}`);
  return [...catalogued, ...numbered, text].map((identifier) => `${by}: ${identifier}`);
}

const catalogues = new Map([
  ['kv', 'k'],
  ['opus', 'op'],
]);
// Includes the number within an opus, and Hoboken's groups: `op 27 no 2`, `hob xvi 31`.
const catalogueNumber =
  /\b(bwv|hwv|rv|woo|hob|opus|op|kv|k|d|s) ?((?:anh |posth |[ivx]+ )?\d+[a-z]?(?: no \d+)?)\b/g;
// Excludes the No. of an opus, which follows a number: op. 10 No. 3.
const numberedForm = /\b([a-z]{3,}) no (\d+)\b/g;

/** Converts to lower case without accents and punctuation, with `no` for every word or sign for number. */
function plain(text: string): string {
  const letters = text
    .normalize('NFKD')
    .replace(/\p{Mark}/gu, '')
    .toLowerCase()
    .replace(/[#№]/g, ' no ');
  return letters
    .replace(/[^\p{Letter}\p{Number}]+/gu, ' ')
    .replace(/\b(nr|num|number)\b/g, 'no')
    .trim();
}

// In `Johann Sebastian Bach / Ferruccio Busoni` and `Mikhail Glinka (arr. Balakirev)` the first name is the composer's.
function lastName(composer: string): string {
  return plain(composer.split(/[/(]/)[0]).split(' ').at(-1)!;
}

// Files of one name with different extensions are one work.
function workKey(recording: Recording): string {
  return recording.title === undefined ? recording.id.replace(/\.[^./]*$/, '') : titleOf(recording);
}

function titleOf({ id, composer = '', title }: Recording): string {
  if (title === undefined) return id;
  return `${composer}: ${title}`.toLowerCase().replace(/\s+/g, ' ');
}

function workOf<R extends Recording>(recordings: readonly R[], notes: string[]): RecordedWork<R> {
  const id = titleOf(recordings[0]);
  const split = heldOutMost(recordings);
  const given = splits.filter((one) => recordings.some((recording) => recording.split === one));
  if (given.length > 1) {
    const title = recordings[0].title ?? id;
    notes.push(`'${title}' is in the splits ${given.join(' and ')}: all its recordings are in ${split!}.`);
  }
  const seconds = recordings.reduce((sum, recording) => sum + recording.seconds, 0);
  return { id, seconds, recordings, ...(split && { split }) };
}

/** The split among those given that is held out most: held-out music must never be trained on. */
export function heldOutMost(of: readonly { readonly split?: Split | undefined }[]): Split | undefined {
  return splits.filter((split) => of.some((one) => one.split === split)).at(-1);
}

/** Finds works that share identifiers, directly or through others. */
function related<R extends Recording>(works: readonly RecordedWork<R>[]): RecordedWork<R>[][] {
  let groups: { identifiers: Set<string>; works: RecordedWork<R>[] }[] = [];
  for (const work of works) {
    const [{ composer = '', title }] = work.recordings;
    const identifiers = new Set(title === undefined ? [] : workIdentifiers(composer, title));
    const sharing = groups.filter((group) => [...identifiers].some((one) => group.identifiers.has(one)));
    groups = [
      ...groups.filter((group) => !sharing.includes(group)),
      {
        identifiers: new Set([...sharing.flatMap((group) => [...group.identifiers]), ...identifiers]),
        works: [...sharing.flatMap((group) => group.works), work],
      },
    ];
  }
  return groups.map((group) => group.works);
}

function groupBy<T>(elements: readonly T[], keyOf: (element: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const element of elements) {
    const key = keyOf(element);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [element]);
    else group.push(element);
  }
  return groups;
}
