import { z } from 'zod';

/** A table; cells are one line each, and what would be markup in them stays text. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

const cell = (text: string): string =>
  text
    .replaceAll('|', '\\|')
    .replaceAll(/\s*\n\s*/g, ' ')
    .split('`')
    .map((part, index) => (index % 2 === 0 ? part.replaceAll(/[<*]/g, (sign) => `\\${sign}`) : part))
    .join('`');

export const code = (text: string): string => `\`${text}\``;

/** A page that is generated, from its parts. */
export const page = (title: string, source: string, ...parts: readonly string[]): string =>
  `${[`<!-- Generated from ${source} by \`npm run reference\`. -->`, `# ${title}`, ...parts].join('\n\n')}\n`;

/** A schema as the words of a table need it. */
export interface Shape {
  readonly type?: string | readonly string[] | undefined;
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[] | undefined;
  readonly format?: string | undefined;
  readonly minimum?: number | undefined;
  readonly maximum?: number | undefined;
  readonly items?: Shape | undefined;
  readonly anyOf?: readonly Shape[] | undefined;
  readonly properties?: Readonly<Record<string, Shape>> | undefined;
  readonly additionalProperties?: Shape | boolean | undefined;
  readonly required?: readonly string[] | undefined;
}
const Shape: z.ZodType<Shape> = z.lazy(() =>
  z.object({
    type: z.union([z.string(), z.array(z.string())]).optional(),
    title: z.string().optional(),
    description: z.string().optional(),
    default: z.unknown().optional(),
    const: z.unknown().optional(),
    enum: z.array(z.unknown()).optional(),
    format: z.string().optional(),
    minimum: z.number().optional(),
    maximum: z.number().optional(),
    items: Shape.optional(),
    anyOf: z.array(Shape).optional(),
    properties: z.record(z.string(), Shape).optional(),
    additionalProperties: z.union([z.boolean(), Shape]).optional(),
    required: z.array(z.string()).optional(),
  }),
);

/** What a schema takes, or gives. */
export const shapeOf = (schema: z.core.$ZodType, io: 'input' | 'output'): Shape =>
  Shape.parse(z.toJSONSchema(schema, { io, unrepresentable: 'any' }));

/** A type in a few words: `text`, `whole number, 0 to 100`, `false or text`. */
export function typeText(shape: Shape): string {
  if (shape.title !== undefined) return shape.title;
  if (shape.const !== undefined) return code(JSON.stringify(shape.const));
  if (shape.enum !== undefined) return shape.enum.map((each) => code(String(each))).join(', ');
  if (shape.anyOf !== undefined) return [...new Set(shape.anyOf.map(typeText))].join(' or ');
  if (shape.items !== undefined) return `list of ${typeText(shape.items)}`;
  if (shape.properties !== undefined) return 'map';
  if (typeof shape.additionalProperties === 'object') return `map of ${typeText(shape.additionalProperties)} by name`;
  if (shape.format === 'date-time' && shape.type === 'string') return 'time';
  const kinds = [shape.type ?? ''].flat().map((kind) => words[kind] ?? 'anything');
  return kinds.map((word) => (word.endsWith('number') ? `${word}${bounds(shape)}` : word)).join(' or ');
}

const words: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'whole number',
  number: 'number',
  boolean: '`true` or `false`',
  null: '`null`',
  array: 'list',
  object: 'map',
};

/** Bounds that somebody chose, not those of the number's own kind. */
function bounds({ minimum, maximum }: Shape): string {
  const chosen = (bound: number | undefined): bound is number => bound !== undefined && Math.abs(bound) < 2_147_483_647;
  if (chosen(minimum) && chosen(maximum)) return `, ${minimum} to ${maximum}`;
  if (chosen(minimum)) return `, ${minimum} or more`;
  return chosen(maximum) ? `, up to ${maximum}` : '';
}

/** The fields of a schema, those of maps inside it under their paths. */
export function fieldsOf(shape: Shape, before = ''): { path: string; shape: Shape; required: boolean }[] {
  return Object.entries(shape.properties ?? {}).flatMap(([name, each]) => {
    const path = `${before}${name}`;
    const below = each.title === undefined ? fieldsOf(each, `${path}.`) : [];
    return [{ path, shape: each, required: shape.required?.includes(name) ?? false }, ...below];
  });
}

export const defaultText = ({ default: value }: Shape): string =>
  value === undefined ? '' : code(JSON.stringify(value));
