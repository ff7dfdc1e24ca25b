export type Log = (event: string, details?: Readonly<Record<string, unknown>>) => void;

/** One JSON line per noteworthy event on stdout; never one per request. */
export function jsonLog(event: string, details: Readonly<Record<string, unknown>> = {}): void {
  process.stdout.write(`${JSON.stringify({ time: new Date().toISOString(), event, ...details })}\n`);
}
