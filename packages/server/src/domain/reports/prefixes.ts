/** The first line of a task: `api:test: cache miss, executing …` of Turborepo, `packages/api test$ vitest run` of pnpm. */
const begins = /^([^\s:]+:[^\s:]\S*(?=: cache \w+, )|[^\s:]+ [^\s:$]\S*(?=\$ ))/;
const most = 100;

/** Whose line it is, among tasks that run side by side and print each line behind their name; `by` is '' for a line without one. */
export interface Attributed {
  readonly by: string;
  readonly line: string;
}

/** Takes the names of tasks off lines, for runners of several packages at once: Turborepo, pnpm, concurrently. */
export class Prefixes {
  readonly #known = new Set<string>();

  of(line: string): Attributed {
    // Only concurrently prints no line that tells of a task first; its brackets are plain enough.
    const [, task, rest] = /^(\[[^\s\]]+\]) ?(.*)$/.exec(line) ?? [];
    if (task !== undefined && rest !== undefined) return this.#keep(task) ? { by: task, line: rest } : { by: '', line };
    const begun = begins.exec(line)?.[1];
    if (begun !== undefined) this.#keep(begun);
    if (this.#known.size === 0) return { by: '', line };
    const end = line.indexOf(': ');
    const name = end < 0 ? line.replace(/:$/, '') : line.slice(0, end);
    return this.#known.has(name) ? { by: name, line: end < 0 ? '' : line.slice(end + 2) } : { by: '', line };
  }

  #keep(name: string): boolean {
    if (this.#known.size < most) this.#known.add(name);
    return this.#known.has(name);
  }
}
