/** Durable execution: a workflow's finished steps are never done again, whatever dies. */
export interface Engine {
  /** Before launch. The name and the order of steps are kept over upgrades. */
  define<I extends WorkflowInput>(name: string, body: WorkflowBody<I>): void;
  /** Starts now, in this process. The same id again does nothing. Resolves when the start is recorded. */
  start<I extends WorkflowInput>(name: string, id: string, input: I): Promise<void>;
  /** Of these ids, those that the engine has never recorded: a start that a crash swallowed. */
  unknown(ids: readonly string[]): Promise<string[]>;
}

/** Ids only: what a workflow works on is read from the store, so that an upgrade finds today's shape. */
export type WorkflowInput = Readonly<Record<string, string | number>>;

export type WorkflowBody<I extends WorkflowInput> = (context: WorkflowContext, input: I) => Promise<void>;

export interface WorkflowContext {
  readonly id: string;
  /**
   * At least once: after a crash an unfinished step is done again, a finished one gives its recorded result (JSON).
   * The steps of a workflow must follow from the results of earlier steps alone.
   */
  step<T extends StepResult>(name: string, action: () => Promise<T>): Promise<T>;
  /** For work that records itself what is done: resolves while this server may go on with it, never once it may not. A step asks by itself. */
  confirm(): Promise<void>;
}

export type StepResult =
  | null
  | boolean
  | number
  | string
  | readonly StepResult[]
  | { readonly [key: string]: StepResult | undefined };
