export { ListenError } from './listen.ts';
export { type Router, startRouter } from './router.ts';
