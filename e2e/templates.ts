/** A repository's files, by path. */
export type Files = Readonly<Record<string, string>>;

export interface NodeService {
  /** What `GET /` answers; `v1` when nothing is said. */
  readonly version?: string;
  readonly behaviour?: Behaviour;
  /** A shell line; none: the service has no tests. */
  readonly test?: string;
  readonly build?: string;
}

/** How a service misbehaves. The environment variable BEHAVIOUR goes before what its files say. */
export type Behaviour =
  | 'well'
  /** Answers 503 on every path. */
  | 'unhealthy'
  /** Says what its LICENCE_KEY is, and ends with code 3. */
  | 'exits'
  | 'ignores SIGTERM'
  /** Listens on 127.0.0.1:$FIXED_PORT, whatever PORT says. */
  | 'fixed port'
  /** Listens only after SLOW_MS. */
  | 'slow start'
  /** Has whoever is at the address STRANGER listen on its port. */
  | 'another answers';

/**
 * A service on Node without dependencies. `GET /` answers who it is, `GET /env?NAME` a variable of its environment, `GET /stream?N` N
 * seconds long, `POST /` how many bytes it got. It prints its LICENCE_KEY when it has one: nobody should, many do. On SIGTERM it finishes its requests and ends.
 */
export function nodeService(options: NodeService = {}): Files {
  const scripts = {
    start: 'node server.js',
    ...(options.test === undefined ? {} : { test: options.test }),
    ...(options.build === undefined ? {} : { build: options.build }),
  };
  return {
    'package.json': `${JSON.stringify({ name: 'service', version: '1.0.0', private: true, scripts }, null, 2)}\n`,
    'service.json': serviceJson(options),
    'server.js': server,
  };
}

/** The file that says which version it is, and how it misbehaves. */
export function serviceJson({ version = 'v1', behaviour = 'well' }: NodeService): string {
  return `${JSON.stringify({ version, behaviour })}\n`;
}

/** A folder with a page that says its version. */
export function staticSite(version = 'v1'): Files {
  return { 'index.html': `<!doctype html>\n<title>Site</title>\n<p>Version ${version}</p>\n` };
}

const server = `const { createServer } = require('node:http');
const { version, behaviour } = require('./service.json');

const { PORT, FIXED_PORT, SLOW_MS, STRANGER, BEHAVIOUR = behaviour, TOWPATH_RELEASE: release } = process.env;

if (BEHAVIOUR === 'exits') {
  console.error('LICENCE_KEY is ' + (process.env.LICENCE_KEY || 'not set'));
  process.exit(3);
}

if (process.env.LICENCE_KEY) console.log('licensed by ' + process.env.LICENCE_KEY);

const answer = (request, response) => {
  const url = new URL(request.url, 'http://service');
  if (BEHAVIOUR === 'unhealthy') return response.writeHead(503).end('not today');
  if (url.pathname === '/stream') return stream(response, Number(url.search.slice(1)));
  if (url.pathname === '/env') return response.end(process.env[url.search.slice(1)] ?? '');
  let bytes = 0;
  request.on('data', (piece) => { bytes += piece.length; });
  request.on('end', () => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ version, release, pid: process.pid, bytes }));
  });
};

function stream(response, seconds) {
  let left = seconds;
  const timer = setInterval(() => {
    response.write('one more second\\n');
    if (--left > 0) return;
    clearInterval(timer);
    response.end();
  }, 1000);
  response.on('close', () => clearInterval(timer));
}

const server = createServer(answer);
const listen = () => server.listen(Number(BEHAVIOUR === 'fixed port' ? FIXED_PORT : PORT), '127.0.0.1');
if (BEHAVIOUR === 'another answers') fetch(STRANGER + '/' + PORT).then(() => setInterval(() => {}, 1000));
else setTimeout(listen, BEHAVIOUR === 'slow start' ? Number(SLOW_MS) : 0);
process.on('SIGTERM', () => {
  if (BEHAVIOUR !== 'ignores SIGTERM') server.close(() => process.exit(0));
});
`;
