import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { settingFields, settingsJsonSchema } from './setting-fields.ts';
import { nearest } from './setting-mistakes.ts';
import { durationMs, durationText, looksSecret, printable, sizeMi } from './setting-values.ts';
import { SettingsLayer, settingDefaults } from './settings.ts';

describe.each(settingFields())('the setting $path', (field) => {
  test('says what it is, with examples that hold', () => {
    expect(field.description).toMatch(/\.$/);
    expect(field.examples.length).toBeGreaterThan(0);
    for (const example of field.examples) expect(z.safeParse(field.schema, example).error).toBeUndefined();
  });

  test('has a default that holds', () => {
    if (field.default !== undefined) expect(z.safeParse(field.schema, field.default).success).toBe(true);
  });
});

test('the defaults are a layer, and the fields name the same', () => {
  expect(SettingsLayer.parse(settingDefaults)).toEqual(settingDefaults);
  const named = settingFields().filter((field) => field.default !== undefined && !field.path.includes('*'));
  expect(named.map(({ path }) => path)).toEqual([
    'folder',
    'branch',
    'replicas',
    'health.path',
    'health.startTimeout',
    'timeouts.stage',
    'timeouts.drain',
  ]);
});

describe('the JSON schema of towpath.yaml', () => {
  const schema = JSON.parse(JSON.stringify(settingsJsonSchema()));

  test('knows the fields of the file alone, and no others', () => {
    expect(schema.$schema).toBe('https://json-schema.org/draft/2020-12/schema');
    expect(schema.additionalProperties).toBe(false);
    const top = settingFields().filter(({ path, inFile }) => inFile && !path.includes('.'));
    expect(Object.keys(schema.properties)).toEqual(top.map(({ path }) => path));
  });

  test('takes numbers where the text that stands there is meant', () => {
    const { runtime, env, environments } = schema.properties;
    expect(runtime.properties.node.anyOf.map(({ type }: { type: string }) => type)).toEqual(['string', 'number']);
    for (const each of [env, environments.additionalProperties.properties.env]) {
      expect(JSON.stringify(each.additionalProperties)).toContain('"number"');
    }
  });
});

describe('durations and sizes', () => {
  test.each([
    ['500ms', 500],
    ['90s', 90_000],
    ['5m', 300_000],
    ['2h', 7_200_000],
    ['7d', 604_800_000],
    ['0s', 0],
    ['1.5s', null],
    ['s', null],
    ['5 s', null],
    ['5S', null],
    ['-1s', null],
    ['5constructor', null],
  ])('%s is %s ms', (text, ms) => {
    expect(durationMs(text)).toBe(ms);
  });

  test('milliseconds come back from their text', () => {
    fc.assert(
      fc.property(fc.nat(1_000_000_000), (ms) => {
        expect(durationMs(durationText(ms))).toBe(ms);
      }),
    );
  });

  test.each([
    ['512Mi', 512],
    ['2Gi', 2_048],
    ['512', null],
    ['512MB', null],
    ['Mi', null],
  ])('%s is %s MiB', (text, mi) => {
    expect(sizeMi(text)).toBe(mi);
  });
});

test.each([
  ['API_TOKEN', 'x', true],
  ['STRIPE_API_KEY', 'x', true],
  ['SECRET_KEY_BASE', 'x', true],
  ['dbPassword', 'x', true],
  ['AWS_SECRET_ACCESS_KEY', 'x', true],
  ['DATABASE_URL', 'postgres://ann:pw@db/x', true],
  ['DATABASE_URL', 'postgres://db/x', false],
  ['DATABASE_URL', 'postgres://ann@db/x', false],
  ['TOKEN_TTL', '60', false],
  ['PUBLIC_KEY', 'x', false],
  ['KEYBOARD', 'x', false],
  ['API_TOKEN', '', false],
  ['PWD', '/app', false],
])('%s=%s is kept for a secret: %s', (name, value, secret) => {
  expect(looksSecret(name, value)).toBe(secret);
});

test.each([
  ['tests', 'test'],
  ['tset', 'test'],
  ['Test', 'test'],
  ['health_check', null],
  ['buld', 'build'],
  ['enviroments', 'environments'],
  ['x', null],
  ['x'.repeat(10_000), null],
])('nearest to %.20s is %s', (word, meant) => {
  expect(nearest(word, ['test', 'build', 'health', 'environments'])).toBe(meant);
});

test('what is shown of others acts on no terminal', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(printable(text)).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    }),
  );
});
