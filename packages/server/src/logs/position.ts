/** Where a reader of several logs stands. */
export interface Position {
  /** Logs with a higher id are new to the reader; others that are not in `at` were read to their end. */
  readonly newest: number;
  /** By log: bytes that the reader has. */
  readonly at: ReadonlyMap<number, number>;
}

const form = /^\d{1,15}(\.\d{1,15}-\d{1,15})*$/;

/** As the id of a message: `12.9-3400.12-0`. */
export function positionOf({ newest, at }: Position): string {
  return [newest, ...[...at].map(([id, bytes]) => `${id}-${bytes}`)].join('.');
}

/** Null: it is none. */
export function positionIn(text: string): Position | null {
  if (!form.test(text)) return null;
  const [newest = '', ...logs] = text.split('.');
  const at = logs.map((each) => each.split('-').map(Number));
  return { newest: Number(newest), at: new Map(at.map(([id = 0, bytes = 0]) => [id, bytes])) };
}
