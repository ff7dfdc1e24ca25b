import type { FoundView } from '@towpath/contract';

/** Settings that a line about a service names, and as what. */
const named: readonly (readonly [path: RegExp, label: string])[] = [
  [/^quality\.(\w+)$/, ''],
  [/^test$/, 'tests'],
  [/^build$/, 'build'],
  [/^start$/, 'start'],
  [/^static$/, 'serves'],
  [/^health\.path$/, 'health'],
];

/** `Node 24 with npm (package-lock.json) · lint: npm run lint · tests: npm test · start: node . · health: /healthz` */
export function foundText({ kind, settings }: FoundView): string {
  const parts = named.flatMap(([path, label]) =>
    settings.flatMap((each) => {
      const match = path.exec(each.path);
      return match === null ? [] : [`${match[1] ?? label}: ${String(each.value)}`];
    }),
  );
  const what = kind === null ? 'Nothing was recognised' : `${kind.value} (${kind.origin})`;
  return [what, ...parts].join(' · ');
}
