/** What an app of the conformance suite does, as data: fake/ acts it out, process/testing/app.ts really does it. */
export interface AppScript {
  /** Where it takes requests: on $PORT, on a port of its own choice, or nowhere. */
  readonly listens: 'PORT' | 'elsewhere' | 'nowhere';
  /** After `begun` it prints its environment, as one line of JSON. */
  readonly tellsEnv?: true;
  /** Ends with this code at once. */
  readonly exits?: number;
  /** On SIGTERM: ends at once, ends after saying `finished` when the suite opens the gate, or ignores it. */
  readonly onTerm: 'end' | 'await-gate' | 'ignore';
  /** Of what it awaits, as told by onTerm. */
  readonly gate?: string;
}

/** What the app answers to any request. */
export interface AppAnswer {
  /** New with every start of the app. */
  readonly life: string;
  readonly cwd: string;
  /** The environment that it was given. */
  readonly env: Readonly<Record<string, string>>;
}
