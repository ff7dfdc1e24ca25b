import { spawnSync } from 'node:child_process';

/** An example that needs more than Node, which is there wherever Towpath was installed. */
export interface OtherExample {
  readonly name: string;
  /** What `GET /` says of itself. */
  readonly service: string;
  /** Null when the machine has what it needs; else what is missing. */
  readonly missing: string | null;
}

/** The examples in other languages, and whether this machine can build them. */
export function otherExamples(env: NodeJS.ProcessEnv): OtherExample[] {
  const said = (program: string, ...argv: readonly string[]) => {
    const { status, stdout } = spawnSync(program, argv, { env, encoding: 'utf8' });
    return status === 0 ? stdout : null;
  };
  const python = said('python3', '-c', 'import ensurepip, venv') !== null;
  return [
    {
      name: 'go',
      service: 'quotes',
      missing: isGoRecent(said('go', 'version')) ? null : 'Go 1.22 or later (https://go.dev/dl)',
    },
    { name: 'flask', service: 'rates', missing: python ? null : 'python3 with venv (apt-get install python3-venv)' },
  ];
}

/** `go version go1.22.5 linux/amd64`; from 1.22 on the example's routes are understood. */
export function isGoRecent(said: string | null): boolean {
  const [, major, minor] = /\bgo(\d+)\.(\d+)/.exec(said ?? '') ?? [];
  return Number(major) > 1 || (Number(major) === 1 && Number(minor) >= 22);
}
