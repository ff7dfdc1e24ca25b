import { EventName, type EventView, stepEvents } from '@towpath/contract';
import { expect, test } from 'vitest';
import { dayOf, toldOf } from './activity.ts';

const event = (name: string, data: EventView['data'], more: Partial<EventView> = {}): EventView => ({
  ...{ id: 1, name, actor: 'ada', subject: 'run/12', project: 'shop', at: '2026-01-02T10:00:00.000Z' },
  data: { service: 'api', ...data },
  ...more,
});
const sentence = (of: EventView): string => {
  const told = toldOf(of);
  return [told?.about, told?.who, told?.text, told?.more].filter((each) => each != null).join(' | ');
};

test('every event is a sentence, or a step on the way', () => {
  const steps = new Set<string>(stepEvents);
  for (const name of EventName.options)
    expect([name, toldOf(event(name, {})) === null]).toEqual([name, steps.has(name)]);
});

test('tells who did what, and what came of it', () => {
  const push = { branch: 'main', commit: '3f2c1a9bbbbb', trigger: 'push', message: 'Show VAT' };
  expect(sentence(event('run.queued', push))).toBe('#12 | ada | pushed 3f2c1a9 to main | Show VAT');
  expect(sentence(event('run.approved', { environment: 'production', comment: 'seen' }))).toBe(
    '#12 | ada | approved production | seen',
  );
  expect(sentence(event('run.ended', { status: 'failed', reason: 'unit failed' }, { actor: 'towpath' }))).toBe(
    '#12 | failed | unit failed',
  );
  const target = { subject: 'target/3' };
  expect(sentence(event('config.changed', { environment: 'staging', names: ['A', 'B'] }, target))).toBe(
    'ada | changed the config of staging | A, B',
  );
  const ended = {
    environment: 'production',
    version: 3,
    cause: 'rollback',
    status: 'succeeded',
    reason: null,
    run: null,
  };
  expect(sentence(event('deployment.ended', ended, { subject: 'deployment/4' }))).toBe(
    'v3 is live in production, a rollback',
  );
});

test('leads to the run, the job or the service', () => {
  expect(toldOf(event('run.ended', {}))?.to).toBe('/runs/12');
  expect(toldOf(event('deployment.ended', { run: 7 }, { subject: 'deployment/4' }))?.to).toBe('/runs/7');
  expect(toldOf(event('job.ended', {}, { subject: 'job/5' }))?.to).toBe('/jobs/5');
  expect(toldOf(event('target.held', {}, { subject: 'target/3' }))?.to).toBe('/services/shop/api');
  expect(toldOf(event('session.opened', {}, { subject: 'token/1', project: null, data: {} }))?.to).toBeNull();
});

test('days are called as people call them', () => {
  const now = new Date(2026, 0, 2, 10).getTime();
  expect(dayOf(new Date(2026, 0, 2, 0, 5).toISOString(), now)).toBe('Today');
  expect(dayOf(new Date(2026, 0, 1, 23).toISOString(), now)).toBe('Yesterday');
  expect(dayOf(new Date(2025, 11, 24, 23).toISOString(), now)).toBe('Wed, Dec 24, 2025');
});
