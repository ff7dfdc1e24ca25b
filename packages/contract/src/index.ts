export * from './api.ts';
export * from './errors.ts';
export * from './events.ts';
export * from './setting-fields.ts';
export * from './setting-mistakes.ts';
export { durationMs, durationText, printable, sizeMi, staysInside } from './setting-values.ts';
export * from './settings.ts';
export * from './views.ts';
export * from './words.ts';
