import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, extname, join, relative } from 'node:path';
import { TowpathError } from '@towpath/contract';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** Answers a request for a page or one of its files; throws `not_found` for what is neither. */
export type Dashboard = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>;

interface Page {
  readonly type: string;
  readonly etag: string;
  /** By content coding; `identity` is always there. */
  readonly bodies: ReadonlyMap<string, Buffer>;
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

/** Nothing is loaded from elsewhere, and nothing that is written into a page runs or colours it. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "font-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'none'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

const headers = {
  'content-security-policy': policy,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
};

/**
 * Serves what the dashboard was built to, from memory: files with a digest in their names for ever, the page itself at every other path,
 * so that it can be reloaded in any of its rooms. @param index the built index.html; there may be none
 */
export function openDashboard(index: string): Dashboard {
  let pages: Promise<ReadonlyMap<string, Page>> | null = null;
  return async (request, reply) => {
    const path = new URL(request.url, 'http://localhost').pathname;
    const unknown = new TowpathError('not_found', `there is no route ${request.method} ${path}`);
    if (!['GET', 'HEAD'].includes(request.method) || /^\/(api|git)(\/|$)/.test(path)) throw unknown;
    pages ??= readPages(dirname(index));
    const found = await pages.catch((error: unknown) => {
      pages = null; // the next one looks again
      throw new TowpathError('not_found', 'the dashboard is not built here', {
        help: 'From a clone, `./towpath up` builds it. Everything else works.',
        cause: error,
      });
    });
    const file = found.get(path);
    const page = file ?? (extname(path) === '' ? found.get('/index.html') : undefined);
    if (page === undefined) throw unknown;
    return answer(request, reply, page, path.startsWith('/assets/'));
  };
}

function answer(request: FastifyRequest, reply: FastifyReply, page: Page, forEver: boolean): FastifyReply {
  reply.headers(headers).header('etag', page.etag).header('vary', 'accept-encoding');
  reply.header('cache-control', forEver ? 'public, max-age=31536000, immutable' : 'no-cache');
  if (request.headers['if-none-match'] === page.etag) return reply.status(304).send();
  const accepted = (request.headers['accept-encoding'] ?? '').split(',').map((each) => each.split(';')[0]?.trim());
  const coding = ['br', 'gzip'].find((each) => accepted.includes(each) && page.bodies.has(each)) ?? 'identity';
  if (coding !== 'identity') reply.header('content-encoding', coding);
  return reply.type(page.type).send(page.bodies.get(coding));
}

/** Every file below the folder by its path in an address; what lies beside it as `.br` and `.gz` is the same, packed. */
async function readPages(folder: string): Promise<ReadonlyMap<string, Page>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((each) => each.isFile()).map((each) => join(each.parentPath, each.name));
  const known = new Set(files);
  const pages = new Map<string, Page>();
  for (const file of files) {
    const type = types[extname(file)];
    if (type === undefined) continue;
    const bodies = new Map([['identity', await readFile(file)]]);
    for (const [coding, end] of [
      ['br', '.br'],
      ['gzip', '.gz'],
    ] as const) {
      if (known.has(`${file}${end}`)) bodies.set(coding, await readFile(`${file}${end}`));
    }
    const digest = createHash('sha256')
      .update(bodies.get('identity') ?? '')
      .digest('base64url');
    pages.set(`/${relative(folder, file)}`, { type, etag: `W/"${digest.slice(0, 22)}"`, bodies });
  }
  if (!pages.has('/index.html')) throw new Error(`${folder} has no index.html`);
  return pages;
}
