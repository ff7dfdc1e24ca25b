import { createHash } from 'node:crypto';
import { readFile, realpath, stat } from 'node:fs/promises';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { basename, join, relative, sep } from 'node:path';
import send from 'send';

/** A file of the site, by its path after all links were followed. */
interface Found {
  readonly path: string;
  readonly size: number;
  readonly changedMs: number;
}

/**
 * Serves the files of a folder: index.html for a folder, `about.html` also as `about`, 404.html (if there is one) for what is missing.
 * Nothing outside of the folder is served, also not by a link that leads there; names that begin with a dot are hidden but .well-known.
 * Rejects when the folder can't be read.
 */
export async function siteHandler(folder: string): Promise<RequestListener> {
  const root = await realpath(folder);
  if (!(await stat(root)).isDirectory()) throw new Error(`${folder} is no folder`);
  const missing = await find(root, '404.html');
  const notFound = missing === null ? null : await readFile(missing.path);
  return (request, response) => {
    answer(root, notFound, request, response).catch(() => {
      if (response.headersSent) response.destroy();
      else say(response, 500, 'The file cannot be read.');
    });
  };
}

async function answer(
  root: string,
  notFound: Buffer | null,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD');
    return say(response, 405, 'Only GET and HEAD are understood.');
  }
  const [encoded = '', query] = (request.url ?? '/').split('?', 2);
  const path = decode(encoded);
  if (path === null) return say(response, 400, 'The address is not understood.');
  const found = isHidden(path) ? null : await findAny(root, path);
  if (found === 'folder') {
    // Relative, so that it can't lead to another host.
    const location = `${encodeURIComponent(basename(path))}/${query === undefined ? '' : `?${query}`}`;
    response.setHeader('location', `./${location}`);
    return say(response, 301, 'It is a folder.');
  }
  if (found !== null) return give(root, found, request, response);
  if (notFound === null) return say(response, 404, 'There is no such page.');
  response.writeHead(404, { 'content-type': 'text/html; charset=utf-8', 'content-length': notFound.length });
  response.end(request.method === 'HEAD' ? undefined : notFound);
}

/** `folder`: it has an index, but the address lacks the slash that its relative links need. */
async function findAny(root: string, path: string): Promise<Found | 'folder' | null> {
  if (path.endsWith('/')) return await find(root, `${path}index.html`);
  const found = (await find(root, path)) ?? (await find(root, `${path}.html`));
  return found ?? ((await find(root, `${path}/index.html`)) === null ? null : 'folder');
}

/** The file at this path of the site; null when there is none inside the folder. */
async function find(root: string, path: string): Promise<Found | null> {
  try {
    const real = await realpath(join(root, path));
    const status = real.startsWith(root + sep) ? await stat(real) : null;
    return status?.isFile() ? { path: real, size: status.size, changedMs: status.mtimeMs } : null;
  } catch (error) {
    if (error instanceof Error && 'code' in error && absent.has(String(error.code))) return null;
    throw error;
  }
}

const absent = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG']);

function give(root: string, file: Found, request: IncomingMessage, response: ServerResponse): void {
  // The path is part of it: two releases may hold files of one size and one time, as archives set it.
  const identity = createHash('sha256').update(JSON.stringify(file)).digest('base64url').slice(0, 22);
  response.setHeader('etag', `"${identity}"`);
  response.setHeader('cache-control', 'no-cache');
  response.setHeader('x-content-type-options', 'nosniff');
  const name = relative(root, file.path).split(sep).map(encodeURIComponent).join('/');
  send(request, name, { root, dotfiles: 'allow', index: false, cacheControl: false, lastModified: false })
    .on('error', ({ status = 500, headers = {} }: { status?: number; headers?: Record<string, string> }) => {
      if (response.headersSent) return response.destroy();
      for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
      say(response, status, status === 416 ? 'The file has no such part.' : 'The file cannot be given.');
    })
    .pipe(response);
}

/** Null for what is no address of a file: broken escapes, NUL, no leading slash. */
function decode(path: string): string | null {
  try {
    const decoded = decodeURIComponent(path);
    return decoded.startsWith('/') && !decoded.includes('\0') ? decoded : null;
  } catch {
    return null;
  }
}

function isHidden(path: string): boolean {
  return path.split('/').some((part) => part.startsWith('.') && part !== '.well-known');
}

function say(response: ServerResponse, status: number, message: string): void {
  const text = `${message}\n`;
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'content-length': text.length });
  response.end(text);
}
