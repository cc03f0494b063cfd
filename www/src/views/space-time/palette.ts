import { COLOURS, type Palette } from './shapes.js';

/** The colours of the page as they are now, in plain form: a canvas and a file know no custom properties. */
export function readPalette(root: HTMLElement): Palette {
  const probe = document.createElement('span');
  probe.hidden = true;
  root.append(probe);
  const palette = {} as Palette;
  for (const colour of COLOURS) {
    probe.style.color = `var(--raft-${colour})`;
    palette[colour] = getComputedStyle(probe).color;
  }
  probe.remove();
  return palette;
}
