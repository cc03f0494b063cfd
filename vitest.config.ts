import { defineConfig } from 'vitest/config';

export default defineConfig({
  cacheDir: 'node_modules/.vite',
  test: {
    projects: [
      { cacheDir: '../node_modules/.vite', test: { name: 'unit', root: 'www', include: ['src/**/*.test.ts'] } },
      {
        cacheDir: '../node_modules/.vite',
        test: {
          name: 'e2e',
          root: 'www',
          include: ['e2e/**/*.spec.ts'],
          // A browser and a page with running simulations: two cores serve one file at a time.
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
