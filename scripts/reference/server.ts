import { readFileSync } from 'node:fs';
import { api, errors, type RouteSpec } from '@towpath/contract';
import { openApi } from '@towpath/contract/openapi';
import { ServerConfig } from '@towpath/server/config';
import { z } from 'zod';
import { code, defaultText, fieldsOf, page, shapeOf, table, typeText } from './markdown.ts';

/** Every error by its code. */
export function errorsPage(): string {
  const rows = Object.entries(errors).map(([name, { status, title, help }]) => [
    code(name),
    String(status),
    title,
    help,
  ]);
  return page(
    'Errors',
    'packages/contract/src/errors.ts',
    'What goes wrong is answered as problem details (RFC 9457, `application/problem+json`): `type`, `title`, `status`, `detail`, which names the thing and the value, and, of our own, `code` and `help`, which says what to do. A stream that is open already tells it as `event: error`.',
    table(['code', 'status', 'what happened', 'what to do'], rows),
  );
}

const Manifest = z.object({ version: z.string() });
const readVersion = (): string =>
  Manifest.parse(JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))).version;

/** The API for other tools. */
export const openApiPage = (): string => `${JSON.stringify(openApi(readVersion()), null, 2)}\n`;

/** What the server is configured with. */
export function configurationPage(): string {
  const rows = fieldsOf(shapeOf(ServerConfig, 'input')).map(({ path, shape, required }) => [
    code(path),
    shape.description ?? '',
    typeText(shape),
    required && !path.includes('.') ? 'has to be given' : defaultText(shape),
  ]);
  return page(
    'Configuration of the server',
    'packages/server/src/config.ts',
    '`towpath up` writes this file. Elsewhere it is written by hand, as JSON, and given to the server as its first argument. Paths are absolute.',
    table(['setting', 'meaning', 'takes', 'default'], rows),
  );
}

/** Every route with what it takes and answers. */
export function apiPage(): string {
  return page(
    'HTTP API',
    'packages/contract/src/api.ts',
    'A request carries its token as `authorization: Bearer …`, and its body as JSON. `service` in a path is `api`, or `shop%2Fapi` where two projects have a service of that name. Times are ISO 8601 in UTC. What goes wrong is answered as in [Errors](errors.md).',
    ...Object.entries(api).map(([name, route]) => routePart(name, route)),
  );
}

function routePart(name: string, route: RouteSpec): string {
  const policy = route.policy === 'public' ? 'Needs no token.' : `The token must allow ${code(route.policy)}.`;
  const given = [...givenRows('query', route.query), ...givenRows('body', route.body)];
  return [
    `## ${name}`,
    `${code(`${route.method} ${route.path}`)}`,
    `${route.summary} ${policy}`,
    ...(given.length === 0 ? [] : [table(['given', 'in', 'takes', 'default'], given)]),
    answerText(route.answer),
  ].join('\n\n');
}

function givenRows(where: string, schema: z.ZodType | undefined): string[][] {
  if (schema === undefined) return [];
  const shape = shapeOf(schema, 'input');
  if (shape.properties === undefined) return [['the whole', where, linked(typeText(shape)), '']];
  return fieldsOf(shape).map(({ path, shape: field, required }) => [
    code(path),
    where,
    linked(typeText(field)),
    required && field.default === undefined && !path.includes('.') ? 'has to be given' : defaultText(field),
  ]);
}

const linked = (type: string): string => type.replace(/settings$/, '[settings](settings.md)');

function answerText(answer: RouteSpec['answer']): string {
  if (answer === 'bytes') return 'Answers with text, sent as it comes.';
  if (!('stream' in answer)) return `Answers with ${fieldsText(answer)}.`;
  const end = answer.end === undefined ? '' : ` The last one is ${code('event: end')} with ${fieldsText(answer.end)}.`;
  return `Answers with server-sent events, each with ${fieldsText(answer.stream)}.${end}`;
}

function fieldsText(schema: z.ZodType): string {
  const { properties = {} } = shapeOf(schema, 'output');
  return Object.entries(properties)
    .map(([name, shape]) => `${code(name)} (${typeText(shape)})`)
    .join(', ');
}
