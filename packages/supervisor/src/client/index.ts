export type { SupervisorConfig, SupervisorConfigInput, SystemProcess } from '../config.ts';
export { failpoints } from '../failpoints.ts';
export { SupervisorClient } from './client.ts';
export { startSupervisor } from './start.ts';
