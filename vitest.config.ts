import { defineConfig } from 'vitest/config';

export default defineConfig({
  cacheDir: 'node_modules/.vite',
  test: {
    projects: [
      {
        cacheDir: '../node_modules/.vite',
        test: {
          name: 'unit',
          root: 'www',
          include: ['src/**/*.test.ts'],
          // Runs and searches: how long they take says nothing on a busy machine.
          testTimeout: 60_000,
        },
      },
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
