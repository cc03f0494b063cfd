import { html, type TemplateResult } from 'lit';

/** Icons of the project's own, on a 16 × 16 grid, in the colour of the text around them. */
const PATHS = {
  play: 'M5 2.8v10.4L13 8Z',
  pause: 'M4.5 3h2.4v10H4.5ZM9.1 3h2.4v10H9.1Z',
  forward: 'M3 3.2v9.6L9.4 8ZM10.6 3h2.2v10h-2.2Z',
  back: 'M13 3.2v9.6L6.6 8ZM3.2 3h2.2v10H3.2Z',
  start: 'M2.6 3h1.9v10H2.6ZM14 3.2v9.6L9.2 8ZM9.2 3.2v9.6L4.6 8Z',
  end: 'M11.5 3h1.9v10h-1.9ZM2 3.2v9.6L6.8 8ZM6.8 3.2v9.6L11.4 8Z',
} as const;

const LINES = {
  fork: 'M4.5 2v12M4.5 10.5c0-3.5 7-2 7-6.5M9.4 6 11.5 3.6 13.6 6',
  reset: 'M3 8a5 5 0 1 0 1.7-3.7M3 2.6v3h3',
  link: 'M6.6 9.4 9.4 6.6M7.4 4.6l1.5-1.5a2.8 2.8 0 0 1 4 4l-1.5 1.5M8.6 11.4l-1.5 1.5a2.8 2.8 0 0 1-4-4l1.5-1.5',
  help: 'M5.6 6.2a2.4 2.4 0 1 1 3.5 2.2c-.8.4-1.1.8-1.1 1.7M8 12.6v.6',
  close: 'M4 4l8 8M12 4l-8 8',
} as const;

export type IconName = keyof typeof PATHS | keyof typeof LINES;

export function icon(name: IconName): TemplateResult {
  const filled = name in PATHS;
  const d = filled ? PATHS[name as keyof typeof PATHS] : LINES[name as keyof typeof LINES];
  return html`<svg class="icon ${filled ? 'filled' : 'drawn'}" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false"><path d=${d}></path></svg>`;
}
