import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

// What `npm run dev` passes on to a running server.
const server = process.env['VIGIE_URL'] ?? 'http://127.0.0.1:8420';

export default defineConfig({
  plugins: [svelte()],
  build: {
    target: 'es2023',
    // Everything is a file of its own: the policy of the page allows neither inline scripts nor `data:` scripts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
  },
  server: {
    proxy: {
      // The host stays that of the page: the server refuses a change that another origin sends with its cookie.
      '/api': { target: server, changeOrigin: false },
      '/healthz': server,
    },
  },
  test: { include: ['src/**/*.test.ts'], environment: 'node' },
});
