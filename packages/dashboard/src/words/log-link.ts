/** The address of lines of a log, as a page's hash: `#unit:120`, `#deploy/staging@2:7-12`. Lines count from 1. */
export interface LogLink {
  /** `unit`, `deploy/staging` */
  readonly stage: string;
  /** Null: the newest. */
  readonly attempt: number | null;
  readonly lines: readonly [first: number, last: number] | null;
}

const pattern = /^#?([a-z]{1,20}(?:\/[a-z0-9-]{1,40})?)(?:@(\d{1,6}))?(?::(\d{1,9})(?:-(\d{1,9}))?)?$/;

/** Null when the hash is no such address. */
export function readLogLink(hash: string): LogLink | null {
  const [, stage, attempt, first, last] = pattern.exec(decoded(hash)) ?? [];
  if (stage === undefined) return null;
  const from = first === undefined ? null : Math.max(1, Number(first));
  return {
    stage,
    attempt: attempt === undefined ? null : Number(attempt),
    lines: from === null ? null : [from, Math.max(from, Number(last ?? from))],
  };
}

export function logLink({ stage, attempt, lines }: LogLink): string {
  const of = attempt === null ? '' : `@${attempt}`;
  const at = lines === null ? '' : `:${lines[0]}${lines[1] === lines[0] ? '' : `-${lines[1]}`}`;
  return `#${stage}${of}${at}`;
}

function decoded(hash: string): string {
  try {
    return decodeURIComponent(hash);
  } catch {
    return hash;
  }
}
