import { type Automaton, buildAutomaton } from './automaton.ts';
import { formsOf } from './forms.ts';

/** Hides secrets in logs. Made once for a set of secrets; each log gets a masker of its own. */
export interface Mask {
  stream(): Masker;
}

/**
 * Replaces secrets in a stream of bytes, however it is cut into chunks. Every byte of every form of every secret is hidden, also where
 * two overlap: each stretch of overlapping ones becomes one `•••`. (Leftmost-longest would show the rest of the second one.)
 */
export interface Masker {
  /** What is certain now. Held back is an end that may be the beginning of a secret; a line that ends otherwise is never delayed. */
  push(chunk: Uint8Array): Uint8Array;
  /** The rest, at the end of the log. */
  flush(): Uint8Array;
  /** Bytes taken that are held back: a new masker that begins with them goes on exactly here. */
  readonly held: number;
}

const cover = Buffer.from('•••');

/** Values under 4 characters are not hidden; of a value of several lines, also each line of 6 or more. See forms.ts. */
export function createMask(secrets: Iterable<string>): Mask {
  const forms = [...secrets].flatMap(formsOf);
  if (forms.length === 0) return { stream: () => ({ push: (chunk) => chunk, flush: () => Buffer.alloc(0), held: 0 }) };
  const automaton = buildAutomaton(forms);
  return { stream: () => createMasker(automaton) };
}

/** A stretch to be covered, in positions of the bytes that are held. */
interface Stretch {
  from: number;
  readonly to: number;
}

function createMasker({ column, columns, next, ending, pending }: Automaton): Masker {
  let state = 0;
  let held: Uint8Array = Buffer.alloc(0);
  /** In order, apart from each other. */
  let stretches: Stretch[] = [];

  function scan(bytes: Uint8Array, from: number): void {
    let at = state;
    for (let index = from; index < bytes.length; index++) {
      at = next[at * columns + (column[bytes[index] ?? 0] ?? 0)] ?? 0;
      const length = ending[at] ?? 0;
      if (length > 0) add(index + 1 - length, index + 1);
    }
    state = at;
  }

  /** Sequences are found in the order of their ends, so that only the last stretches can overlap a new one. */
  function add(from: number, to: number): void {
    let start = from;
    for (let last = stretches.at(-1); last !== undefined && last.to > start; last = stretches.at(-1)) {
      start = Math.min(start, last.from);
      stretches.pop();
    }
    stretches.push({ from: start, to });
  }

  /** Gives out everything before `safe`, where no secret can begin any more that is not known. */
  function release(bytes: Uint8Array, safe: number): Uint8Array {
    const parts: Uint8Array[] = [];
    let done = 0;
    let count = 0;
    for (const { from, to } of stretches) {
      if (to > safe) break;
      parts.push(bytes.subarray(done, from), cover);
      done = to;
      count++;
    }
    const end = Math.max(done, Math.min(safe, stretches[count]?.from ?? safe));
    held = bytes.subarray(end);
    stretches = stretches.slice(count).map(({ from, to }) => ({ from: from - end, to: to - end }));
    if (count === 0) return bytes.subarray(0, end);
    return Buffer.concat([...parts, bytes.subarray(done, end)]);
  }

  return {
    push(chunk) {
      const bytes = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
      scan(bytes, held.length);
      const result = release(bytes, bytes.length - (pending[state] ?? 0));
      // The chunk's memory is the caller's again.
      held = Buffer.from(held);
      return result;
    },
    flush() {
      const result = release(held, held.length);
      state = 0;
      return result;
    },
    get held() {
      return held.length;
    },
  };
}
