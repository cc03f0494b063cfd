// What the pages of the site may do, as a Content-Security-Policy.

/** Under it no text can become code or markup: only lit's templates and the playground's own workers get past Trusted Types. */
export const POLICY = [
  "default-src 'self'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "require-trusted-types-for 'script'",
  'trusted-types lit-html raft-playground',
].join('; ');

/** A static host may send no headers, so each built page says it itself; Vite's development server could not work under it. */
export const policyInPages = {
  name: 'policy-in-pages',
  apply: 'build',
  transformIndexHtml: () => [
    {
      tag: 'meta',
      attrs: { 'http-equiv': 'Content-Security-Policy', content: POLICY },
      injectTo: 'head-prepend',
    },
  ],
};
