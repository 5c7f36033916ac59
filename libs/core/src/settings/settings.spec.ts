import { z } from 'zod';

import { editDistance, nearest } from './nearest';
import { describeSettings, parseSettings } from '.';

describe('parseSettings', () => {
  const vector = z.literal('vq');
  const model = z.strictObject({
    name: z.string().min(1),
    input: z.enum(['continuous', 'one-hot']),
    dilations: z.array(z.int().min(1).max(512)).min(1),
    beta: z.number().default(0.25),
    oneHot: z.boolean().default(false),
    quantiser: z.discriminatedUnion('kind', [
      z.discriminatedUnion('codebook', [
        z.strictObject({ kind: vector, codebook: z.literal('ema').default('ema'), alpha: z.number().lt(1) }),
        z.strictObject({ kind: vector, codebook: z.literal('gradient') }),
      ]),
      z.strictObject({ kind: z.literal('amae'), nu: z.exactOptional(z.number()) }),
    ]),
  });
  const good = { name: 'a', input: 'one-hot', dilations: [1, 2], quantiser: { kind: 'amae' } };

  it('gives equal values for equal settings in any form', () => {
    const expected = { ...good, beta: 0.25, oneHot: false };
    expect(parseSettings(model, good, 'a.json')).toEqual(expected);
    expect(parseSettings(model, { ...expected }, 'a.json')).toEqual(expected);
    const vq = { ...good, quantiser: { kind: 'vq', alpha: 0.5 } };
    expect(parseSettings(model, vq, 'a.json').quantiser).toEqual({ ...vq.quantiser, codebook: 'ema' });
  });

  it.each<[unknown, string]>([
    [
      { ...good, dilations: [1, 1024] },
      'a.json: dilations.1 is 1024. It must be a whole number from 1 to 512.',
    ],
    [{ ...good, dilations: [] }, 'a.json: dilations is []. It must be a list of at least 1'],
    [{ ...good, name: '' }, 'a.json: name is "". It must be a text that is not empty.'],
    [{ ...good, oneHot: 'yes' }, 'a.json: oneHot is "yes". It must be true or false.'],
    [{ ...good, beta: null }, 'a.json: beta is null. It must be a number.'],
    [{ ...good, input: 'onehot' }, 'Did you mean one-hot?'],
    [{ ...good, toString: 1 }, 'a.json: toString (1) is not a key of this config.'],
    [[], 'a.json is []. It must be an object with the keys name, input'],
    [undefined, 'a.json is undefined.'],
    [
      { ...good, quantiser: { kind: 'qv' } },
      'a.json: quantiser.kind is "qv". It must be one of "vq", "amae". Did you mean vq?',
    ],
    [
      { ...good, quantiser: { kind: 'vq', codebook: 'gradient', alpha: 0.5 } },
      'a.json: quantiser.alpha (0.5) is not a key of this config. The keys are kind, codebook.',
    ],
    [
      { ...good, quantiser: { kind: 'vq' } },
      'a.json: quantiser.alpha is missing. It must be a number below 1.',
    ],
    [
      { ...good, quantiser: { kind: 'vq', codebook: 'emma', alpha: 0.5 } },
      'a.json: quantiser.codebook is "emma". It must be one of "ema", "gradient". Did you mean ema?',
    ],
  ])('refuses %j', (value, message) => {
    expect(() => parseSettings(model, value, 'a.json')).toThrow(message);
  });

  it('names the broken rule between settings', () => {
    const hop = z.strictObject({ crop: z.int(), hop: z.int() }).check((context) => {
      const { crop, hop: every } = context.value;
      if (crop % every === 0) return;
      const message = `It must be a multiple of the hop, ${every}.`;
      context.issues.push({ code: 'custom', path: ['crop'], message, input: crop });
    });
    expect(() => parseSettings(hop, { crop: 9, hop: 8 }, '#1.2')).toThrow(
      '#1.2: crop is 9. It must be a multiple of the hop, 8.',
    );
  });

  it('describes settings with value, default, rule and meaning', () => {
    const schema = z.strictObject({
      steps: z.int().min(1).describe('steps in all'),
      rate: z.number().gt(0).describe('learning rate').default(0.1),
      beta: z.exactOptional(z.number().describe('weight of the commitment')),
      form: z
        .discriminatedUnion('kind', [
          z.strictObject({ kind: z.literal('constant').describe('its form') }),
          z.strictObject({
            kind: z.literal('halving').describe('its form'),
            every: z.int().describe('steps'),
          }),
        ])
        .default({ kind: 'constant' }),
    });
    const value = { steps: 5, rate: 0.2, form: { kind: 'halving', every: 3 } };
    expect(describeSettings(schema, value)).toEqual([
      { path: 'steps', value: 5, isOptional: false, rule: 'a whole number from 1', meaning: 'steps in all' },
      {
        path: 'rate',
        value: 0.2,
        default: 0.1,
        isOptional: true,
        rule: 'a number above 0',
        meaning: 'learning rate',
      },
      { path: 'beta', isOptional: true, rule: 'a number', meaning: 'weight of the commitment' },
      {
        path: 'form.kind',
        value: 'halving',
        isOptional: false,
        rule: 'one of "halving", "constant"',
        meaning: 'its form',
      },
      { path: 'form.every', value: 3, isOptional: false, rule: 'a whole number', meaning: 'steps' },
    ]);
  });
});

describe('nearest', () => {
  it('counts edits', () => {
    expect(editDistance('kitten', 'sitting')).toBe(3);
    expect(editDistance('ab', 'ba')).toBe(1);
    expect(editDistance('', 'abc')).toBe(3);
  });

  it('recognises spelling mistakes and nothing else', () => {
    expect(nearest('clipnorm', ['clipNorm', 'cropLength'])).toBe('clipNorm');
    expect(nearest('stpes', ['steps', 'seed'])).toBe('steps');
    expect(nearest('lr', ['learningRate', 'steps'])).toBeUndefined();
  });
});
