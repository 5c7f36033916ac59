import { gatherWorks, workIdentifiers, type Recording } from './works';

/** True if two titles of one composer are of one work. */
function isSame(a: string, b: string, [first, second] = ['Bach', 'Bach']): boolean {
  const identifiers = new Set(workIdentifiers(first, a));
  return workIdentifiers(second, b).some((one) => identifiers.has(one));
}

describe('workIdentifiers', () => {
  it.each([
    ['Fugue BWV 846', 'Well-Tempered Clavier I Fugue BWV 846'],
    ['Prelude and Fugue in C, BWV846', 'Prelude BWV 846'],
    ['Berceuse op 57', 'Berceuse, Op. 57'],
    ['Etude op. 10 No. 3 (opening)', 'Étude Opus 10, nr. 3'],
    ['Piano Sonata No. 8, movement 3', 'Piano Sonata No. 8 op. 13, movement 3'],
    ['Sonata no 16', 'Sonata #16 in C'],
    ['Sonata KV 545', 'Piano Sonata K. 545, movement 1'],
    ['Sonata Hob. XVI:31', 'Sonata in E, Hob XVI/31'],
    ['Moment musical no 3', 'Moment Musical No. 3'],
    ['The  Lark', 'the lark'],
  ])('has something in common for %s and %s', (a, b) => {
    expect(isSame(a, b)).toBe(true);
  });

  it.each([
    ['Fugue BWV 846', 'Fugue BWV 847'],
    ['Etude op. 10 No. 3', 'Etude op. 10 No. 4'],
    ['Etude op. 10 No. 3', 'Etude op. 25 No. 3'],
    ['Piano Sonata No. 8, movement 3', 'Piano Sonata No. 18, movement 3'],
    ['Sonata Hob. XVI:31', 'Sonata Hob. XVI:32'],
    ['Impromptu D. 899 No. 2', 'Impromptu D. 935 No. 2'],
    ['Toccata', 'Toccata and Fugue'],
  ])('has nothing in common for %s and %s', (a, b) => {
    expect(isSame(a, b)).toBe(false);
  });

  it('tells composers apart by their last names, and takes the first of several', () => {
    expect(isSame('Toccata', 'Toccata', ['Robert Schumann', 'Sergei Prokofiev'])).toBe(false);
    expect(isSame('Prélude', 'Prelude', ['Frédéric Chopin', 'F. CHOPIN'])).toBe(true);
    expect(isSame('The Lark', 'The Lark', ['Mikhail Glinka (arr. Balakirev)', 'Glinka'])).toBe(true);
    expect(isSame('BWV 1004', 'BWV 1004', ['Johann Sebastian Bach / Ferruccio Busoni', 'Bach'])).toBe(true);
  });
});

describe('gatherWorks', () => {
  const recording = (id: string, title: string | undefined, split?: Recording['split']): Recording => ({
    id,
    composer: 'Bach',
    title,
    split,
    seconds: 10,
  });
  const gathered = (...recordings: Recording[]) => {
    const { works, notes } = gatherWorks(recordings);
    return {
      works: works.map((work) => [work.recordings.map(({ id }) => id).join(' '), work.split, work.seconds]),
      notes,
    };
  };

  it('gives the split of a work to its recordings without one, under any title', () => {
    expect(
      gathered(
        recording('a.mid', 'Fugue BWV 846', 'validation'),
        recording('b.mid', 'Fugue BWV 847', 'train'),
        recording('a.ogg', 'Well-Tempered Clavier I Fugue BWV 846'),
        recording('c.ogg', 'Well-Tempered Clavier I Fugue BWV 855'),
      ),
    ).toEqual({
      works: [
        ['b.mid', 'train', 10],
        ['a.mid', 'validation', 10],
        ['a.ogg', 'validation', 10],
        ['c.ogg', undefined, 10],
      ],
      notes: [],
    });
  });

  it('groups recordings without a split, even through titles that share nothing themselves', () => {
    const { works } = gathered(
      recording('1', 'Sonata No. 14'),
      recording('2', 'Sonata op. 27 No. 2'),
      recording('3', 'Sonata No. 14 op. 27 No. 2, movement 3'),
      recording('4', undefined),
      recording('5', undefined),
    );
    expect(works).toEqual([
      ['1 2 3', undefined, 30],
      ['4', undefined, 10],
      ['5', undefined, 10],
    ]);
  });

  it('keeps given splits, and gives recordings without one the most held-out split', () => {
    const { works, notes } = gathered(
      recording('1', 'Sonata No. 2, movement 1', 'test'),
      recording('2', 'Sonata No. 2, movement 2', 'train'),
      recording('3', 'Sonata No. 2'),
    );
    expect(works).toEqual([
      ['1', 'test', 10],
      ['2', 'train', 10],
      ['3', 'test', 10],
    ]);
    expect(notes).toEqual([]);
  });
});
