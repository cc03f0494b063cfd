// What a step costs as clusters and logs grow: a table, and docs/growth.svg with the same numbers.

import { writeFileSync } from 'node:fs';
import { at } from './lib/paths.mjs';
import { run } from './lib/run.mjs';

const CHARTS = [
  { what: 'servers', title: 'servers in the cluster', log: false },
  { what: 'log', title: 'entries in the log', log: true },
];
const [WIDTH, HEIGHT, LEFT, TOP] = [420, 260, 56, 36];

const csv = await run('cargo', ['run', '--quiet', '--release', '-p', 'raft-sim', '--', 'bench', '--growth']);
const [, ...lines] = csv.trim().split('\n');
const rows = lines.map((line) => {
  const [what, ...numbers] = line.split(',');
  const [size, steps, events, perStep, perEvent] = numbers.map(Number);
  return { what, size, steps, events, perStep, perEvent };
});

console.log('| what grows | size | steps | events | ns/step | ns/event |\n|---|---|---|---|---|---|');
for (const { what, size, steps, events, perStep, perEvent } of rows)
  console.log(`| ${what} | ${size.toLocaleString('en')} | ${steps} | ${events} | ${perStep} | ${perEvent} |`);

const figure = CHARTS.map((about, i) => chart(about, i * WIDTH)).join('\n');
writeFileSync(
  at('docs/growth.svg'),
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${CHARTS.length * WIDTH} ${HEIGHT}" font-family="system-ui, sans-serif" font-size="12">
<title>Nanoseconds per event while clusters and logs grow</title>
<rect width="100%" height="100%" fill="#fff"/>
${figure}
</svg>
`,
);

/** One chart: nanoseconds per event over size, from zero. */
function chart({ what, title, log }, x0) {
  const points = rows.filter((row) => row.what === what);
  const scale = log ? Math.log10 : (value) => value;
  const [first, last] = [scale(points[0].size), scale(points.at(-1).size)];
  const top = niceAbove(Math.max(...points.map(({ perEvent }) => perEvent)));
  const x = (size) => x0 + LEFT + ((scale(size) - first) / (last - first)) * (WIDTH - LEFT - 24);
  const y = (value) => HEIGHT - 44 - (value / top) * (HEIGHT - 44 - TOP);
  const grid = [0, 0.25, 0.5, 0.75, 1].map((part) => {
    const value = part * top;
    return `<path d="M${x0 + LEFT} ${y(value)}H${x0 + WIDTH - 24}" stroke="#ddd"/><text x="${x0 + LEFT - 8}" y="${y(value) + 4}" text-anchor="end">${value}</text>`;
  });
  const ticks = points
    .filter(({ size }) => !log || Number.isInteger(Math.log10(size)))
    .map(
      ({ size }) => `<text x="${x(size)}" y="${HEIGHT - 26}" text-anchor="middle">${size.toLocaleString('en')}</text>`,
    );
  const line = points.map(({ size, perEvent }) => `${x(size).toFixed(1)},${y(perEvent).toFixed(1)}`);
  const dots = line.map(
    (point) => `<circle cx="${point.split(',')[0]}" cy="${point.split(',')[1]}" r="3" fill="#2b4fbf"/>`,
  );
  return `<g fill="#333">
<text x="${x0 + LEFT}" y="20" font-weight="600">ns per event</text>
${[...grid, ...ticks].join('\n')}
<text x="${x0 + (LEFT + WIDTH - 24) / 2}" y="${HEIGHT - 8}" text-anchor="middle">${title}</text>
<polyline points="${line.join(' ')}" fill="none" stroke="#2b4fbf" stroke-width="2"/>
${dots.join('\n')}
</g>`;
}

/** The next of 1, 2, 4, 8 times a power of ten. */
function niceAbove(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return power * ([1, 2, 4, 8].find((factor) => factor * power >= value) ?? 10);
}
