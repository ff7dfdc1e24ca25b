/** A replica's id: `target/7:12:http:0.1`, `target/7:12:worker/mailer:0.1`; the last part is its place and how often it was started there. */
const pattern = /^[^:]+:([^:]+):(?:http|worker\/([^:]+)):(\d+)\.(\d+)$/;

/** `v3 http 1`: release, process, place; `v3 http 1, start 2` after a restart. The release is left out where nobody knows its version. */
export function replicaName(id: string, versions: ReadonlyMap<string, number>): string {
  const [, release, worker, place, start] = pattern.exec(id) ?? [];
  if (release === undefined) return id;
  const version = versions.get(release);
  return [
    ...(version === undefined ? [] : [`v${version}`]),
    worker ?? 'http',
    `${Number(place) + 1}${start === '1' ? '' : `, start ${start}`}`,
  ].join(' ');
}

/** The versions of releases by what replicas call them. */
export const versionsOf = (
  replicas: readonly { readonly id: string; readonly release: number }[],
): ReadonlyMap<string, number> =>
  new Map(
    replicas.flatMap(({ id, release }) => {
      const name = pattern.exec(id)?.[1];
      return name === undefined ? [] : [[name, release] as const];
    }),
  );
