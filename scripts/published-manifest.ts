import { z } from 'zod';

const Addresses = z.record(z.string(), z.string());
const Source = z.looseObject({
  bin: Addresses.optional(),
  // What lies in testing/ is for the tests of other packages of the workspace.
  exports: Addresses.transform((all) =>
    Object.fromEntries(Object.entries(all).filter(([, file]) => !file.includes('/testing/'))),
  ).optional(),
  scripts: z.unknown().optional(),
  devDependencies: z.unknown().optional(),
});

/** The package.json to publish for one of the workspace: addresses point into dist/, and only what users need is left. */
export function publishedManifest(source: unknown): Record<string, unknown> {
  const { bin, exports, scripts: _scripts, devDependencies: _devDependencies, ...rest } = Source.parse(source);
  const { dependencies, ...alone } = rest;
  return {
    // Pages are built whole: they need nothing beside them.
    ...(Object.values(exports ?? {}).every(isPage) && exports !== undefined ? alone : rest),
    engines: { node: '>=24' },
    ...(bin && { bin: mapValues(bin, (file) => built(file, '.js')) }),
    ...(exports && {
      exports: mapValues(exports, (file) =>
        isPage(file) ? file : { types: built(file, '.d.ts'), default: built(file, '.js') },
      ),
    }),
    files: ['dist'],
  };
}

/** The modules that others may start or import, each once: `./src/main.ts`, … */
export function entriesOf(source: unknown): string[] {
  const { bin, exports } = Source.parse(source);
  return [...new Set([...Object.values(bin ?? {}), ...Object.values(exports ?? {})])].filter((file) => !isPage(file));
}

/** It was built before, as the dashboard is. */
const isPage = (file: string): boolean => file.startsWith('./dist/') && file.endsWith('.html');

function built(file: string, extension: string): string {
  const [, path] = /^\.\/src\/(.+)\.ts$/.exec(file) ?? [];
  if (path === undefined) throw new Error(`'${file}' is no ./src/….ts: only those are built`);
  return `./dist/${path}${extension}`;
}

function mapValues<A, B>(record: Readonly<Record<string, A>>, change: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
