import type { Cluster } from '../engine.js';
import type { Strings } from '../i18n/index.js';
import { box, type Drawing, type Mark, path, text } from '../views/figure/marks.js';
import { portrait } from '../views/figure/portrait.js';
import type { FigureWish } from '../views/figure/wish.js';
import { toPng, toSvg } from '../views/figure/write.js';
import { download } from '../views/space-time/export.js';
import { widthOf } from '../views/space-time/letters.js';
import { readPalette } from '../views/space-time/palette.js';
import { fileName } from './file-name.js';

const MARGIN = 16;
const CAPTION_HEIGHT = 44;

/** What of each view is drawn. */
const PARTS: Record<FigureWish['of'], string> = { ring: '.ring', logs: 'table', history: '.chart' };

/** Saves what a view shows, under a line that says of which run it is. Says under which name. */
export async function saveFigure(
  root: HTMLElement,
  { of, format }: FigureWish,
  cluster: Cluster,
  t: Strings,
): Promise<string | null> {
  const part = root.querySelector(PARTS[of]);
  if (!part) return null;
  const { id, title } = cluster.scenario();
  const off = cluster.rules().filter(({ on, kind }) => !on && kind === 'raft').length;
  const said = `${t.words(title)} · ${t.ms(cluster.frame().header.timeMs)}`;
  const modified = off > 0 ? t.modified(off) : '';
  const drawing = captioned(part, root, said, modified);
  const name = fileName(id, off > 0, `${of}.${format}`);
  const titled = modified === '' ? said : `${said} · ${modified}`;
  download(
    format === 'svg' ? new Blob([toSvg(drawing, titled)], { type: 'image/svg+xml' }) : await toPng(drawing),
    name,
  );
  return name;
}

function captioned(part: Element, root: HTMLElement, title: string, modified: string): Drawing {
  const palette = readPalette(root);
  const font = getComputedStyle(root).fontFamily;
  const { width, height } = part.getBoundingClientRect();
  const badge = modified === '' ? 0 : widthOf(modified, 12) + 28;
  const marks: Mark[] = portrait(part).map((mark) => lowered(mark, MARGIN, CAPTION_HEIGHT));
  const all = Math.max(width, widthOf(title, 14) + badge + MARGIN) + 2 * MARGIN;
  const middle = CAPTION_HEIGHT / 2;
  marks.push(text(title, MARGIN, middle, { fill: palette.ink, weight: '650', font, baseline: 'central' }));
  if (badge > 0) {
    const d = box(all - MARGIN - badge, middle - 11, badge, 22, 6);
    marks.push(path(d, { fill: palette['danger-soft'], stroke: palette.danger }));
    const at = all - MARGIN - badge / 2;
    const look = { fill: palette.danger, weight: '650', size: 12, font } as const;
    marks.push(text(modified, at, middle, { ...look, anchor: 'middle', baseline: 'central' }));
  }
  return { width: all, height: height + CAPTION_HEIGHT + MARGIN, background: palette.surface, marks };
}

function lowered(mark: Mark, x: number, y: number): Mark {
  const [a, b, c, d, e, f] = mark.matrix;
  const clip = mark.clip && ([mark.clip[0] + x, mark.clip[1] + y, mark.clip[2], mark.clip[3]] as const);
  return { ...mark, matrix: [a, b, c, d, e + x, f + y], clip };
}
