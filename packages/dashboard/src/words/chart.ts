import type { ReleaseTraffic, TrafficView } from '@towpath/contract';
import { percent, rate } from './traffic.ts';

/** How a line is drawn; a release keeps its colour, a percentile its stroke. */
export type Stroke = 'whole' | 'thin' | 'dashed';

export interface Line {
  /** `v3`, `v3 p95` */
  readonly name: string;
  /** `p95`; null: its release has one line only. */
  readonly word: string | null;
  /** 0: the newest release. */
  readonly release: number;
  readonly stroke: Stroke;
  /** One value for each moment of the chart; null: nothing was measured. */
  readonly values: readonly (number | null)[];
}

export interface Chart {
  readonly title: string;
  readonly lines: readonly Line[];
  readonly text: (value: number) => string;
}

export interface Charts {
  /** In ms since 1970, ascending: where the points lie. */
  readonly times: readonly number[];
  readonly charts: readonly Chart[];
  /** Newest first. */
  readonly releases: readonly string[];
}

type Point = ReleaseTraffic['points'][number];

/** More releases than these would be more lines than anybody tells apart. */
const most = 2;

const ms = (value: number): string =>
  value >= 1_000
    ? `${(value / 1_000).toFixed(1)} s`
    : `${value >= 10 ? Math.round(value) : Number(value.toFixed(1))} ms`;

/** Rates, errors and times of the newest releases that had requests, over one row of moments. */
export function chartsOf({ from, to, pointSeconds, releases }: TrafficView): Charts {
  const step = pointSeconds * 1_000;
  const first = Math.floor(Date.parse(from) / step) * step;
  const count = Math.max(1, Math.ceil((Date.parse(to) - first) / step));
  const times = Array.from({ length: count }, (_, index) => first + index * step);
  const shown = releases.slice(0, most).map(({ version, points }) => ({
    name: `v${version}`,
    points: new Map(points.map((point) => [Math.floor(Date.parse(point.at) / step) * step, point])),
  }));
  const lines = (
    what: readonly {
      readonly word?: string;
      readonly stroke: Stroke;
      readonly of: (point: Point | undefined) => number | null;
    }[],
  ): Line[] =>
    shown.flatMap(({ name, points }, release) =>
      what.map(({ word, stroke, of }) => ({
        name: word === undefined ? name : `${name} ${word}`,
        word: word ?? null,
        release,
        stroke,
        values: times.map((time) => of(points.get(time))),
      })),
    );
  return {
    times,
    releases: shown.map(({ name }) => name),
    charts: [
      {
        title: 'Requests a second',
        text: rate,
        lines: lines([{ stroke: 'whole', of: (point) => point?.perSecond ?? 0 }]),
      },
      {
        title: 'Failed',
        text: percent,
        lines: lines([
          { stroke: 'whole', of: (point) => (point === undefined ? null : point.failed / Math.max(1, point.requests)) },
        ]),
      },
      {
        title: 'Time to answer',
        text: ms,
        lines: lines([
          { word: 'p50', stroke: 'thin', of: (point) => point?.p50Ms ?? null },
          { word: 'p95', stroke: 'whole', of: (point) => point?.p95Ms ?? null },
          { word: 'p99', stroke: 'dashed', of: (point) => point?.p99Ms ?? null },
        ]),
      },
    ],
  };
}

/** The end of an axis: the highest value, up to the next 1, 2 or 5 of its power of ten. */
export function axisTop(lines: readonly Line[], least: number): number {
  const highest = Math.max(least, ...lines.flatMap(({ values }) => values.map((value) => value ?? 0)));
  const power = 10 ** Math.floor(Math.log10(highest));
  return [1, 2, 5, 10].map((each) => each * power).find((each) => each >= highest * 0.999) ?? highest;
}

/** An SVG path through the values; a moment without one parts it. `x` and `y` give places. */
export function pathOf(
  values: readonly (number | null)[],
  x: (index: number) => number,
  y: (value: number) => number,
): string {
  let pen = false;
  return values
    .map((value, index) => {
      if (value === null) {
        pen = false;
        return '';
      }
      const alone = !pen && (values[index + 1] ?? null) === null;
      const at = `${pen ? 'L' : 'M'}${x(index).toFixed(1)} ${y(value).toFixed(1)}`;
      pen = true;
      return alone ? `${at}h0.1` : at;
    })
    .join('');
}
