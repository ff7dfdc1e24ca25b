import type { StageView } from '@towpath/contract';
import { useEffect, useRef } from 'react';
import { Mark } from '../../parts/mark.tsx';
import { Took, Until } from '../../parts/time.tsx';
import { stageKey } from '../../words/path.ts';
import { reportLine } from '../../words/run.ts';
import { looks } from '../../words/status.ts';
import styles from './run.module.css';

interface StripProps {
  readonly stages: readonly StageView[];
  readonly shown: StageView | null;
  readonly choose: (stage: StageView) => void;
}

/** The way of the run, stage by stage, with clocks. */
export function Strip({ stages, shown, choose }: StripProps) {
  const current = useRef<HTMLButtonElement>(null);
  const key = shown === null ? null : stageKey(shown);
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is for another stage that the strip moves
  useEffect(() => {
    const button = current.current;
    const strip = button?.closest('nav');
    if (!button || !strip) return;
    const [from, to] = [strip.getBoundingClientRect(), button.getBoundingClientRect()];
    strip.scrollBy({ left: to.left + to.width / 2 - from.left - from.width / 2 });
  }, [key]);
  return (
    <nav className={styles.strip} aria-label="Stages">
      <ol className={styles.stages}>
        {stages.map((stage) => {
          const here = stageKey(stage) === key;
          const look = looks[stage.status];
          return (
            <li key={stageKey(stage)}>
              <button
                ref={here ? current : null}
                type="button"
                data-row
                className={styles.stage}
                data-tone={look.tone}
                aria-current={here ? 'step' : undefined}
                onClick={() => choose(stage)}
              >
                <Mark look={look} />
                <span className={styles.stageName}>
                  {stage.name}
                  <span className="hidden"> {look.word}</span>
                </span>
                <span className={styles.stageNote}>
                  <Note stage={stage} />
                </span>
              </button>
            </li>
          );
        })}
      </ol>
    </nav>
  );
}

/** The shortest that can be said of a stage: how long it took, for what it waits, how many tests failed. */
function Note({ stage }: { readonly stage: StageView }) {
  const { status, startedAt, endedAt, kind, deadline, attempts, answeredBy } = stage;
  if (kind === 'approval') {
    if (status === 'waiting' && deadline !== null)
      return (
        <>
          ends <Until at={deadline} />
        </>
      );
    return answeredBy === null ? looks[status].word : `by ${answeredBy}`;
  }
  const report = attempts.at(-1)?.report ?? null;
  if (status === 'failed' && report !== null && report.failed > 0) return reportLine(report);
  if (startedAt === null || status === 'skipped' || status === 'queued') return looks[status].word;
  return <Took from={startedAt} to={endedAt} />;
}
