/** Services as others published them; nothing in them was written for Towpath. */
export interface RealService {
  readonly registry: 'npm' | 'PyPI' | 'Go';
  readonly package: string;
  readonly version: string;
  /** What its owner would answer when the first push is not served: options of `towpath service set`. None: nothing would help. */
  readonly told?: readonly string[];
  /** Why that must be told. */
  readonly because?: string;
}

/** The archives hold what is published, which is mostly without the tests that package.json names. */
const withoutTests = 'its tests are not in the published archive';
const oldTests = "its own tests fail with today's Node and dependencies";

export const realServices: readonly RealService[] = [
  {
    registry: 'npm',
    package: 'http-server',
    version: '14.1.1',
    told: ['--test', 'true'],
    because: withoutTests,
  },
  {
    registry: 'npm',
    package: 'json-server',
    version: '0.17.4',
    told: [
      '--test',
      'true',
      '--build',
      'true',
      '--start',
      'echo "{}" >"/tmp/json-server-$PORT.json" && node lib/cli/bin.js "/tmp/json-server-$PORT.json" --port "$PORT"',
    ],
    because: `${withoutTests}, nor its sources; which data it serves`,
  },
  {
    registry: 'npm',
    package: 'serve',
    version: '14.2.7',
    told: ['--quality', 'true', '--test', 'true', '--build', 'true', '--start', 'node build/main.js --listen "$PORT"'],
    because: `${withoutTests}, nor its sources; it takes its port as an option`,
  },
  {
    registry: 'npm',
    package: 'local-web-server',
    version: '5.4.0',
    told: ['--test', 'true', '--start', 'node bin/cli.js --port "$PORT"'],
    because: `a tool for the command line: which command starts it; ${withoutTests}`,
  },
  {
    registry: 'npm',
    package: 'live-server',
    version: '1.2.2',
    told: ['--test', 'true', '--start', 'node live-server.js --no-browser --port="$PORT"'],
    because: `a tool for the command line: which command starts it; ${oldTests}`,
  },
  {
    registry: 'npm',
    package: 'cors-anywhere',
    version: '0.4.4',
    told: ['--quality', 'true', '--test', 'true'],
    because: oldTests,
  },
  {
    registry: 'npm',
    package: 'peer',
    version: '1.0.2',
    told: [
      '--quality',
      'true',
      '--test',
      'true',
      '--build',
      'true',
      '--start',
      'node dist/bin/peerjs.js --port "$PORT"',
    ],
    because: `${withoutTests}, nor its sources`,
  },
  {
    registry: 'npm',
    package: 's3rver',
    version: '3.7.1',
    told: [
      '--test',
      'true',
      '--start',
      'node bin/s3rver.js --directory "/tmp/s3rver-$PORT" --port "$PORT"',
      '--health',
      '/',
    ],
    because: `a tool for the command line: which command starts it; ${withoutTests}`,
  },
  {
    registry: 'PyPI',
    package: 'httpbin',
    version: '0.10.4',
    told: ['--start', '.venv/bin/python -m flask --app httpbin.core run --port "$PORT"'],
    because: 'where its application is: httpbin/core.py',
  },
  {
    registry: 'PyPI',
    package: 'pypiserver',
    version: '2.4.2',
    told: [
      '--test',
      'true',
      '--start',
      'mkdir -p /tmp/pypiserver && .venv/bin/python -m pypiserver run --port "$PORT" /tmp/pypiserver',
    ],
    because: 'which packages it serves',
  },
  {
    registry: 'PyPI',
    package: 'datasette',
    version: '0.65.5',
    told: ['--test', 'true', '--start', '.venv/bin/python -m datasette --memory --host 127.0.0.1 --port "$PORT"'],
    because: 'which data it serves; its tests need files that are not published',
  },
  {
    registry: 'Go',
    package: 'github.com/mccutchen/go-httpbin/v2',
    version: 'v2.26.0',
  },
  {
    registry: 'Go',
    package: 'github.com/hashicorp/http-echo',
    version: 'v1.0.0',
    told: ['--start', './bin/http-echo -listen=":$PORT" -text=hello'],
    because: 'what it says, and its port, which it takes as an option',
  },
  {
    registry: 'Go',
    package: 'github.com/stefanprodan/podinfo',
    version: 'v1.8.1-0.20250910200901-e86405a8674e',
    told: ['--start', './bin/podinfo --port="$PORT"'],
    because: 'which of its two programs takes the requests',
  },
];
