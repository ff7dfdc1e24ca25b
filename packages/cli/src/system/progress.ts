/** How a long command says where it stands. */
export interface Progress {
  doing(text: string): void;
  done(text: string, ms?: number): void;
  warn(text: string): void;
}

/** Announces a piece of work, does it, and says so when it turns out that there was something to do. */
export async function announced<T>(
  progress: Progress,
  text: string,
  work: () => Promise<T>,
  outcome: (result: T) => string | null,
): Promise<T> {
  const began = performance.now();
  progress.doing(text);
  const result = await work();
  const said = outcome(result);
  if (said !== null) progress.done(said, performance.now() - began);
  return result;
}
