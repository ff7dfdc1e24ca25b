/** All tables: what people and the API read, what is printed, what is counted, and who may come in. */
export * from './schema/access.ts';
export * from './schema/logs.ts';
export * from './schema/record.ts';
export * from './schema/traffic.ts';
