import { readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Part, withParts } from '../scripts/parts.ts';
import { commandsOf, exampleFiles, pushed } from './example.ts';
import type { Repository } from './repository.ts';
import { World } from './world.ts';

/** A service of an example, and what is to be found in it. */
interface Service {
  readonly example: string;
  /** `.` for one that is the whole repository. */
  readonly folder: string;
  readonly name: string;
  readonly remote: string;
  /** The commands of each stage as they ran; none: the stage is skipped or has nothing to do. */
  readonly prepare: readonly string[];
  readonly quality: readonly string[];
  readonly unit: readonly string[];
  readonly build: readonly string[];
  /** Paths of the service, and what each answers. */
  readonly answers: Readonly<Record<string, string | RegExp>>;
}

const whole = { folder: '.', remote: 'towpath', prepare: [], quality: [], build: [] } as const;

const onNode: readonly Service[] = [
  {
    ...whole,
    example: 'api',
    name: 'api',
    prepare: ['npm ci'],
    unit: ['npm test'],
    answers: { '/': '{"service":"api","version":"v1","release":"v1"}', '/healthz': 'ok' },
  },
  { ...whole, example: 'web', name: 'web', unit: ['npm test'], answers: { '/': /<p>Version 1<\/p>/ } },
  {
    ...whole,
    example: 'jobs',
    name: 'jobs',
    prepare: ['npm ci'],
    unit: ['npm test'],
    answers: { '/': '{"service":"jobs","release":"v1"}', '/receipts/none': '{"error":"no such receipt"}' },
  },
  {
    ...whole,
    example: 'shop',
    folder: 'services/catalog',
    name: 'catalog',
    prepare: ['npm ci'],
    unit: ['npm test'],
    answers: { '/': '{"service":"catalog","release":"v1"}', '/goods/rope': /"price":"12.50 EUR"/ },
  },
  {
    ...whole,
    example: 'shop',
    folder: 'services/checkout',
    name: 'checkout',
    remote: 'towpath-checkout',
    prepare: ['npm ci'],
    unit: ['npm test'],
    answers: { '/': '{"service":"checkout","release":"v1"}' },
  },
];

const install = 'python3 -m venv .venv && .venv/bin/python -m pip install -r requirements.txt -r requirements-dev.txt';

const onPython: readonly Service[] = [
  {
    ...whole,
    example: 'flask',
    name: 'flask',
    prepare: [install],
    unit: ['.venv/bin/python -m pytest'],
    answers: { '/': /^{"release":"v1","service":"rates"}\s$/, '/convert?cents=1000&to=USD': /"cents":1090/ },
  },
];

const onGo: readonly Service[] = [
  {
    ...whole,
    example: 'go',
    name: 'go',
    quality: ['go vet ./...'],
    unit: ['go test ./...'],
    build: ['go build -o ./bin/quotes ./cmd/quotes'],
    answers: { '/': /^{"release":"v1","service":"quotes"}\s$/, '/quote?grams=900': /"cents":495/ },
  },
];

shipped('Node', ['npm'], onNode);
shipped('Python', ['python'], onPython);
shipped('Go', ['go'], onGo);

function shipped(language: string, toolchain: readonly Part[], services: readonly Service[]): void {
  withParts(['git', 'proc', ...toolchain], () => {
    describe(`Given a Towpath that is up, and the examples on ${language} as repositories of their own`, () => {
      let world: World;
      const repositories = new Map<string, Repository>();

      beforeAll(async () => {
        world = World.create();
        // With an empty one Go compiles its whole library first.
        world.env.XDG_CACHE_HOME = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
        await world.up();
        for (const example of new Set(services.map((each) => each.example)))
          repositories.set(example, await world.repository(example, exampleFiles(example)));
      });

      afterAll(() => world.end());

      test.each(services)('When $name is made a service and pushed, Then it is tested and served', async (service) => {
        const repository = repositories.get(service.example);
        if (repository === undefined) throw new Error(`there is no repository of ${service.example}`);
        const made = await world.cliIn(join(repository.folder, service.folder), 'init', '--yes', '--json');
        expect(made.json()).toMatchObject({ service: service.name, remote: service.remote });

        const { run, stages } = await pushed(world, repository, service.remote);
        expect(Object.fromEntries(stages.map(({ name, status }) => [name, status]))).toMatchObject({
          prepare: 'succeeded',
          unit: 'succeeded',
          build: 'succeeded',
          'deploy staging': 'succeeded',
          'approval production': 'waiting',
        });
        for (const stage of ['prepare', 'quality', 'unit'] as const)
          expect([stage, await commandsOf(world, run, stage)]).toEqual([stage, service[stage]]);
        // What prepare installed may come out of the cache here.
        const built = (await commandsOf(world, run, 'build')).filter((each) => !service.prepare.includes(each));
        expect(built).toEqual(service.build);

        const approved = await world.cliIn(repository.folder, 'approve', String(run), '--yes', '--json');
        expect(approved.code).toBe(0);
        expect(await world.waitFor(run)).toMatchObject({ status: 'succeeded' });
        for (const host of [`${service.name}-staging.localhost`, `${service.name}.localhost`]) {
          for (const [path, answer] of Object.entries(service.answers)) {
            const asked = await world.ask(host, path);
            expect({ host, path, ...asked }).toMatchObject({
              text: typeof answer === 'string' ? answer : expect.stringMatching(answer),
            });
          }
        }
        // Whoever serves from a bundle must not change it: Python would keep there what it compiles.
        expect(cachesIn(join(world.data, 'server/bundles'))).toEqual([]);
      });
    });
  });
}

function cachesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (path) => path.endsWith('/__pycache__') && !path.includes('/.venv/'),
  );
}
