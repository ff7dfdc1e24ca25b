/** The longest time that one of Node's timers can hold: 24.8 days. */
const longestTimer = 2 ** 31 - 1;

/** Calls back at a moment (ms since 1970), however far away; at once when it is past. Returns what calls it off. */
export function alarm(at: number, ring: () => void): () => void {
  let timer: NodeJS.Timeout;
  const arm = () => {
    const left = at - Date.now();
    timer = setTimeout(left > longestTimer ? arm : ring, Math.max(0, Math.min(left, longestTimer)));
  };
  arm();
  return () => clearTimeout(timer);
}

/** Resolves when the time (ms) is over or one of the signals is aborted. Leaves nothing behind on signals that live long. */
export function pause(ms: number, ...signals: AbortSignal[]): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      for (const signal of signals) signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    for (const signal of signals) signal.addEventListener('abort', done);
    if (signals.some((signal) => signal.aborted)) done();
  });
}

/** Resolves when the promise does or the signal is aborted, and leaves no listener behind. */
export function unlessAborted(promise: Promise<unknown>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return resolve();
    const aborted = () => resolve();
    signal.addEventListener('abort', aborted, { once: true });
    promise.then(() => resolve(), reject).finally(() => signal.removeEventListener('abort', aborted));
  });
}
