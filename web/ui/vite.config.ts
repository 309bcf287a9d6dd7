import { fileURLToPath } from 'node:url';
import optimizeLocales from '@react-aria/optimize-locales-plugin';
import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const hub = process.env.CARILLON_URL ?? 'http://127.0.0.1:8080';
// The hub compares Origin with Host, so the browser's own Host has to arrive.
const proxy = { '/api': { target: hub, ws: true, changeOrigin: false } };

export default defineConfig({
  plugins: [
    react(),
    tailwindcss(),
    { ...optimizeLocales.vite({ locales: ['en-US', 'de-DE', 'ja-JP'] }), enforce: 'pre' },
  ],
  resolve: {
    alias: {
      '@': here('./src'),
      // The screens of a plugin live with the plugin; this one build picks them up.
      '@schedules': here('../../plugins/schedules/ui'),
    },
  },
  build: {
    target: ['chrome123', 'firefox128', 'safari18'],
    // A data: URL in a script or style would need a hole in the content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    manifest: true,
    chunkSizeWarningLimit: 700,
  },
  server: { fs: { allow: ['../..'] }, proxy },
  preview: { proxy },
  test: {
    environment: 'happy-dom',
    include: ['tests/**/*.test.{ts,tsx}', '../../plugins/schedules/ui/**/*.test.{ts,tsx}'],
    exclude: ['**/node_modules/**'],
    setupFiles: ['tests/setup.ts'],
    env: { TZ: 'America/New_York' },
  },
});
