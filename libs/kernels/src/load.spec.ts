import { kernelsStatus, loadKernels } from './load';

const kernels = loadKernels();

describe('kernelsStatus', () => {
  const environment = { ...process.env };
  afterEach(() => {
    Object.assign(process.env, { FERMATA_NATIVE: '', FERMATA_THREADS: '', FERMATA_ISA: '' }, environment);
  });

  it('says that they are switched off', () => {
    process.env.FERMATA_NATIVE = 'off';
    expect(loadKernels()).toBeUndefined();
    expect(kernelsStatus()).toEqual({
      available: false,
      reason: 'FERMATA_NATIVE=off switches the compiled kernels off: unset it',
    });
  });

  it.each([
    ['FERMATA_NATIVE', 'of', 'FERMATA_NATIVE is of. Set it to off, or unset it'],
    ['FERMATA_THREADS', 'two', 'FERMATA_THREADS is two. Give a whole number from 1 to 999.'],
    ['FERMATA_THREADS', '0', 'FERMATA_THREADS is 0.'],
  ])('names an invalid variable: %s=%s', (name, value, message) => {
    process.env[name] = value;
    expect(() => loadKernels()).toThrow(message);
  });

  it('names the available instruction sets', () => {
    if (kernels === undefined) return;
    process.env.FERMATA_ISA = 'axv2';
    jest.isolateModules(() => {
      // eslint-disable-next-line @typescript-eslint/no-require-imports -- a fresh copy that has loaded nothing yet
      const fresh = require('./load') as { loadKernels: typeof loadKernels };
      expect(() => fresh.loadKernels()).toThrow(
        `FERMATA_ISA is axv2. This machine has ${kernels.instructionSets().join(', ')}.`,
      );
    });
  });
});
