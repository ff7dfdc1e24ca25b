import { expect, test } from 'vitest';
import { planDays } from './retention.ts';

const retention = { goodHours: 48, keptDays: 30 };
const at = (time: string) => new Date(`${time}Z`);

test("today's day and tomorrow's are made before they are needed", () => {
  expect(planDays(at('2026-11-21T12:00:00'), [], [], retention).add).toEqual(['2026-11-21', '2026-11-22']);
  expect(planDays(at('2026-12-31T23:59:59'), ['2026-12-31'], [], retention).add).toEqual(['2027-01-01']);
});

test('a day goes when its last moment is old enough, not before', () => {
  const days = ['2026-11-18', '2026-11-19', '2026-11-20'];
  expect(planDays(at('2026-11-21T23:59:59'), days, [], retention).drop).toEqual(['2026-11-18']);
  expect(planDays(at('2026-11-22T00:00:00'), days, [], retention).drop).toEqual(['2026-11-18', '2026-11-19']);
});

test('what is kept longer goes by its own time', () => {
  const days = ['2026-10-21', '2026-10-22'];
  expect(planDays(at('2026-11-21T00:00:00'), [], days, retention).dropKept).toEqual(['2026-10-21'].slice(0, 1));
  expect(planDays(at('2026-11-20T23:59:59'), [], days, retention).dropKept).toEqual([]);
});
