import type { OwnerAnswer, OwnerCheck, ProcessSpecInput, ProcessState } from '@towpath/contract/supervisor';

/** What this driver asks of the supervisor; main.ts hands its client in. Errors are TowpathErrors with the protocol's codes. */
export interface SupervisorPort {
  fence(owner: string, epoch: number): Promise<void>;
  start(key: string, epoch: number, spec: ProcessSpecInput): Promise<ProcessState>;
  get(key: string): Promise<ProcessState>;
  wait(key: string): Promise<ProcessState>;
  list(owner: string): Promise<ProcessState[]>;
  logs(key: string, offset: number, options: { follow?: boolean; signal?: AbortSignal }): AsyncIterable<Buffer>;
  stop(key: string, epoch: number): Promise<ProcessState>;
  forget(key: string, epoch: number): Promise<void>;
  ownerCheck(check: OwnerCheck): Promise<OwnerAnswer>;
}
