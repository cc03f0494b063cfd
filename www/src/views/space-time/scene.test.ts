// Goal: the picture holds what is in view and no more, and the figure in a file stands alone.

import { beforeAll, expect, test } from 'vitest';
import { Cluster } from '../../engine.js';
import { en } from '../../i18n/en.js';
import type { Scenario } from '../../model.js';
import type { Axis } from './axis.js';
import { cone } from './cone.js';
import { captioned } from './export.js';
import { svgFigure } from './figure.js';
import { Geometry, GUTTER } from './geometry.js';
import type { History } from './history.js';
import { eventAt } from './hits.js';
import type { Picture } from './picture.js';
import { roundStep, sceneOf } from './scene.js';
import { COLOURS, type Palette, type Scene, type Shape } from './shapes.js';
import { axisOf, busyRun, historyOf, scenario } from './testing.js';
import { fitted, type Viewport } from './viewport.js';

const WORDS = { ...en, ...en.diagram };
const PALETTE = Object.fromEntries(COLOURS.map((colour, i) => [colour, `rgb(${i}, 0, 0)`])) as Palette;

let busy: History;
let axis: Axis;
beforeAll(async () => {
  busy = historyOf(await busyRun());
  axis = axisOf(busy);
});

function picture(history: History, its: Axis, view: Viewport = fitted(its.endU), chosen = -1): Picture {
  const light = chosen < 0 ? null : cone(history, chosen);
  const geometry = new Geometry(history, its, view, 900);
  return {
    history,
    axis: its,
    geometry,
    presentU: its.endU,
    endU: its.endU,
    progress: new Map(),
    light,
    chosen,
    hovered: -1,
    words: WORDS,
  };
}

const texts = ({ plot, frame }: Scene) =>
  [...plot, ...frame].flatMap((shape) => (shape.kind === 'label' ? [shape.text] : []));
const numbers = (shapes: readonly Shape[]) =>
  shapes.reduce(
    (count, shape) =>
      count + (shape.kind === 'lines' ? shape.points.length : shape.kind === 'polygons' ? shape.figures.length * 6 : 4),
    0,
  );

test('lanes, terms, elections, crashes, cuts and losses are all in the picture', () => {
  const all = texts(sceneOf(picture(busy, axis)));
  for (const text of ['S1', 'S5', 'a', 'b c', 'T0', 'T1', 'L', 'C', '✕', '✓']) expect(all).toContain(text);
  const lines = sceneOf(picture(busy, axis)).plot.flatMap((shape) => (shape.kind === 'lines' ? [shape] : []));
  const crosses = lines.filter(({ stroke, width }) => stroke === 'danger' && width === 2);
  expect(crosses.length).toBeGreaterThan(0);
  expect(lines.some(({ stroke, width }) => stroke === 'leader' && width === 4.5)).toBe(true);
  expect(lines.some(({ stroke }) => stroke === 'paused')).toBe(true);
});

test('a broken promise is marked', async () => {
  const run = (await scenario('figure-8')).runs().find(({ name }) => name.endsWith('without-rule'));
  const cluster = await Cluster.fromScenario(run?.scenario as Scenario);
  cluster.runScript();
  expect(cluster.violations().length).toBeGreaterThan(0);
  const history = historyOf(cluster);
  expect(texts(sceneOf(picture(history, axisOf(history))))).toContain('!');
});

test('nothing of a mark lies outside of what is shown', () => {
  const scene = sceneOf(picture(busy, axis, { fromU: 300, span: 100 }));
  for (const shape of scene.plot) {
    if (shape.kind !== 'disc' && shape.kind !== 'label') continue;
    expect(shape.x).toBeGreaterThan(-60);
    expect(shape.x).toBeLessThan(scene.width + 60);
  }
});

test('ten thousand events, all in view, are a few thousand lines', async () => {
  const cluster = await Cluster.create({ servers: 5, seed: 1 });
  cluster.advance(25_000);
  const history = historyOf(cluster);
  expect(history.events.length).toBeGreaterThan(9_000);
  const open = axisOf(history, { folding: false });
  const all = numbers(sceneOf(picture(history, open)).plot);
  expect(all).toBeLessThan(60_000);
  expect(numbers(sceneOf(picture(history, open, { fromU: 9_000, span: 200 })).plot)).toBeLessThan(all / 5);
  expect(numbers(sceneOf(picture(history, axisOf(history))).plot)).toBeLessThan(all / 5);
});

test('twenty-five lanes have names and room', async () => {
  const cluster = await Cluster.create({ servers: 25, seed: 1 });
  cluster.advance(600);
  const history = historyOf(cluster);
  const its = axisOf(history);
  const scene = sceneOf(picture(history, its));
  expect(texts(scene)).toEqual(expect.arrayContaining(['S1', 'S25']));
  const { geometry } = picture(history, its);
  expect(geometry.y(25)).toBeLessThan(geometry.height);
  expect(geometry.y(2) - geometry.y(1)).toBeGreaterThanOrEqual(24);
});

test('what is chosen fades the rest', () => {
  const chosen = busy.events.findIndex(({ kind }) => kind === 'voteGranted');
  const lines = sceneOf(picture(busy, axis, fitted(axis.endU), chosen)).plot.flatMap((shape) =>
    shape.kind === 'lines' ? [shape] : [],
  );
  expect(lines.some(({ stroke, width, alpha }) => stroke === 'accent' && width > 1 && alpha === undefined)).toBe(true);
  expect(lines.some(({ stroke, dash }) => stroke === 'paused' && dash?.[0] === 8)).toBe(true);
  expect(lines.some(({ alpha }) => alpha !== undefined && alpha < 0.2)).toBe(true);
});

test('a click finds the event that is drawn there', () => {
  const shown = picture(busy, axis, { fromU: 250, span: 120 });
  const [first, last] = axis.range(260, 360);
  let found = 0;
  for (let at = first; at < last; at++) {
    const { x, y } = shown.geometry.event(at);
    const hit = eventAt(shown, x, y);
    expect(hit).toBeGreaterThanOrEqual(0);
    const away = Math.hypot(shown.geometry.event(hit).x - x, shown.geometry.event(hit).y - y);
    expect(away).toBeLessThan(13);
    if (hit === at) found++;
  }
  expect(found).toBeGreaterThan(0);
  expect(eventAt(shown, GUTTER + 1, shown.geometry.height - 1)).toBe(-1);
});

test('a figure has its own colours, a title, and a mark when it is not Raft', async () => {
  const history = historyOf(await scenario('figure-8'));
  const scene = sceneOf(picture(history, axisOf(history)));
  const caption = { title: 'Figure 8', range: '0 to 1', modified: 'Modified Raft: 1 rule off' };
  const figure = svgFigure(captioned(scene, caption), PALETTE, 'Inter', 'Figure 8');
  expect(figure).toContain('<title>Figure 8</title>');
  expect(figure).toContain('Modified Raft: 1 rule off');
  expect(figure).not.toMatch(/var\(|class=|style=|NaN|undefined|Infinity/);
  expect(svgFigure(captioned(scene, { ...caption, modified: '' }), PALETTE, 'Inter', 'x')).not.toContain('Modified');
});

test('foreign words in a figure stay words', () => {
  const evil = '</text><script>alert(1)</script>&"\u0000';
  const scene = sceneOf(picture(busy, axis));
  const figure = svgFigure(captioned(scene, { title: evil, range: '', modified: evil }), PALETTE, '"Inter", x', evil);
  expect(figure).not.toContain('<script');
  expect(figure).not.toContain('\u0000');
  expect(figure).toContain('&lt;script&gt;alert(1)&lt;/script&gt;&amp;&quot;\uFFFD');
});

test('ticks stand at round times', () => {
  expect([0.3, 1, 1.1, 3, 7, 10, 45, 180].map(roundStep)).toEqual([0.5, 1, 2, 5, 10, 10, 50, 200]);
});
