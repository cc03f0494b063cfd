import { defineConfig } from 'vite';
import { policyInPages } from './scripts/lib/policy.mjs';

const page = (name: string) => `${import.meta.dirname}/www/${name}.html`;
const library = (name: string) => `${import.meta.dirname}/www/src/${name}.ts`;

/** Files that embedders name in their own pages keep their names; all others carry a hash. */
const STABLE = new Set(['raft-playground', 'engine', 'workshop']);
const STABLE_ASSETS = new Set(['raft_wasm_bg.wasm', 'raft_workshop_bg.wasm']);

export default defineConfig({
  root: 'www',
  // Relative addresses, so that the site runs under any path.
  base: './',
  appType: 'mpa',
  cacheDir: '../node_modules/.vite',
  plugins: [policyInPages],
  build: {
    outDir: '../dist',
    emptyOutDir: true,
    sourcemap: true,
    // Nothing becomes a data: address: the wasm must be compiled while it streams, and a strict CSP allows no other origin.
    assetsInlineLimit: 0,
    // Scripts load what they need by themselves: a hint would be a `<link>`, and the engine and the workshop also run where
    // there is no document.
    modulePreload: {
      polyfill: false,
      resolveDependencies: (_, files, { hostType }) => (hostType === 'html' ? files : []),
    },
    rolldownOptions: {
      input: {
        index: page('index'),
        'blog-post': page('blog-post'),
        'raft-playground': library('raft-playground'),
        engine: library('engine'),
        workshop: library('workshop'),
      },
      // The library entries keep their exports although pages share their code. Allowing a few more lets
      // the pages use the very files that embedders use, instead of a common part under a third name.
      preserveEntrySignatures: 'allow-extension',
      output: {
        entryFileNames: ({ name }) => (STABLE.has(name) ? '[name].js' : 'assets/[name]-[hash].js'),
        chunkFileNames: 'assets/[name]-[hash].js',
        assetFileNames: ({ names }) =>
          names.some((name) => STABLE_ASSETS.has(name)) ? '[name][extname]' : 'assets/[name]-[hash][extname]',
      },
    },
  },
  worker: { format: 'es' },
});
