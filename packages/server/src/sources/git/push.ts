import type { Duplex } from 'node:stream';

/** A branch or tag that a push has moved. */
export interface RefUpdate {
  readonly kind: 'branch' | 'tag';
  /** `feature/x` */
  readonly name: string;
  /** Where it stood; null: it is new. */
  readonly before: string | null;
  /** Where it stands; null: it was deleted. A tag may stand on a tag object. */
  readonly after: string | null;
}

/** The way back to the pusher while a run goes on. */
export interface PushProgress {
  /** Shown as `remote: …` at once. Never throws; without a listener nothing happens. Control characters are taken out. */
  line(text: string): void;
  /** Aborted when nobody listens any more: the pusher pressed Ctrl-C or lost the connection. The push itself stands. */
  readonly signal: AbortSignal;
}

const noObject = /^0+$/;

/** The lines that git gives to `post-receive`: `<before> <after> <ref>`. What is neither branch nor tag, or not UTF-8, is left out. */
export function parseUpdates(text: string): RefUpdate[] {
  return text.split('\n').flatMap((line) => {
    const [, before = '', after = '', folder, name = ''] =
      /^([0-9a-f]{40,64}) ([0-9a-f]{40,64}) refs\/(heads|tags)\/(.+)$/.exec(line) ?? [];
    if (folder === undefined || name.includes('\ufffd')) return [];
    const id = (text: string) => (noObject.test(text) ? null : text);
    return [{ kind: folder === 'heads' ? 'branch' : 'tag', name, before: id(before), after: id(after) } as const];
  });
}

/** One line or several, without what a terminal would obey. */
export function plainLines(text: string): string[] {
  return text.split(/\r\n|[\r\n]/).map((line) => line.replaceAll(obeyed, ''));
}
/** Sequences, controls, and marks that turn the direction of writing or begin a new line. */
const obeyed =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: lines of a build are hostile text.
  /\x1b\[[0-9;:?]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** So much waits for a pusher that does not read; lines over it are left out, which is said as soon as there is room again. */
const maxWaiting = 1_048_576;

/** Lines into the hook's socket; `gone` says that nobody reads the other end of the push. */
export function pushProgress(channel: Duplex, gone: AbortSignal): PushProgress {
  let left = 0;
  const write = (line: string) => channel.write(`${line}\n`);
  return {
    signal: gone,
    line(text) {
      if (gone.aborted || !channel.writable) return;
      for (const line of plainLines(text)) {
        if (channel.writableLength > maxWaiting) {
          left++;
          continue;
        }
        if (left > 0) write(`(${left} lines left out)`);
        left = 0;
        write(line);
      }
    },
  };
}
