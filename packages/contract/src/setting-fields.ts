/** What is derived from the one schema of settings: the list of all fields, the change of settings, the schema of towpath.yaml. */
import { z } from 'zod';
import { EnvironmentLayer, RepositoryFile, SettingsLayer } from './settings.ts';

type Schema = z.core.$ZodType;

/** Without what only says that it may be missing. */
function bare(schema: Schema): Schema {
  return schema instanceof z.ZodOptional || schema instanceof z.ZodNullable ? bare(schema.def.innerType) : schema;
}

/** The schema of what a map holds under a key; null when it holds no such thing. */
function childOf(schema: Schema, key: string): Schema | null {
  const inner = bare(schema);
  if (inner instanceof z.ZodObject) return Object.hasOwn(inner.shape, key) ? (inner.shape[key] ?? null) : null;
  if (inner instanceof z.ZodRecord) return inner.def.valueType;
  if (!(inner instanceof z.ZodUnion)) return null;
  for (const option of inner.def.options) {
    const child = childOf(option, key);
    if (child !== null) return child;
  }
  return null;
}

/** The schema at a path inside another; null when there is no such place. */
export function schemaAt(schema: Schema, path: readonly string[]): Schema | null {
  return path.reduce<Schema | null>((at, key) => (at === null ? null : childOf(at, key)), schema);
}

/** The fields that a map may have; none where its keys are free, or where there is no map. */
export function knownKeys(schema: Schema): string[] {
  const inner = bare(schema);
  if (inner instanceof z.ZodObject) return Object.keys(inner.shape);
  return inner instanceof z.ZodUnion ? inner.def.options.flatMap(knownKeys) : [];
}

export interface SettingField {
  /** `health.path`; a free key is `*`: `processes.*.command`. */
  readonly path: string;
  /** Of a map with fields of its own these follow as entries. */
  readonly schema: Schema;
  readonly description: string;
  readonly default?: unknown;
  readonly examples: readonly unknown[];
  /** May it stand in the repository's towpath.yaml? */
  readonly inFile: boolean;
  /** May it stand below `environments.<name>`? */
  readonly inEnvironment: boolean;
}

const Notes = z.object({ description: z.string(), default: z.unknown().optional(), examples: z.array(z.unknown()) });

/** Every field of the settings, those of an environment alone last, as `environments.*.deploy`. */
export function settingFields(): SettingField[] {
  const own = fieldsBelow(SettingsLayer, []).filter(({ path }) => !path.startsWith('environments.'));
  const names = new Set(own.map(({ path }) => path));
  const entering = fieldsBelow(EnvironmentLayer, []).filter(({ path }) => !names.has(path));
  return [...own, ...entering.map((field) => ({ ...field, path: `environments.*.${field.path}` }))];
}

function fieldsBelow(schema: Schema, path: readonly string[]): SettingField[] {
  const inner = bare(schema);
  if (inner instanceof z.ZodRecord) return fieldsBelow(inner.def.valueType, [...path, '*']);
  if (inner instanceof z.ZodUnion) return inner.def.options.flatMap((option) => fieldsBelow(option, path));
  if (!(inner instanceof z.ZodObject)) return [];
  return Object.entries(inner.shape).flatMap(([key, value]) => {
    const here = [...path, key];
    const notes = Notes.safeParse(z.globalRegistry.get(bare(value)) ?? {});
    if (!notes.success) throw new Error(`the setting ${here.join('.')} has no description or no examples`);
    const inFile = schemaAt(RepositoryFile, here) !== null || schemaAt(EnvironmentLayer, here) !== null;
    const inEnvironment = schemaAt(EnvironmentLayer, here) !== null;
    const field = { ...notes.data, path: here.join('.'), schema: bare(value), inFile, inEnvironment };
    return [field, ...fieldsBelow(value, here)];
  });
}

/** Everything of T may be missing, and null takes it back. */
export type Patch<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { readonly [K in keyof T]?: Patch<T[K]> | null }
    : T;
export type SettingsPatch = Patch<SettingsLayer>;

/**
 * A change of settings, as a JSON merge patch (RFC 7396): what is absent stays, null takes a value back to weaker layers. Its values are
 * held against `SettingsLayer` once they are merged: two changes that are right alone may not go together.
 */
export const SettingsPatch = z
  .custom<SettingsPatch>((value) => typeof value === 'object' && value !== null && !Array.isArray(value), {
    error: 'must be an object with the settings to change',
  })
  .meta({ title: 'a change of settings' });

/** The JSON schema (draft 2020-12) of towpath.yaml, for editors. */
export function settingsJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(RepositoryFile, {
    io: 'input',
    target: 'draft-2020-12',
    // Written without quotes, 22 is a number; where text is meant, what stands in the file is taken.
    override: ({ path, jsonSchema }) => {
      const [group, ...below] = path.slice(path.lastIndexOf('environments') + 1).filter((key) => key !== 'properties');
      if (group === 'runtime' && below.length === 1) {
        const { type: _, pattern, ...notes } = jsonSchema;
        for (const key of ['type', 'pattern'] as const) delete jsonSchema[key];
        Object.assign(jsonSchema, notes, { anyOf: [{ type: 'string', pattern }, { type: 'number' }] });
      }
      if (path.at(-2) === 'env' && path.at(-1) === 'additionalProperties') jsonSchema.anyOf?.push({ type: 'number' });
    },
  });
  return {
    $id: 'urn:towpath:schema:settings',
    title: 'towpath.yaml',
    description: 'What a repository says about its path from git push to production. Everything is optional.',
    ...schema,
    not: { required: ['start', 'static'] },
  };
}

/** A setting that holds, and why: `health.path`, `/healthz`, `towpath.yaml, line 4`. */
export const SettingView = z.object({
  path: z.string(),
  value: z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]),
  origin: z.string(),
});
export type SettingView = z.infer<typeof SettingView>;
