/**
 * Finds many byte sequences in one pass (Aho and Corasick, 1975), as a table: one look-up a byte, however many sequences there are.
 * Bytes that no sequence contains share a column, so that the table stays small.
 */
export interface Automaton {
  /** By byte: its column. */
  readonly column: Uint16Array;
  readonly columns: number;
  /** By state × columns + column: the next state. State 0: what was read last begins no sequence. */
  readonly next: Int32Array;
  /** By state: the length of the longest sequence that ends here; 0 for none. */
  readonly ending: Int32Array;
  /** By state: of all ends of what was read, the length of the longest that more bytes could make a sequence. */
  readonly pending: Int32Array;
}

/** The sequences must not be empty. */
export function buildAutomaton(sequences: readonly Uint8Array[]): Automaton {
  const column = new Uint16Array(256);
  let columns = 1;
  let most = 1;
  for (const sequence of sequences) {
    most += sequence.length;
    for (const byte of sequence) if (column[byte] === 0) column[byte] = columns++;
  }
  const next = new Int32Array(most * columns);
  const ending = new Int32Array(most);
  const pending = new Int32Array(most);
  const states = plant(sequences);
  link(states);
  return {
    column,
    columns,
    next: next.slice(0, states * columns),
    ending: ending.slice(0, states),
    pending: pending.slice(0, states),
  };

  /** The tree of all sequences; gives the number of its states. */
  function plant(all: readonly Uint8Array[]): number {
    let count = 1;
    for (const sequence of all) {
      let state = 0;
      for (const byte of sequence) {
        const cell = state * columns + at(column, byte);
        if (next[cell] === 0) {
          pending[count] = at(pending, state) + 1;
          next[cell] = count++;
        }
        state = at(next, cell);
      }
      ending[state] = sequence.length;
    }
    return count;
  }

  /** Fills the cells that the tree leaves empty: where to go on from the longest end that is a beginning, too. Level by level. */
  function link(count: number): void {
    const fallback = new Int32Array(count);
    const queue = [0];
    for (let head = 0; head < queue.length; head++) {
      const state = queue[head] ?? 0;
      const back = at(fallback, state);
      ending[state] = Math.max(at(ending, state), at(ending, back));
      let leaf = true;
      for (let letter = 0; letter < columns; letter++) {
        const child = at(next, state * columns + letter);
        const elsewhere = state === 0 ? 0 : at(next, back * columns + letter);
        if (child === 0) next[state * columns + letter] = elsewhere;
        else {
          leaf = false;
          fallback[child] = elsewhere;
          queue.push(child);
        }
      }
      if (leaf) pending[state] = at(pending, back);
    }
  }
}

/** The arrays are as long as the states; the zero is for the type checker. */
const at = (array: Int32Array | Uint16Array, index: number): number => array[index] ?? 0;
