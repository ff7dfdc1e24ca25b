export * from './errors.ts';
export * from './words.ts';
