/** How server.ts ends when it must, by its own decision. */
export const fatalCode = 75;
