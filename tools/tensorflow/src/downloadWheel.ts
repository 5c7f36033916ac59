import { UserError } from '@fermata/core';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';

/** TensorFlow's wheels on PyPI: with CUDA, and without. */
export type WheelName = 'tensorflow' | 'tensorflow-cpu';

/** Version of libtensorflow that tfjs 4.22 is made for. */
export const tensorflowVersion = '2.9.1';

// Any Python's wheel will do: no Python runs.
const python = { version: '3.10', abi: 'cp310', platform: 'manylinux2014_x86_64' };

/** File name of a wheel. */
export function wheelFile(name: WheelName): string {
  const { abi, platform } = python;
  const start = name.replace('-', '_');
  return `${start}-${tensorflowVersion}-${abi}-${abi}-manylinux_2_17_x86_64.${platform}.whl`;
}

/**
 * Downloads a wheel into a folder: with pip, which knows the user's mirrors, certificates and proxies, else from the
 * index itself (PIP_INDEX_URL, else PyPI).
 *
 * @returns the wheel's path
 * @throws UserError if neither works
 */
export async function downloadWheel(name: WheelName, folder: string): Promise<string> {
  const problems: string[] = [];
  for (const download of [downloadWithPip, downloadFromIndex]) {
    try {
      return await download(name, folder);
    } catch (error) {
      problems.push(reasonOf(error));
    }
  }
  throw new UserError(
    `${wheelFile(name)}: it cannot be downloaded: ${problems.join('; ')}.`,
    'Set PIP_INDEX_URL to a mirror of PyPI, or download it elsewhere and name the file after --from-wheel.',
  );
}

/** Downloads a wheel with pip, of whichever Python. @throws Error with pip's last line, or without pip */
export function downloadWithPip(name: WheelName, folder: string): Promise<string> {
  const pip = [['pip'], ['pip3'], ['python3', '-m', 'pip']].find(
    ([command, ...args]) => spawnSync(command, [...args, '--version']).status === 0,
  );
  if (pip === undefined) return Promise.reject(new Error('there is no pip'));
  const { version, abi, platform } = python;
  const target = [
    '--python-version',
    version,
    '--implementation',
    'cp',
    '--abi',
    abi,
    '--platform',
    platform,
  ];
  const what = ['--no-deps', '--only-binary=:all:', ...target, '--dest', folder];
  const [command, ...args] = [...pip, 'download', ...what, `${name}==${tensorflowVersion}`];
  const { status, stderr } = spawnSync(command, args, {
    stdio: ['ignore', 'inherit', 'pipe'],
    encoding: 'utf8',
  });
  if (status === 0) return Promise.resolve(join(folder, wheelFile(name)));
  return Promise.reject(new Error(`pip: ${stderr.trim().split('\n').at(-1) ?? ''}`));
}

/**
 * Downloads a wheel from a Python package index, and compares it with the index's SHA-256.
 *
 * @param index address of the index's simple pages, such as `https://pypi.org/simple`
 * @throws Error of one line if the index has no such wheel, or if the download fails or is damaged
 */
export async function downloadFromIndex(
  name: WheelName,
  folder: string,
  index = process.env.PIP_INDEX_URL ?? 'https://pypi.org/simple',
): Promise<string> {
  const file = wheelFile(name);
  const page = await get(`${index.replace(/\/$/, '')}/${name}/`);
  const link = findLink(await page.text(), file);
  if (link === undefined) throw new Error(`${index} has no ${file}`);
  const address = new URL(link, page.url);
  const expected = /sha256=([0-9a-f]{64})/.exec(address.hash)?.[1];
  address.hash = '';
  const response = await get(address.href);
  console.log(`Downloading ${file} (${size(response)}) …`);
  const path = join(folder, file);
  const hash = createHash('sha256');
  const body = Readable.fromWeb(response.body as ReadableStream<Uint8Array>);
  body.on('data', (chunk: Buffer) => hash.update(chunk));
  await pipeline(body, createWriteStream(path));
  if (expected !== undefined && hash.digest('hex') !== expected) {
    throw new Error(`${address.href} does not have the SHA-256 of the index`);
  }
  return path;
}

async function get(address: string) {
  const response = await fetch(address, { headers: { accept: 'text/html, */*;q=0.5' } });
  if (!response.ok || response.body === null) throw new Error(`${address}: HTTP status ${response.status}`);
  return response;
}

function findLink(page: string, file: string): string | undefined {
  for (const [, link, text] of page.matchAll(/<a\s[^>]*href="([^"]+)"[^>]*>\s*([^<]+?)\s*<\/a>/g)) {
    if (text === file) return link.replaceAll('&amp;', '&');
  }
  return undefined;
}

function size({ headers }: Response): string {
  const length = Number(headers.get('content-length'));
  return length > 0 ? `${Math.round(length / 1e6)} MB` : 'of unknown size';
}

// `fetch` tells only in the cause why it failed.
function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error ? `${message} (${cause.message})` : message;
}
