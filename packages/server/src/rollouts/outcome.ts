/** How a step of a rollout ended; it is the step's recorded result, so plain JSON. */
export type Outcome =
  | { readonly go: true }
  | {
      readonly go: false;
      readonly reason: string /** failed: the release is at fault. Others: somebody asked for the end. */;
      readonly status: 'failed' | 'cancelled' | 'superseded';
    };

export const proceed: Outcome = { go: true };

export const failed = (reason: string): Outcome => ({ go: false, reason, status: 'failed' });
