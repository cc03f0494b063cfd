import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', root: 'www', include: ['src/**/*.test.ts'] } },
      {
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
