export * from './api.ts';
export * from './environments.ts';
export * from './errors.ts';
export * from './events.ts';
export * from './views.ts';
export * from './words.ts';
