/** Small pictures of one stroke, 16 px. */
const drawn = {
  board: 'M2.5 3.5h11v9h-11zM2.5 6.5h11M6.5 6.5v6',
  runs: 'M3 4h6M3 8h10M3 12h7',
  hand: 'M5.2 8.2V4.4a.9.9 0 0 1 1.8 0V7V3a.9.9 0 0 1 1.8 0v4V3.8a.9.9 0 0 1 1.8 0V8V5.6a.9.9 0 0 1 1.7 0v4.1c0 2.5-1.6 4.3-4 4.3-2 0-2.9-.8-3.8-2.3L3 9.3a.9.9 0 0 1 1.5-1z',
  activity: 'M2 8.5h2.5l2-5 3 9 2-4H14',
  system: 'M3 3h10v4H3zM3 9h10v4H3zM5.5 5h.01M5.5 11h.01',
  search: 'M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zM10.5 10.5l3 3',
  copy: 'M5.5 5.5h7v7h-7zM3.5 10.5v-7h7',
  check: 'M3.5 8.5l3 3 6-7',
  more: 'M3.5 8h.01M8 8h.01M12.5 8h.01',
  down: 'M4.5 6.5L8 10l3.5-3.5',
  up: 'M4.5 9.5L8 6l3.5 3.5',
  right: 'M6.5 4.5L10 8l-3.5 3.5',
  sun: 'M8 10.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM8 1.5v1M8 13.5v1M1.5 8h1M13.5 8h1M3.4 3.4l.7.7M11.9 11.9l.7.7M3.4 12.6l.7-.7M11.9 4.1l.7-.7',
  moon: 'M13 9.5A5.5 5.5 0 0 1 6.5 3a5.5 5.5 0 1 0 6.5 6.5z',
  auto: 'M2.5 3.5h11v7h-11zM6 13h4M8 10.5V13',
  wrap: 'M3 4h10M3 8h8a2 2 0 0 1 0 4H8.5M3 12h2.5M10 10.5L8.5 12l1.5 1.5',
  clock: 'M8 13.75a5.75 5.75 0 1 0 0-11.5 5.75 5.75 0 0 0 0 11.5zM8 5v3l2 1.5',
  download: 'M8 2.5v7M5 7l3 3 3-3M3 13h10',
  out: 'M6.5 3.5h-3v9h3M7 8h6M10.5 5.5L13 8l-2.5 2.5',
  key: 'M10.5 9a3.5 3.5 0 1 0-3.300-2.300L2.5 11.5v2h2V12H6v-1.5h1.200l1-1A3.5 3.5 0 0 0 10.5 9zM11 5h.01',
  pause: 'M6 4v8M10 4v8',
  link: 'M6.5 9.5l3-3M7 5l1.5-1.5a2.5 2.5 0 0 1 3.6 3.6L10.5 8.5M9 11l-1.5 1.5A2.5 2.5 0 0 1 3.9 8.9L5.5 7.5',
  close: 'M4.5 4.5l7 7m0-7l-7 7',
  outside: 'M6.5 3.5h-3v9h9v-3M9.5 3.5h3v3M12.5 3.5L7.5 8.5',
} as const;

export type IconName = keyof typeof drawn;

export const Icon = ({ name, size = 16 }: { readonly name: IconName; readonly size?: number }) => (
  <svg
    width={size}
    height={size}
    viewBox="0 0 16 16"
    fill="none"
    stroke="currentColor"
    strokeWidth={name === 'more' ? 2 : 1.4}
    strokeLinecap="round"
    strokeLinejoin="round"
    aria-hidden="true"
  >
    <path d={drawn[name]} />
  </svg>
);
