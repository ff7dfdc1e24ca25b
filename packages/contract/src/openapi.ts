/** The API as OpenAPI 3.1 describes it, made from the routes: whoever has another tool than ours reads this. */
import { z } from 'zod';
import { api, type RouteName } from './api.ts';
import { EnvironmentView, RemovalPlan } from './environments.ts';
import { type ErrorCode, errors, Problem } from './errors.ts';
import { EventView } from './routes/events.ts';
import { ProjectView } from './routes/projects.ts';
import type { RouteSpec } from './routes/route.ts';
import { FoundView, PathView } from './routes/services.ts';
import { SettingsPatch } from './setting-fields.ts';
import { SettingsLayer } from './settings.ts';
import {
  DeploymentView,
  JobView,
  ListedRelease,
  ReleaseView,
  RunDetail,
  RunSummary,
  ServiceDetail,
  StageView,
  SystemHealth,
  TargetView,
  TestReport,
} from './views.ts';

type Json = Readonly<Record<string, unknown>>;

/** Answers that occur in several places, by name; the inner ones first. */
const named: Readonly<Record<string, z.ZodType>> = {
  TestReport,
  StageView,
  RunSummary,
  RunDetail,
  ReleaseView,
  ListedRelease,
  TargetView,
  SettingsLayer,
  ServiceDetail,
  SystemHealth,
  DeploymentView,
  JobView,
  EventView,
  ProjectView,
  EnvironmentView,
  RemovalPlan,
  PathView,
  FoundView,
};
/** The same of what is given. */
const namedInputs: Readonly<Record<string, z.ZodType>> = { SettingsPatch };

const schemaOf = (schema: z.ZodType, io: 'input' | 'output'): Json => {
  const override = ({ jsonSchema }: { jsonSchema: { pattern?: string | undefined } }) => {
    if (jsonSchema.pattern !== undefined) jsonSchema.pattern = portable(jsonSchema.pattern);
  };
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any', override });
  return rest;
};

/** Not every language's patterns know Unicode's classes, or \\0. */
const portable = (pattern: string): string =>
  pattern.replaceAll('\\p{Cc}', '\\x00-\\x1f\\x7f-\\x9f').replaceAll(/\\0(?![0-9])/g, '\\x00');

/** The whole description. @param version of Towpath */
export function openApi(version: string): Json {
  const names = new Map([
    ...Object.entries(namedInputs).map(([name, schema]) => [JSON.stringify(schemaOf(schema, 'input')), name] as const),
    ...Object.entries(named).map(([name, schema]) => [JSON.stringify(schemaOf(schema, 'output')), name] as const),
  ]);
  const refer = (schema: Json): Json => referred(schema, names) as Json;
  const paths: Record<string, Record<string, Json>> = {};
  for (const [name, spec] of Object.entries(api) as [RouteName, RouteSpec][]) {
    const path = spec.path.replaceAll(/:([a-z]+)/gi, '{$1}');
    paths[path] ??= {};
    paths[path][spec.method.toLowerCase()] = operationOf(name, spec, refer);
  }
  const components = [
    ...Object.entries(namedInputs).map(([name, schema]) => [name, schemaOf(schema, 'input')] as const),
    ...Object.entries(named).map(([name, schema]) => [name, schemaOf(schema, 'output')] as const),
  ];
  return {
    openapi: '3.1.0',
    info: {
      title: 'Towpath',
      version,
      summary: 'One paved path from git push to production.',
      description:
        'A request carries its token as `authorization: Bearer …`; a browser that is logged in carries its cookie. `service` in a path is `api`, or `shop%2Fapi` where two projects have a service of that name. Times are ISO 8601 in UTC. What goes wrong is answered as problem details (RFC 9457).',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/', description: 'The Towpath that gives this description' }],
    tags: tags.map(([name, description]) => ({ name, description })),
    paths,
    components: {
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'The token that `towpath up` printed.' },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: 'towpath_session',
          description: 'Of a browser: `POST /api/session`.',
        },
      },
      headers,
      schemas: {
        Problem: schemaOf(Problem, 'output'),
        // Its own text is not replaced by a reference to itself.
        ...Object.fromEntries(components.map(([name, schema]) => [name, within(schema, refer)])),
      },
      responses: Object.fromEntries(statuses.map((status) => [`Problem${status}`, problemOf(status)])),
    },
  };
}

/** The parts of the API, by the first word of their paths. */
const tags: readonly (readonly [name: string, description: string])[] = [
  ['status', 'What runs where, and how the installation is.'],
  ['services', 'Services, their path, releases, config, jobs and replicas.'],
  ['projects', 'Projects and their environments.'],
  ['runs', 'Runs with their stages and logs.'],
  ['deployments', 'Releases on their way.'],
  ['jobs', 'Commands beside a live release.'],
  ['events', 'What happened, and what happens.'],
  ['session', 'Browsers that are logged in.'],
];
const tagOf = (path: string): string => {
  const [, , word = ''] = path.split('/');
  return tags.some(([name]) => name === word) ? word : word === 'detect' ? 'services' : 'status';
};

const headers = {
  TowpathVersion: { description: 'The version of the server.', schema: { type: 'string' } },
  RateLimit: {
    description: 'How many requests the token has left, and in how many seconds all of them are there again.',
    schema: { type: 'string' },
    example: '"token";r=4999;t=1',
  },
  RetryAfter: { description: 'In how many seconds to ask again.', schema: { type: 'integer' } },
};
const headersOf = (spec: RouteSpec): Json => ({
  'Towpath-Version': { $ref: '#/components/headers/TowpathVersion' },
  ...(spec.policy === 'public' ? {} : { RateLimit: { $ref: '#/components/headers/RateLimit' } }),
});

const statuses = [...new Set([502, ...Object.values(errors).map(({ status }) => status)])].sort((a, b) => a - b);

function problemOf(status: number): Json {
  // What the router says where no server has answered.
  const own = status === 502 ? 503 : status;
  const codes = (Object.keys(errors) as ErrorCode[]).filter((code) => errors[code].status === own);
  const [first] = codes;
  const titles = codes.map((code) => `- \`${code}\`: ${errors[code].title}`).join('\n');
  const example = first === undefined ? {} : { example: { ...exampleOf(first), status } };
  return {
    description: `${titles}`,
    ...(status === 429 ? { headers: { 'Retry-After': { $ref: '#/components/headers/RetryAfter' } } } : {}),
    content: {
      'application/problem+json': {
        schema: {
          allOf: [
            { $ref: '#/components/schemas/Problem' },
            { properties: { status: { const: status }, code: { enum: codes } } },
          ],
        },
        ...example,
      },
    },
  };
}

function exampleOf(code: ErrorCode): Problem {
  const { status, title, help } = errors[code];
  return { type: `/api/docs#${code}`, title, status, detail: 'what happened, with the name and the value', code, help };
}

/** What each may be answered with, whatever it does. */
const always = [400, 500, 502, 503];
const guarded = [401, 403, 404, 429];
/** What changes something may also be refused as things stand. */
const changing = [409, 410, 413, 422, 507];
const reading = [409, 413, 422];

function operationOf(name: RouteName, spec: RouteSpec, refer: (schema: Json) => Json): Json {
  const isPublic = spec.policy === 'public';
  const writes = spec.method !== 'GET';
  const problems = [...always, ...(name === 'health' ? [] : guarded), ...(writes ? changing : isPublic ? [] : reading)];
  return {
    operationId: name,
    tags: [tagOf(spec.path)],
    summary: spec.summary,
    description: isPublic ? 'Needs no token.' : `The token must allow \`${spec.policy}\`.`,
    'x-towpath-policy': spec.policy,
    security: isPublic ? [] : [{ token: [] }, { session: [] }],
    parameters: parametersOf(spec),
    ...(spec.body === undefined || !writes
      ? {}
      : {
          requestBody: {
            required: spec.method !== 'DELETE',
            content: { 'application/json': { schema: within(schemaOf(spec.body, 'input'), refer, true) } },
          },
        }),
    responses: {
      200: { description: 'Done.', headers: headersOf(spec), content: contentOf(spec.answer, refer) },
      ...Object.fromEntries(problems.map((status) => [status, { $ref: `#/components/responses/Problem${status}` }])),
    },
  };
}

function contentOf(answer: RouteSpec['answer'], refer: (schema: Json) => Json): Json {
  if (answer === 'bytes') return { 'text/plain': { schema: { type: 'string' } } };
  if (!('stream' in answer)) return { 'application/json': { schema: refer(schemaOf(answer, 'output')) } };
  const end = answer.end === undefined ? {} : { 'x-towpath-end': refer(schemaOf(answer.end, 'output')) };
  return {
    'text/event-stream': {
      schema: { type: 'string' },
      // OpenAPI 3.1 has no words for what the messages of a stream are.
      'x-towpath-message': refer(schemaOf(answer.stream, 'output')),
      ...end,
    },
  };
}

function parametersOf(spec: RouteSpec): Json[] {
  return [
    ...fieldsOf('path', spec.params),
    ...fieldsOf('query', spec.query),
    ...(spec.method === 'GET' || spec.policy === 'public' ? [] : [keyHeader]),
    ...(spec.answer !== 'bytes' && 'stream' in spec.answer ? [lastHeader] : []),
  ];
}

const keyHeader: Json = {
  name: 'Idempotency-Key',
  in: 'header',
  description: 'Sent again with the same key within a day, the change is done once, and answered as it was.',
  schema: { type: 'string', pattern: '^[\\x21-\\x7e]{1,255}$' },
};
const lastHeader: Json = {
  name: 'Last-Event-ID',
  in: 'header',
  description: 'The position after which the stream goes on; goes before `after`.',
  schema: { type: 'string', pattern: '^[0-9]{1,15}$' },
};

function fieldsOf(where: 'path' | 'query', schema: z.ZodObject | undefined): Json[] {
  if (schema === undefined) return [];
  return Object.entries(schema.shape).map(([name, field]) => {
    const shape = schemaOf(field, 'output');
    const text = shape.type === 'boolean' ? { ...shape, type: 'boolean' } : shape;
    const required = where === 'path' || !field.safeParse(undefined).success;
    return { name, in: where, required, schema: text };
  });
}

/** The schema with its inner parts named. */
const within = (schema: Json, refer: (schema: Json) => Json, itself = false): Json =>
  itself
    ? refer(schema)
    : Object.fromEntries(
        Object.entries(schema).map(([key, value]) => [
          key,
          typeof value === 'object' && value !== null ? refer(value as Json) : value,
        ]),
      );

/** Every part that is one of the named ones, as a reference to it. */
function referred(part: unknown, names: ReadonlyMap<string, string>): unknown {
  if (typeof part !== 'object' || part === null) return part;
  if (Array.isArray(part)) return part.map((each) => referred(each, names));
  const name = names.get(JSON.stringify(part));
  if (name !== undefined) return { $ref: `#/components/schemas/${name}` };
  return Object.fromEntries(Object.entries(part).map(([key, value]) => [key, referred(value, names)]));
}
