import { defineConfig } from 'vite';

const api = process.env.TOWPATH_URL ?? 'http://127.0.0.1:7070';

export default defineConfig({
  base: '/',
  oxc: { jsx: { runtime: 'automatic' } },
  build: {
    target: 'baseline-widely-available',
    // Fonts and pictures stay files: the page's policy allows no data in place of them.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      // zod is told not to compile before anything makes a schema.
      output: { codeSplitting: { groups: [{ name: 'zod', test: /node_modules\/zod\/|src\/no-eval/ }] } },
    },
  },
  server: { proxy: { '/api': api } },
});
