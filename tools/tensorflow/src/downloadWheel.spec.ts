import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { downloadFromIndex, wheelFile } from './downloadWheel';

const file = 'tensorflow_cpu-2.9.1-cp310-cp310-manylinux_2_17_x86_64.manylinux2014_x86_64.whl';
const contents = 'the wheel';
const sum = createHash('sha256').update(contents).digest('hex');

let server: Server;
let index: string;
let folder: string;
let pages: Partial<Record<string, string>>;

beforeAll(async () => {
  server = createServer(({ url }, response) => {
    const page = pages[url ?? ''];
    response.writeHead(page === undefined ? 404 : 200).end(page);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  index = `http://127.0.0.1:${(server.address() as AddressInfo).port}/simple`;
});
afterAll(() => server.close());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fermata-index-'));
  jest.spyOn(console, 'log').mockImplementation(() => undefined);
});
afterEach(() => {
  rmSync(folder, { recursive: true });
  jest.restoreAllMocks();
});

/** Page of an index with links to wheels, as PyPI writes it. */
function pageOf(links: Record<string, string>): string {
  const lines = Object.entries(links).map(
    ([name, link]) => `<a href="${link}" data-requires-python="&gt;=3.7">${name}</a><br/>`,
  );
  return `<!DOCTYPE html><html><body>${lines.join('\n')}</body></html>`;
}

describe('downloadFromIndex', () => {
  it('follows the link of the wheel for Linux and checks its SHA-256', async () => {
    expect(wheelFile('tensorflow-cpu')).toBe(file);
    pages = {
      '/simple/tensorflow-cpu/': pageOf({
        [file.replace('manylinux_2_17', 'macosx')]: '../../other',
        [file]: `../../files/${file}#sha256=${sum}`,
      }),
      [`/files/${file}`]: contents,
    };
    const path = await downloadFromIndex('tensorflow-cpu', folder, `${index}/`);
    expect(path).toBe(join(folder, file));
    expect(readFileSync(path, 'utf8')).toBe(contents);
  });

  it('rejects a file that is not the one of the index', async () => {
    pages = {
      '/simple/tensorflow-cpu/': pageOf({ [file]: `/files/${file}#sha256=${sum}` }),
      [`/files/${file}`]: 'a page of a proxy',
    };
    await expect(downloadFromIndex('tensorflow-cpu', folder, index)).rejects.toThrow(
      'does not have the SHA-256 of the index',
    );
  });

  it('names what an index lacks', async () => {
    pages = { '/simple/tensorflow-cpu/': pageOf({ 'tensorflow_cpu-2.20.0.whl': '/files/x' }) };
    await expect(downloadFromIndex('tensorflow-cpu', folder, index)).rejects.toThrow(
      `${index} has no ${file}`,
    );
    await expect(downloadFromIndex('tensorflow', folder, index)).rejects.toThrow(
      '/simple/tensorflow/: HTTP status 404',
    );
  });
});
