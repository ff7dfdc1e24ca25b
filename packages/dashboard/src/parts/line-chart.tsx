import { type PointerEvent, useId, useLayoutEffect, useRef, useState } from 'react';
import { axisTop, type Chart, pathOf } from '../words/chart.ts';
import { timeOfDay } from '../words/time.ts';
import styles from './line-chart.module.css';

interface ChartProps {
  readonly chart: Chart;
  /** Their names, newest first. */
  readonly releases: readonly string[];
  /** In ms since 1970, one for each value. */
  readonly times: readonly number[];
  /** The axis ends here at the lowest. */
  readonly least: number;
  /** The moment that is looked at, in this chart or one beside it; null: none. */
  readonly cursor: number | null;
  readonly setCursor: (index: number | null) => void;
}

const height = 120;
const edge = 2;

/** Lines over time. Who cannot see it gets its numbers as a table. */
export function LineChart({ chart, releases, times, least, cursor, setCursor }: ChartProps) {
  const { title, lines, text } = chart;
  const [box, width] = useWidth();
  const id = useId();
  const top = axisTop(lines, least);
  const x = (index: number): number => (index / Math.max(1, times.length - 1)) * width;
  const y = (value: number): number => height - edge - (value / top) * (height - 2 * edge);
  const at = cursor === null ? lastKnown(lines[0]?.values ?? []) : cursor;
  const move = (event: PointerEvent<SVGSVGElement>): void => {
    const { left } = event.currentTarget.getBoundingClientRect();
    const index = Math.round(((event.clientX - left) / Math.max(1, width)) * (times.length - 1));
    setCursor(Math.min(times.length - 1, Math.max(0, index)));
  };
  return (
    <figure className={styles.figure} aria-labelledby={id}>
      <figcaption className={styles.head}>
        <span id={id} className={styles.title}>
          {title}
        </span>
        {releases.map((name, release) => (
          <span key={name} className={styles.values} data-release={release}>
            <b>{name}</b>
            <Values lines={lines.filter((line) => line.release === release)} at={at} text={text} />
          </span>
        ))}
      </figcaption>
      <div ref={box} className={styles.box}>
        <svg
          className={styles.chart}
          width={width}
          height={height}
          aria-hidden="true"
          onPointerMove={move}
          onPointerLeave={() => setCursor(null)}
        >
          {[0, 0.5, 1].map((part) => (
            <line key={part} className={styles.grid} x1={0} x2={width} y1={y(top * part)} y2={y(top * part)} />
          ))}
          {lines.toReversed().map(({ name, release, stroke, values }) => (
            <path
              key={name}
              className={styles.line}
              data-release={release}
              data-stroke={stroke}
              d={pathOf(values, x, y)}
            />
          ))}
          {cursor !== null && <line className={styles.cursor} x1={x(cursor)} x2={x(cursor)} y1={0} y2={height} />}
        </svg>
        <span className={styles.top}>{text(top)}</span>
      </div>
      <div className={styles.times} aria-hidden="true">
        <span>{minutes(times[0])}</span>
        {cursor !== null && <span className={styles.now}>{timeOfDay(iso(times[cursor])).slice(0, 8)}</span>}
        <span>{minutes(times.at(-1))}</span>
      </div>
      <div className="hidden">
        <table>
          <caption>{title}</caption>
          <thead>
            <tr>
              <th scope="col">time</th>
              {lines.map(({ name }) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {times.map((time, index) => (
              <tr key={time}>
                <th scope="row">{timeOfDay(iso(time)).slice(0, 8)}</th>
                {lines.map(({ name, values }) => (
                  <td key={name}>{told(values[index], text)}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </figure>
  );
}

interface ValuesProps {
  readonly lines: Chart['lines'];
  readonly at: number | null;
  readonly text: Chart['text'];
}

/** What a release's lines say at a moment. */
function Values({ lines, at, text }: ValuesProps) {
  if (lines.every(({ values }) => values[at ?? -1] == null)) return <span className="faint">–</span>;
  return lines.map(({ name, word, values }) => (
    <span key={name}>
      {word !== null && <span className="faint">{word} </span>}
      {told(values[at ?? -1], text)}
    </span>
  ));
}

const told = (value: number | null | undefined, text: (value: number) => string): string =>
  value == null ? '–' : text(value);

const iso = (time: number | undefined): string => new Date(time ?? 0).toISOString();
const minutes = (time: number | undefined): string => timeOfDay(iso(time)).slice(0, 5);

/** What stands there while nobody points anywhere. */
function lastKnown(values: readonly (number | null)[]): number | null {
  const index = values.findLastIndex((value) => value !== null);
  return index === -1 ? null : index;
}

function useWidth(): [React.RefObject<HTMLDivElement | null>, number] {
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    if (box.current === null) return;
    setWidth(box.current.clientWidth);
    const observer = new ResizeObserver(([entry]) => setWidth(Math.floor(entry?.contentRect.width ?? 0)));
    observer.observe(box.current);
    return () => observer.disconnect();
  }, []);
  return [box, width];
}
