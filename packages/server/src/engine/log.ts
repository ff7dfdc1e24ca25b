/** Where the engine's parts tell what they do; main hands in the server's logger. Messages carry no secret and no URL. */
export type Log = (level: 'debug' | 'info' | 'warn' | 'error', message: string, error?: unknown) => void;
