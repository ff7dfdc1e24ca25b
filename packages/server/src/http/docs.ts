import { createHash } from 'node:crypto';
import { errors } from '@towpath/contract';
import { openApi } from '@towpath/contract/openapi';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { version } from '../version.ts';

/** What the page shows of an operation. */
const Operation = z.object({
  operationId: z.string(),
  summary: z.string(),
  description: z.string(),
  tags: z.array(z.string()),
  parameters: z.array(
    z.object({ name: z.string(), in: z.string(), required: z.boolean().default(false), schema: z.unknown() }),
  ),
  requestBody: z.object({ content: z.unknown() }).optional(),
  responses: z.record(z.string(), z.object({ content: z.unknown().optional() })),
});
const Description = z.object({
  info: z.object({ title: z.string(), description: z.string() }),
  tags: z.array(z.object({ name: z.string(), description: z.string() })),
  paths: z.record(z.string(), z.record(z.string(), Operation)),
  components: z.object({ schemas: z.record(z.string(), z.unknown()) }),
});

/** The description of the API, for tools and for people. Both say what is in every copy of Towpath, so they ask for no token. */
export function addDocs(app: FastifyInstance): void {
  const description = openApi(version);
  const json = JSON.stringify(description);
  const html = page(Description.parse(description));
  const style = createHash('sha256').update(css).digest('base64');
  app.get('/api/openapi.json', (_request, reply) =>
    reply.type('application/json; charset=utf-8').header('cache-control', 'no-cache').send(json),
  );
  app.get('/api/docs', (_request, reply) =>
    reply
      .type('text/html; charset=utf-8')
      .header('cache-control', 'no-cache')
      .header('x-content-type-options', 'nosniff')
      .header(
        'content-security-policy',
        `default-src 'none'; style-src 'sha256-${style}'; base-uri 'none'; frame-ancestors 'none'`,
      )
      .send(html),
  );
}

const css = `
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
body { max-width: 60rem; margin: 0 auto; padding: 1rem; }
code, pre { font: 13px/1.45 ui-monospace, monospace; }
pre { overflow: auto; max-height: 30rem; padding: .75rem; background: color-mix(in srgb, currentColor 7%, transparent); border-radius: 6px; }
table { border-collapse: collapse; width: 100%; display: block; overflow-x: auto; }
th, td { text-align: left; vertical-align: top; padding: .3rem .75rem .3rem 0; border-bottom: 1px solid color-mix(in srgb, currentColor 18%, transparent); }
nav ul { columns: 16rem; padding-left: 1.2rem; }
summary { cursor: pointer; }
h3 code { font-size: 1rem; }
`;

function page({ info, tags, paths, components }: z.infer<typeof Description>): string {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), ...operation })),
  );
  const parts = tags.map(({ name, description }) => ({
    name,
    description,
    operations: operations.filter((each) => each.tags.includes(name)),
  }));
  const list = parts
    .map(({ name, operations: own }) => `<h3>${escaped(name)}</h3><ul>${own.map(entry).join('')}</ul>`)
    .join('');
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escaped(info.title)} API</title><style>${css}</style></head><body>
<h1>${escaped(info.title)} API <small>${escaped(version)}</small></h1>
<p>${marked(info.description)} For tools: <a href="openapi.json">openapi.json</a>.</p>
<nav aria-label="Operations">${list}</nav><main>
${parts.map(({ name, description, operations: own }) => `<h2>${escaped(name)}</h2><p>${marked(description)}</p>${own.map(section).join('')}`).join('\n')}
<h2 id="errors">Errors</h2>${errorTable()}
<h2>Schemas</h2>${Object.entries(components.schemas)
    .map(([name, schema]) => shown(name, schema, `schema-${name}`))
    .join('\n')}
</main></body></html>
`;
}

type Shown = z.infer<typeof Operation> & { readonly path: string; readonly method: string };

const entry = ({ operationId, summary }: Shown): string =>
  `<li><a href="#${escaped(operationId)}">${escaped(operationId)}</a>: ${marked(summary)}</li>`;

function section({
  operationId,
  path,
  method,
  summary,
  description,
  parameters,
  requestBody,
  responses,
}: Shown): string {
  const rows = parameters.map(
    (each) =>
      `<tr><td><code>${escaped(each.name)}</code></td><td>${escaped(each.in)}${each.required ? ', required' : ''}</td><td><code>${escaped(JSON.stringify(each.schema))}</code></td></tr>`,
  );
  const given =
    rows.length === 0 ? '' : `<table><tr><th>given</th><th>in</th><th>takes</th></tr>${rows.join('')}</table>`;
  const body = requestBody === undefined ? '' : shown('Body', requestBody.content);
  const answer = shown('Answer', responses['200']?.content);
  return `<section id="${escaped(operationId)}"><h3><code>${method} ${escaped(path)}</code></h3><p>${marked(summary)} ${marked(description)}</p>${given}${body}${answer}</section>`;
}

const shown = (title: string, value: unknown, id = ''): string =>
  `<details${id === '' ? '' : ` id="${escaped(id)}"`}><summary>${escaped(title)}</summary><pre tabindex="0">${escaped(JSON.stringify(value, null, 2))}</pre></details>`;

function errorTable(): string {
  const rows = Object.entries(errors).map(
    ([code, { status, title, help }]) =>
      `<tr id="${code}"><td><code>${code}</code></td><td>${status}</td><td>${escaped(title)}</td><td>${marked(help)}</td></tr>`,
  );
  return `<table><tr><th>code</th><th>status</th><th>what happened</th><th>what to do</th></tr>${rows.join('')}</table>`;
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** Text with `code` in it. */
const marked = (text: string): string => escaped(text).replaceAll(/`([^`]*)`/g, '<code>$1</code>');
