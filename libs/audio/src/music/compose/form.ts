import { fold, RandomStream, type RandomKey } from '@fermata/core';

import type { Pattern } from './accompaniment';
import type { Metre } from './metre';
import type { Style } from './styles';
import { relatedKeys, type Key } from './theory';
import { drawPeriod, type Motif, type Period, type PhrasePlan } from './theme';

/** Setting of a section. */
export interface Texture {
  readonly pattern: Pattern;
  /** Transposition of the melody, in semitones. */
  readonly shift: number;
  readonly doubling: 'none' | 'sixths' | 'octaves';
  /** True if passing and neighbouring notes break up the long notes. */
  readonly ornamented: boolean;
  /** Mean MIDI velocity. */
  readonly loudness: number;
}

/** Section of the form: `A`, `B`, … of eight bars, and the `coda` of four. */
export interface PlannedSection {
  readonly label: string;
  readonly period: Period;
  readonly texture: Texture;
}

export interface Form {
  readonly name: 'single period' | 'double period' | 'ternary' | 'rondo' | 'variations';
  readonly sections: readonly PlannedSection[];
}

const loudnesses = [50, 57, 64, 71];

/**
 * Lays out a piece of `periods` periods of eight bars and a coda. The first section returns after each digression to a
 * related key, or is varied. All sections grow from the motif.
 */
export function planForm(
  key: RandomKey,
  options: { periods: number; home: Key; style: Style; metre: Metre; motif: Motif },
): Form {
  const { periods, home, style, metre, motif } = options;
  const random = new RandomStream(fold(key, 'form'));
  const register = 70 + random.integer(6);
  const draw = (label: string, plans: readonly PhrasePlan[]): Period =>
    drawPeriod(fold(key, label), plans, metre, motif, register);

  const theme = draw('A', themePlans(home, random));
  const first: Texture = {
    pattern: random.pick(style.patterns),
    shift: 0,
    doubling: 'none',
    ornamented: false,
    loudness: random.pick(loudnesses),
  };
  const varies = periods >= 3 && random.uniform() < 0.25;
  const sections: PlannedSection[] = [];
  if (varies) {
    sections.push({ label: 'A', period: theme, texture: first });
    for (let n = 1; n < periods; n++) sections.push(variation(n, theme, first, style, random));
  } else {
    const keys = random.shuffle(relatedKeys(home));
    const digressions = new Map<string, Period>();
    for (const label of labelsOf(periods)) {
      if (label === 'A') {
        const texture = sections.length === 0 ? first : returning(first, style, random);
        sections.push({ label, period: theme, texture });
      } else {
        const away = keys[label.charCodeAt(0) % keys.length];
        const period = digressions.get(label) ?? draw(label, digressionPlans(home, away, random));
        digressions.set(label, period);
        sections.push({ label, period, texture: contrasting(first, style, random) });
      }
    }
  }
  const ending = draw('coda', [
    { key: home, bars: ['statement', 'sequence', 'filling', 'arrival'], first: 'I', cadence: 'authentic' },
  ]);
  const last = sections[sections.length - 1].texture;
  sections.push({
    label: 'coda',
    period: ending,
    texture: { ...last, ornamented: false, doubling: 'none', loudness: last.loudness - 6 },
  });
  return { name: nameOf(periods, varies), sections };
}

/** Theme: a phrase with an open ending, and one that begins alike and closes. */
function themePlans(home: Key, random: RandomStream): PhrasePlan[] {
  const bars = random.pick<PhrasePlan['bars']>([
    ['statement', 'sequence', 'filling', 'arrival'],
    ['statement', 'filling', 'sequence', 'arrival'],
    ['statement', 'filling', 'filling', 'arrival'],
    ['statement', 'sequence', 'sequence', 'arrival'],
  ]);
  const open = random.uniform() < 0.7 ? 'half' : 'imperfect';
  return [
    { key: home, bars, first: 'I', cadence: open },
    { key: home, bars, first: 'I', cadence: 'authentic' },
  ];
}

/** Digression: a phrase that settles in another key, and one that leads back to the dominant of the home key. */
function digressionPlans(home: Key, away: Key, random: RandomStream): PhrasePlan[] {
  const there = random.pick<PhrasePlan['bars']>([
    ['statement', 'inversion', 'filling', 'arrival'],
    ['inversion', 'sequence', 'filling', 'arrival'],
    ['inversion', 'filling', 'sequence', 'arrival'],
  ]);
  const back = random.pick<PhrasePlan['bars']>([
    ['sequence', 'sequence', 'filling', 'arrival'],
    ['inversion', 'inversion', 'filling', 'arrival'],
    ['sequence', 'filling', 'sequence', 'arrival'],
  ]);
  // The way back begins on the other key's tonic, taken as a chord of the home key.
  const degree = ((away.tonic - home.tonic + 12) % 12) as 3 | 5 | 7 | 9;
  const pivot = { 3: 'iii', 5: 'IV', 7: 'V', 9: 'vi' }[degree];
  return [
    { key: away, bars: there, first: 'I', cadence: random.uniform() < 0.6 ? 'authentic' : 'imperfect' },
    { key: home, bars: back, first: pivot, cadence: 'half' },
  ];
}

/** Alternates A with B and C; an even number of sections begins with two A sections. */
function labelsOf(periods: number): string[] {
  const labels = Array.from({ length: periods % 2 === 0 ? periods - 1 : periods }, (_, index) =>
    index % 2 === 0 ? 'A' : index % 4 === 1 ? 'B' : 'C',
  );
  return periods % 2 === 0 ? ['A', ...labels] : labels;
}

function nameOf(periods: number, varies: boolean): Form['name'] {
  if (varies) return 'variations';
  return periods === 1
    ? 'single period'
    : periods === 2
      ? 'double period'
      : periods <= 4
        ? 'ternary'
        : 'rondo';
}

/** Repeats the texture, or makes it fuller. */
function returning(first: Texture, style: Style, random: RandomStream): Texture {
  const same = random.uniform() < 0.4;
  return {
    ...first,
    pattern: same ? first.pattern : random.pick(style.patterns),
    doubling: same ? 'none' : random.pick(['none', 'sixths', 'octaves'] as const),
    shift: random.uniform() < 0.25 ? 12 : 0,
    loudness: first.loudness + random.integer(9) - 2,
  };
}

function contrasting(first: Texture, style: Style, random: RandomStream): Texture {
  const others = style.patterns.filter((pattern) => pattern !== first.pattern);
  return {
    ...first,
    pattern: random.pick(others),
    shift: random.uniform() < 0.2 ? -12 : 0,
    loudness: random.pick(loudnesses.filter((loudness) => loudness !== first.loudness)),
  };
}

function variation(
  n: number,
  theme: Period,
  first: Texture,
  style: Style,
  random: RandomStream,
): PlannedSection {
  const texture = {
    ...first,
    pattern: random.pick(style.patterns),
    loudness: first.loudness + random.integer(9) - 3,
  };
  const label = `A${n}`;
  switch (random.integer(4)) {
    case 0:
      return { label, period: theme, texture: { ...texture, ornamented: true } };
    case 1:
      return { label, period: theme, texture: { ...texture, shift: 12 } };
    case 2:
      return { label, period: theme, texture: { ...texture, doubling: 'sixths' } };
    default:
      return {
        label,
        period: theme,
        texture: { ...texture, doubling: 'octaves', loudness: texture.loudness + 5 },
      };
  }
}
