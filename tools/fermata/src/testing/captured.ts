import { run } from '../cli';

/** Output and exit status of a command. */
export interface Captured {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command in this process. */
export async function runCaptured(...args: string[]): Promise<Captured> {
  const written = { stdout: '', stderr: '' };
  const to = (stream: keyof typeof written) => (text: unknown) => {
    written[stream] += String(text);
    return true;
  };
  const line = (stream: keyof typeof written) => (text: unknown) => {
    written[stream] += `${text instanceof Error ? String(text.stack) : String(text)}\n`;
  };
  const spies = [
    jest.spyOn(process.stdout, 'write').mockImplementation(to('stdout')),
    jest.spyOn(process.stderr, 'write').mockImplementation(to('stderr')),
    jest.spyOn(console, 'log').mockImplementation(line('stdout')),
    jest.spyOn(console, 'error').mockImplementation(line('stderr')),
  ];
  try {
    return { status: await run(args), ...written };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}
