import { describe, expect, it } from 'vitest';
import { executorConformance } from '../conformance.ts';
import type { StageCommand } from '../executor.ts';
import { FakeExecutor } from './executor.ts';
import { FakeMachine } from './machine.ts';

executorConformance('fake', async () => {
  const machine = new FakeMachine();
  return {
    attach: () => new FakeExecutor(machine),
    argv: (script, ...given) => ['fake', JSON.stringify(script), ...given],
    cwd: '/workspace',
    addedEnv: [],
    open: async (gate) => machine.open(gate),
    marks: async (name) => machine.marks(name),
    keeper: {
      crash: async () => {
        machine.faults.away = Number.POSITIVE_INFINITY;
      },
      restore: async () => {
        machine.faults.away = 0;
      },
    },
    close: async () => undefined,
  };
});

describe('the knobs of the fake executor', () => {
  const claim = { scope: 'run/1', epoch: 1 };
  const command: StageCommand = { argv: ['npm', 'test'], cwd: '/w', env: {}, timeoutMs: 60_000 };

  it('are away for so many calls and do nothing meanwhile', async () => {
    const executor = new FakeExecutor();
    executor.machine.faults.away = 2;
    await expect(executor.submit('k', command, claim)).rejects.toMatchObject({ code: 'supervisor_away' });
    await expect(executor.list('run/1')).rejects.toMatchObject({ code: 'supervisor_away' });
    expect(await executor.list('run/1')).toEqual([]);
  });

  it('do the work and lose the answer', async () => {
    const executor = new FakeExecutor();
    executor.machine.faults.lostAnswers = 1;
    await expect(executor.submit('k', command, claim)).rejects.toMatchObject({ code: 'supervisor_away' });
    expect(await executor.list('run/1')).toEqual(['k']);
  });

  it('lose an exit', async () => {
    const executor = new FakeExecutor();
    executor.machine.knobs.losesExit = (key) => key === 'k';
    await executor.submit('k', command, claim);
    expect(await executor.observe('k', { waitMs: 10_000 })).toEqual({
      status: 'exited',
      exitCode: null,
      reason: 'its exit was lost',
    });
  });

  it('script what any command does', async () => {
    const executor = new FakeExecutor();
    executor.machine.knobs.script = ({ argv }) => [
      { do: 'print', text: `ran ${argv.join(' ')}\n` },
      { do: 'exit', code: argv.includes('test') ? 1 : 0 },
    ];
    await executor.submit('k', command, claim);
    expect(await executor.observe('k', { waitMs: 10_000 })).toMatchObject({ exitCode: 1 });
    for await (const bytes of executor.logs('k', 0)) expect(bytes.toString()).toBe('ran npm test\n');
    expect.assertions(2);
  });

  it('are slow to accept and to answer', async () => {
    const executor = new FakeExecutor();
    executor.machine.knobs.acceptMs = 30;
    executor.machine.faults.delayMs = 30;
    const accepted = executor.submit('k', command, claim);
    expect(await executor.list('run/1')).toEqual([]);
    await accepted;
    expect(await executor.list('run/1')).toEqual(['k']);
  });
});
