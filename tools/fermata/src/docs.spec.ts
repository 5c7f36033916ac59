import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';

import { CommanderError, type Command } from 'commander';
import * as ts from 'typescript';

import { program } from './cli';

const root = resolve(__dirname, '../../..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const filesIn = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .sort();
const pages = ['README.md', 'CHANGELOG.md', ...filesIn('docs').filter((name) => name.endsWith('.md'))];

const fences = /^```(\w*)\n([\s\S]*?)^```$/gm;
const withoutCode = (text: string) => text.replace(fences, '').replace(/`[^`]*`/g, '');

describe.each(pages)('%s', (page) => {
  const text = read(page);

  it('links to files and headings that exist', () => {
    const dead = linksOf(text).filter((link) => !leadsSomewhere(page, link));
    expect(dead).toEqual([]);
  });

  it('has examples that the command accepts', async () => {
    const mistakes: string[] = [];
    for (const example of examplesOf(text)) {
      const mistake = await mistakeIn(example);
      if (mistake !== undefined) mistakes.push(`fermata ${example.join(' ')}: ${mistake}`);
    }
    expect(mistakes).toEqual([]);
  });

  it('names commands and options that exist', () => {
    expect(mentionsOf(text).flatMap(unknownIn)).toEqual([]);
  });
});

describe('the check of examples', () => {
  it.each([
    ['an unknown command', 'play take.wav'],
    ['an unknown option', 'generate --second 3'],
    ['a value that an option does not take', 'generate --seconds none'],
    ['an invalid choice', 'table 9'],
    ['a missing argument', 'export 4bca'],
    ['too many arguments', 'decode codes.json again.wav more.wav'],
  ])('finds %s', async (_, words) => {
    const [example] = examplesOf(`\`\`\`sh\nnpx fermata ${words}\n\`\`\`\n`);
    expect(await mistakeIn(example)).toEqual(expect.any(String));
  });

  it('reads comments, pipes, lines with a backslash, npm start and variables', () => {
    const block =
      'npm ci && npm start -- --scale tiny  # a comment\n' +
      'FERMATA_THREADS=2 npx fermata train 1.2 \\\n  --set "quantiser.alpha=0.9"\n' +
      'npx fermata generate --out - | aplay\nfermata config 1.2 --schema > row.json\nnpx fermata-notebooks install\n';
    expect(examplesOf(`\`\`\`sh\n${block}\`\`\`\n`)).toEqual([
      ['paper', '--scale', 'tiny'],
      ['train', '1.2', '--set', 'quantiser.alpha=0.9'],
      ['generate', '--out', '-'],
      ['config', '1.2', '--schema'],
    ]);
  });
});

describe('the paper map', () => {
  const page = 'docs/paper-map.md';
  const rows = tableRows(read(page)).filter(([, file]) => file !== 'file');

  it('links each line to one file', () => {
    expect(rows.length).toBeGreaterThan(50);
    expect(rows.filter(([, file]) => linksOf(file).length !== 1)).toEqual([]);
  });

  it('names what the linked file declares', () => {
    const lacking = rows.flatMap(([, file, names]) => {
      const path = join(root, dirname(page), linksOf(file)[0]);
      const declared = declaredIn(path);
      return codeOf(names).flatMap((name) => (declared.has(name) ? [] : [`${file}: ${name}`]));
    });
    expect(lacking).toEqual([]);
  });

  it('names something in every line', () => {
    expect(rows.filter(([, , names]) => codeOf(names).length === 0)).toEqual([]);
  });

  it('has every equation, table and figure', () => {
    const text = rows.map(([place]) => place).join('\n');
    const places = ['Equation 1', 'Equation 2', 'Table 1', 'Table 2', 'Table 3', 'Figure 1', 'Figure 2'];
    expect(places.filter((place) => !text.toLowerCase().includes(place.toLowerCase()))).toEqual([]);
  });
});

describe('the architecture', () => {
  const [libraries, rooms] = read('docs/architecture.md').split('\n## Experiments, room by room\n');
  const listed = (cell: string) => (cell === 'nothing' ? [] : cell.split(', '));
  const importsIn = (text: string) =>
    tableRows(text).flatMap(([name, , imports]) =>
      codeOf(name).map((code) => [code, listed(imports)] as const),
    );

  it('has the libraries and arrows that lint enforces', () => {
    const arrows = [...read('eslint.config.mjs').matchAll(/^ {2}(\w+): \[(.*)\],$/gm)].map(
      ([, name, targets]) => [name, targets === '' ? [] : targets.replaceAll("'", '').split(', ')] as const,
    );
    const documented = importsIn(libraries).filter(([name]) => existsSync(join(root, 'libs', name)));
    expect(Object.fromEntries(documented)).toEqual(Object.fromEntries(arrows));
  });

  it('has the rooms of experiments with their imports, each below the rooms that it imports', () => {
    const source = 'experiments/src';
    const folders = readdirSync(join(root, source)).filter(
      (name) => name !== 'testing' && statSync(join(root, source, name)).isDirectory(),
    );
    const documented = importsIn(rooms.split('\n## ')[0]);
    const order = documented.map(([room]) => room);
    const actual = folders.map(
      (room) => [room, importsOf(source, room).sort((a, b) => order.indexOf(a) - order.indexOf(b))] as const,
    );
    expect(Object.fromEntries(documented)).toEqual(Object.fromEntries(actual));
    const upwards = documented.flatMap(([room, imports], index) =>
      imports.filter((other) => order.indexOf(other) >= index).map((other) => `${room} imports ${other}`),
    );
    expect(upwards).toEqual([]);
  });
});

/** Targets of the links of a text. */
function linksOf(text: string): string[] {
  return [...withoutCode(text).matchAll(/\[[^\]]*\]\(([^)\s]+)\)/g)].map(([, target]) => target);
}

function leadsSomewhere(page: string, link: string): boolean {
  if (/^[a-z]+:/.test(link)) return true;
  const [path, anchor] = link.split('#');
  const target = path === '' ? join(root, page) : join(root, dirname(page), path);
  if (!existsSync(target)) return false;
  return !link.includes('#') || anchorsOf(readFileSync(target, 'utf8')).includes(anchor);
}

/** Anchors that GitHub gives to headings. */
function anchorsOf(text: string): string[] {
  const headings = [...text.replace(fences, '').matchAll(/^#+ (.*)$/gm)];
  return headings.map(([, heading]) =>
    heading
      .toLowerCase()
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-'),
  );
}

/** Rows of the tables of a text, without the lines below their headings. */
function tableRows(text: string): string[][] {
  return [...text.replace(fences, '').matchAll(/^\|(.*)\|$/gm)]
    .map(([, row]) => row.split('|').map((cell) => cell.trim()))
    .filter((cells) => !cells.every((cell) => /^:?-+:?$/.test(cell)));
}

function codeOf(text: string): string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, code]) => code);
}

/** Names that a file exports, with the members of its exported classes and interfaces. */
function declaredIn(path: string): Set<string> {
  const file = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true);
  const names = new Set<string>();
  const isExported = (node: ts.Statement) =>
    ts.canHaveModifiers(node) &&
    (ts.getModifiers(node) ?? []).some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
  const add = (name: ts.Node | undefined) => name !== undefined && names.add(name.getText(file));
  for (const statement of file.statements.filter(isExported)) {
    if (ts.isVariableStatement(statement)) {
      for (const { name } of statement.declarationList.declarations) add(name);
    } else if (ts.isClassDeclaration(statement) || ts.isInterfaceDeclaration(statement)) {
      add(statement.name);
      for (const { name } of statement.members) add(name);
    } else if (ts.isFunctionDeclaration(statement) || ts.isTypeAliasDeclaration(statement)) {
      add(statement.name);
    }
  }
  return names;
}

/** Commands `fermata` in the code blocks of a text, as the words after it; `npm start` is `fermata paper`. */
function examplesOf(text: string): string[][] {
  const blocks = [...text.matchAll(fences)].filter(([, language]) => ['', 'sh'].includes(language));
  return blocks
    .flatMap(([, , block]) => block.replace(/\\\n/g, ' ').split('\n'))
    .map((line) => line.replace(/(^|\s)#.*$/, '').replace(/\s>{1,2}\s*\S+/g, ''))
    .flatMap((line) => line.split(/&&|\||;/))
    .map((command) => wordsOf(command).filter((word) => word !== 'npx' && !/^[A-Z_]+=/.test(word)))
    .flatMap(([name, ...words]) => {
      if (name === 'fermata') return [words];
      if (name === 'npm' && words[0] === 'start') return [['paper', ...words.slice(2)]];
      return [];
    });
}

function wordsOf(command: string): string[] {
  return [...command.matchAll(/"[^"]*"|'[^']*'|\S+/g)].map(([word]) => word.replace(/^(["'])(.*)\1$/, '$2'));
}

/** Parses an example without running it. @returns its mistake, if any */
async function mistakeIn(words: readonly string[]): Promise<string | undefined> {
  const fermata = program();
  disarm(fermata);
  try {
    await fermata.parseAsync(words, { from: 'user' });
    return undefined;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? undefined : error.message;
  }
}

function disarm(command: Command): void {
  const ignore = () => undefined;
  command.configureOutput({ writeOut: ignore, writeErr: ignore, outputError: ignore });
  command.commands.forEach(disarm);
  if (command.commands.length === 0) command.action(ignore);
}

/** Commands between backticks in a text, as the words after `fermata`. */
function mentionsOf(text: string): string[][] {
  return codeOf(text.replace(fences, ''))
    .filter((code) => /^(npx )?fermata [a-z]/.test(code))
    .map((code) => wordsOf(code.replace(/^npx /, '')).slice(1));
}

/** The command or the options of a mention that do not exist. */
function unknownIn(words: readonly string[]): string[] {
  let command = program();
  let rest = words;
  while (command.commands.length > 0) {
    const next = command.commands.find((one) => one.name() === rest[0]);
    if (next === undefined) return command.parent === null ? [`no command ${rest[0]}`] : [];
    [command, rest] = [next, rest.slice(1)];
  }
  const known = ['--help', ...command.options.map(({ long }) => long)];
  return rest.filter((word) => word.startsWith('--') && !known.includes(word));
}

/** Other rooms that a room's sources import; a path into a room, past its index.ts, counts as more than its name. */
function importsOf(source: string, room: string): string[] {
  const sources = filesIn(join(source, room)).filter((name) => /(?<!\.spec)\.ts$/.test(name));
  const imported = sources.flatMap((name) =>
    [...read(name).matchAll(/ from '(\..*)';$/gm)]
      .map(([, path]) => relative(join(root, source), resolve(root, dirname(name), path)))
      .filter((path) => path.split(sep)[0] !== room),
  );
  return [...new Set(imported)];
}
