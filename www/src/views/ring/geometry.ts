/** Where everything stands in the ring, in CSS pixels of the drawing. */
export interface Point {
  x: number;
  y: number;
}

export interface RingGeometry {
  width: number;
  height: number;
  /** Radius of one server. */
  radius: number;
  /** How far outside of it the timer runs. */
  timer: number;
  /** Half the size of a message. */
  message: number;
  /** Centre of server i + 1. */
  places: Point[];
  /** The ellipse that all of them stand on, and where on it. */
  ellipse: Ellipse;
  angles: number[];
}

export interface Ellipse {
  centre: Point;
  rx: number;
  ry: number;
}

/** From this number of servers on there is no room for words around them. */
export const CROWD = 10;
/** Room that the two lines of text under a server take. */
const LABEL_HEIGHT = 40;
/** Room for the line of text above a server, less the timer's. */
const ABOVE = 14;
const TIMER_ROOM = 12;
/** How far a ribbon goes on beyond its last server. */
const STUB = 20;
/** Parts in which an ellipse is measured. */
const SAMPLES = 720;

export function ringGeometry(servers: number, width: number, height: number): RingGeometry {
  const crowded = servers >= CROWD;
  const radius = crowded ? crowdRadius(servers, width, height) : fewRadius(servers, width, height);
  const margin = radius + (crowded ? 7 : TIMER_ROOM);
  // Words stand above and below a server; a crowd has none.
  const [above, below] = crowded ? [0, 0] : [ABOVE, LABEL_HEIGHT];
  const centre = { x: width / 2, y: (height + above - below) / 2 };
  const rx = servers === 1 ? 0 : Math.max(0, Math.min(width / 2 - margin - (crowded ? 2 : 14), height * 0.62));
  const ry = servers === 1 ? 0 : Math.max(0, (height - above - below) / 2 - margin);
  const angles = evenAngles(servers, rx, ry);
  const lowest = Math.max(...angles.map((angle) => ry * Math.sin(angle)));
  // A polygon with an odd number of corners leaves room below; use it.
  if (servers > 1 && !crowded) centre.y += (ry - lowest) / 2;
  const ellipse = { centre, rx, ry };
  const timer = radius < SMALL ? 4 : 6;
  const message = Math.max(radius < 16 ? 5.5 : 7, Math.round(radius * 0.3));
  const places = angles.map((angle) => onEllipse(ellipse, angle));
  return { width, height, radius, timer, message, places, ellipse, angles };
}

/** Below this radius nothing fits around a server: the term moves inside, and the shape says the role. */
export const SMALL = 22;

function fewRadius(servers: number, width: number, height: number): number {
  const crowd = servers <= 5 ? 1 : servers <= 7 ? 0.84 : 0.72;
  return Math.round(Math.min(38, Math.max(12, Math.min(width, height) * 0.085)) * crowd);
}

/** As large as servers can be that stand side by side with their timers. */
function crowdRadius(servers: number, width: number, height: number): number {
  const [a, b] = [width / 2 - 20, height / 2 - 20];
  const round = Math.PI * (3 * (a + b) - Math.sqrt(Math.max(0, (3 * a + b) * (a + 3 * b))));
  return Math.round(Math.min(20, Math.max(8, round / servers / 2 - 6)));
}

/** Angles at which servers stand at equal distances along an ellipse, the first one on top; two stand side by side. */
function evenAngles(servers: number, rx: number, ry: number): number[] {
  const start = servers === 2 ? Math.PI : -Math.PI / 2;
  if (rx === 0 || ry === 0) return Array.from({ length: servers }, (_, i) => start + (2 * Math.PI * i) / servers);
  const lengths = [0];
  const angleOf = (sample: number) => start + (2 * Math.PI * sample) / SAMPLES;
  for (let i = 1; i <= SAMPLES; i++) {
    const [from, to] = [angleOf(i - 1), angleOf(i)];
    const step = Math.hypot(rx * (Math.cos(to) - Math.cos(from)), ry * (Math.sin(to) - Math.sin(from)));
    lengths.push((lengths[i - 1] as number) + step);
  }
  const whole = lengths[SAMPLES] as number;
  let sample = 0;
  return Array.from({ length: servers }, (_, i) => {
    const wanted = (whole * i) / servers;
    while ((lengths[sample + 1] ?? Number.POSITIVE_INFINITY) <= wanted) sample++;
    const [low, high] = [lengths[sample] as number, (lengths[sample + 1] ?? whole) as number];
    return angleOf(sample + (high > low ? (wanted - low) / (high - low) : 0));
  });
}

function onEllipse({ centre, rx, ry }: Ellipse, angle: number): Point {
  return { x: centre.x + rx * Math.cos(angle), y: centre.y + ry * Math.sin(angle) };
}

/**
 * The stretch of the ring that belongs to a server, `outward` from where it stands: half-way to the neighbours that go on with
 * it, and a little beyond the server where they do not.
 */
export function stretchOf(
  { ellipse, angles, radius }: RingGeometry,
  id: number,
  outward: number,
  goesOn: { before: boolean; after: boolean },
): string {
  const count = angles.length;
  const here = angles[id - 1];
  if (here === undefined || count < 2 || ellipse.rx === 0) return '';
  const turn = 2 * Math.PI;
  const next = (angles[id % count] as number) + (id === count ? turn : 0);
  const before = (angles[(id - 2 + count) % count] as number) - (id === 1 ? turn : 0);
  const band = { centre: ellipse.centre, rx: ellipse.rx + outward, ry: ellipse.ry + outward };
  const slope = Math.hypot(band.rx * Math.sin(here), band.ry * Math.cos(here)) || 1;
  const stub = (radius + STUB) / slope;
  const begin = goesOn.before ? (before + here) / 2 : Math.max(here - stub, (before + here) / 2);
  const end = goesOn.after ? (here + next) / 2 : Math.min(here + stub, (here + next) / 2);
  const [from, to] = [onEllipse(band, begin), onEllipse(band, end)];
  const large = end - begin > Math.PI ? 1 : 0;
  return `M${pair(from)}A${band.rx.toFixed(1)} ${band.ry.toFixed(1)} 0 ${large} 1 ${pair(to)}`;
}

/** The shape that some servers span: a polygon with them as corners, which holds no other server. */
export function spanOf({ places }: RingGeometry, ids: readonly number[]): string {
  if (ids.length < 2) return '';
  const corners = ids.map((id) => pair(places[id - 1] ?? { x: 0, y: 0 }));
  return `M${corners.join('L')}${ids.length > 2 ? 'Z' : ''}`;
}

function pair({ x, y }: Point): string {
  return `${x.toFixed(1)} ${y.toFixed(1)}`;
}

/** The server at a point, with some room around it. */
export function serverAt({ places, radius }: RingGeometry, point: Point): number | null {
  const at = places.findIndex(({ x, y }) => Math.hypot(x - point.x, y - point.y) <= radius + TIMER_ROOM);
  return at < 0 ? null : at + 1;
}

/** The stretch between two servers that a message travels, a little to the right of the straight line. */
export function lane(geometry: RingGeometry, from: number, to: number): { start: Point; end: Point } {
  const a = geometry.places[from - 1] ?? { x: 0, y: 0 };
  const b = geometry.places[to - 1] ?? a;
  const length = Math.hypot(b.x - a.x, b.y - a.y) || 1;
  const ux = (b.x - a.x) / length;
  const uy = (b.y - a.y) / length;
  const gap = geometry.radius + geometry.timer + 4;
  const side = geometry.message * 0.8;
  return {
    start: { x: a.x + ux * gap - uy * side, y: a.y + uy * gap + ux * side },
    end: { x: b.x - ux * gap - uy * side, y: b.y - uy * gap + ux * side },
  };
}

export function between(start: Point, end: Point, fraction: number): Point {
  return { x: start.x + (end.x - start.x) * fraction, y: start.y + (end.y - start.y) * fraction };
}

/**
 * Which servers a stroke parts from the rest: those inside a closed loop, or those on one side of a line
 * drawn across. `null` when the stroke parts nothing.
 */
export function partedBy(stroke: Point[], places: Point[]): number[] | null {
  const first = stroke[0];
  const last = stroke.at(-1);
  if (!first || !last || stroke.length < 3) return null;
  let length = 0;
  for (let i = 1; i < stroke.length; i++) {
    const p = stroke[i] as Point;
    const q = stroke[i - 1] as Point;
    length += Math.hypot(p.x - q.x, p.y - q.y);
  }
  if (length < 40) return null;
  const straight = Math.hypot(last.x - first.x, last.y - first.y) / length > 0.75;
  const inside = straight ? (p: Point) => side(first, last, p) > 0 : (p: Point) => within(stroke, p);
  const group = places.flatMap((place, i) => (inside(place) ? [i + 1] : []));
  return group.length === 0 || group.length === places.length ? null : group;
}

function side(a: Point, b: Point, p: Point): number {
  return (b.x - a.x) * (p.y - a.y) - (b.y - a.y) * (p.x - a.x);
}

function within(polygon: Point[], p: Point): boolean {
  let inside = false;
  for (let i = 0, j = polygon.length - 1; i < polygon.length; j = i++) {
    const a = polygon[i] as Point;
    const b = polygon[j] as Point;
    if (a.y > p.y !== b.y > p.y && p.x < ((b.x - a.x) * (p.y - a.y)) / (b.y - a.y) + a.x) inside = !inside;
  }
  return inside;
}
