import type { ReplicaHealth } from '@towpath/contract/router';
import { expect, test } from 'vitest';
import type { TargetRoute } from '../domain/rollout/route.ts';
import { summary } from './health-watch.ts';

const known = (id: string, health: ReplicaHealth['health']): ReplicaHealth =>
  // Only these two are looked at.
  ({ id, health }) as ReplicaHealth;
const route = (...ids: string[]): TargetRoute =>
  ({ backends: [{ replicas: ids.map((id) => ({ id })) }] }) as unknown as TargetRoute;

test('so many of those in the routes are healthy', () => {
  const health = [known('a', 'healthy'), known('b', 'unhealthy'), known('c', 'healthy'), known('d', 'unknown')];
  expect(summary(route('a', 'b', 'd'), health)).toBe('1/3');
  expect(summary(route('gone'), health)).toBe('0/1');
});

test('what has no replica in the routes has no health', () => {
  expect(summary(null, [known('a', 'healthy')])).toBeNull();
  expect(summary(route(), [known('a', 'healthy')])).toBeNull();
});
