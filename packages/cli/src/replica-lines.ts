/** A line that is longer is given out in parts. */
const longest = 65_536;

/** What several replicas print as one text: cut at the ends of lines, so that theirs never mix, with a heading where it is another's. */
export class ReplicaLines {
  /** By replica: the beginning of a line. */
  readonly #held = new Map<string, string>();
  #shown = '';

  /** What is to be shown now. */
  push({ replica, text }: { readonly replica: string; readonly text: string }): string {
    const all = (this.#held.get(replica) ?? '') + text;
    const end = all.length > longest ? all.length : all.lastIndexOf('\n') + 1;
    if (end === all.length) this.#held.delete(replica);
    else this.#held.set(replica, all.slice(end));
    if (end === 0) return '';
    const heading = replica === this.#shown ? '' : `==> ${replica} <==\n`;
    this.#shown = replica;
    return heading + all.slice(0, end);
  }
}
