/** What the sources say of where the service listens, and of the path that answers whether it is well. */
import type { Start } from '../path/settings.ts';
import { type FileView, folderOf, foldersIn, glance, nameOf, namesIn } from './files.ts';
import type { Found, Notice } from './found.ts';

const server =
  /\.listen\s*\(|\bcreateServer\s*\(|\bserve\s*\(|\bDeno\.serve\b|\bBun\.serve\b|\bListenAndServe\b|\bHTTPServer\b|\b(FastAPI|Flask|Starlette|Sanic|Quart|Litestar)\s*\(|\bexport default (app|server)\b/;

/** Does this source take requests? */
export function listens(text: string): boolean {
  return server.test(text);
}

const maxSources = 40;
const besides = /^(routes?|api|handlers?|controllers?|server|health|internal|http|web|views?|app)$/;

/** The entry, and the files beside it and in folders for routes beside it: at most 40 in all. Tests are left out. */
export function sourcesNear(files: FileView, entry: string, fits: RegExp): string[] {
  const top = folderOf(entry);
  const folders = [top, ...foldersIn(files, top).filter((folder) => besides.test(nameOf(folder)))];
  const near = folders.flatMap((folder) => namesIn(files, folder, fits));
  const found = near.filter((path) => path !== entry && !/(^|[._-])(test|spec)[._-]|(^|\/)test_|_test\./.test(path));
  return [entry, ...found].slice(0, maxSources);
}

/** The port that the platform gives, by its name: whoever writes it asks for it, in any of the languages. */
const asksForPort = /\bPORT\b/;

/** A port written into a source. Each pattern has the port as its only group. */
const fixedPorts: readonly RegExp[] = [
  /\.listen\(\s*(\d{2,5})\b/,
  /\.listen\(\s*\{[^}]{0,200}\bport\s*:\s*(\d{2,5})\b/,
  /\b(?:const|let|var)\s+port\s*=\s*(\d{2,5})\s*;?\s*$/im,
  /\bserve\(\s*\{[^}]{0,300}\bport\s*:\s*(\d{2,5})\b/,
  /\b(?:ListenAndServe|ListenAndServeTLS|Run|Start|Listen)\(\s*"[^"\s]{0,60}:(\d{2,5})"/,
  /\bAddr\s*:\s*"[^"\s]{0,60}:(\d{2,5})"/,
  /\bbind\(\s*"[^"\s]{0,60}:(\d{2,5})"/,
  /\bbind\(\s*\(\s*(?:"[^"]{0,60}"|\[[^\]]{0,30}\])\s*,\s*(\d{2,5})\s*\)/,
  /\bSocketAddr::(?:from|new)\([^;]{0,80}?,\s*(\d{2,5})\s*\)/,
  /\b(?:app\.run|uvicorn\.run|run_app|serve|run_simple)\([^\n]{0,200}?\bport\s*=\s*(\d{2,5})\b/,
  /\b(?:HTTPServer|TCPServer|make_server)\(\s*\(?\s*["'][^"']{0,60}["']\s*,\s*(\d{2,5})\b/,
];

/** A port written into a start command. */
const commandPorts: readonly RegExp[] = [
  /(?:^|\s)(?:-p|-P|--port|--listen|--server\.port)[= ]+["']?(\d{2,5})\b/,
  /(?:^|\s)(?:-b|--bind|-S|-l|--http)[= ]+["']?[\w.[\]:/]{0,60}:(\d{2,5})\b/,
  /(?:^|\s)(?:PORT|SERVER_PORT)=(\d{2,5})\b/,
  /-D(?:server|quarkus\.http|micronaut\.server)\.port=(\d{2,5})\b/,
  /\brunserver\s+(?:[\w.]+:)?(\d{2,5})\b/,
];

/** The notice for a service that listens where nobody asks it; null when nothing speaks for that. */
export function fixedPort(files: FileView, sources: readonly string[], start: Start | null): Notice | null {
  if (start === null || start.kind === 'static') return null;
  const inCommand = firstMatch(commandPorts, start.command);
  if (inCommand !== null) {
    const help = `Write $PORT instead of ${inCommand} in the command.`;
    return {
      text: `It listens on ${inCommand} by its start command, not on $PORT, where it is asked`,
      origin: start.origin,
      help,
    };
  }
  if (/\$\{?PORT\b/.test(start.command)) return null;
  let fixed: { port: string; path: string } | null = null;
  for (const path of sources) {
    const text = withoutComments(glance(files, path) ?? '');
    if (asksForPort.test(text) && /env|config|settings/i.test(text)) return null;
    const port: string | null = fixed === null ? firstMatch(fixedPorts, text) : null;
    if (port !== null) fixed = { port, path };
  }
  if (fixed === null) return null;
  const { port, path } = fixed;
  return {
    text: `It listens on ${port}, not on $PORT, where it is asked`,
    origin: path,
    help: `Take the port from the environment: ${fixes.find(([ending]) => ending.test(path))?.[1].replace('PPPP', port) ?? 'PORT'}.`,
  };
}

const fixes: readonly (readonly [RegExp, string])[] = [
  [/\.[cm]?[jt]sx?$/, '`process.env.PORT ?? PPPP`'],
  [/\.py$/, '`int(os.environ.get("PORT", PPPP))`'],
  [/\.go$/, '`os.Getenv("PORT")`'],
  [/\.rs$/, '`std::env::var("PORT")`'],
];

function firstMatch(patterns: readonly RegExp[], text: string): string | null {
  for (const pattern of patterns) {
    const found = pattern.exec(text)?.[1];
    if (found !== undefined) return found;
  }
  return null;
}

/** Whole lines only: a `//` inside a line may be part of an address. */
function withoutComments(text: string): string {
  return text.replace(/^[ \t]*(\/\/|#|\*).*$/gm, '');
}

/** The paths that services answer their health at, the one that says "ready" before one that only says "alive". */
const healthPaths =
  '/readyz /ready /health/ready /healthz /health /health-check /healthcheck /_health /api/healthz /api/health /api/v1/health /status /livez /health/live /live /up /ping'.split(
    ' ',
  );

/** A path of health that a source has a route for. */
export function healthIn(files: FileView, sources: readonly string[]): Found | null {
  const places = new Map<string, string>();
  for (const path of sources) {
    const text = glance(files, path) ?? '';
    for (const [, found = ''] of withoutComments(text).matchAll(/["'`](?:GET )?(\/[\w/-]{1,30})["'`]/g)) {
      if (!places.has(found)) places.set(found, path);
    }
    // Django writes its paths without the first slash.
    for (const [, found = ''] of text.matchAll(/\bpath\(\s*r?["']([\w-]{1,20}\/?)["']/g)) {
      if (!places.has(`/${found}`)) places.set(`/${found}`, path);
    }
  }
  for (const health of healthPaths) {
    const value = [health, `${health}/`].find((each) => places.has(each));
    if (value !== undefined) return { value, origin: places.get(value) ?? '' };
  }
  return null;
}

/** Routes that are files: the path that each has by its place. */
const routeFiles: readonly (readonly [string, string])[] = ['healthz', 'health'].flatMap((name) => [
  ...['', 'src/'].flatMap((top) =>
    ['ts', 'js'].map((ending) => [`${top}app/api/${name}/route.${ending}`, `/api/${name}`] as const),
  ),
  ...['', 'src/'].flatMap((top) =>
    ['ts', 'js'].map((ending) => [`${top}app/${name}/route.${ending}`, `/${name}`] as const),
  ),
  ...['', 'src/'].flatMap((top) =>
    ['ts', 'js'].map((ending) => [`${top}pages/api/${name}.${ending}`, `/api/${name}`] as const),
  ),
  ...['ts', 'js'].map((ending) => [`src/routes/${name}/+server.${ending}`, `/${name}`] as const),
  ...['ts', 'js'].map((ending) => [`server/routes/${name}.${ending}`, `/${name}`] as const),
  ...['ts', 'js'].map((ending) => [`server/api/${name}.${ending}`, `/api/${name}`] as const),
]);

/** The same for frameworks whose routes are files. */
export function healthByFile(files: FileView): Found | null {
  const found = routeFiles.find(([file]) => files.exists(file));
  return found === undefined ? null : { value: found[1], origin: found[0] };
}

/** The path that a health check of an image asks for: `curl -f http://localhost:3000/healthz`. */
export function healthOfCommand(text: string): string | null {
  return (
    /https?:\/\/(?:localhost|127\.0\.0\.1|0\.0\.0\.0)(?::[\d${}\w-]{1,20})?(\/[\w./-]{1,100})/.exec(text)?.[1] ?? null
  );
}
