export * from './api.ts';
export * from './errors.ts';
export * from './events.ts';
export * from './views.ts';
export * from './words.ts';
