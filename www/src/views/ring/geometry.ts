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
  /** Half the size of a message. */
  message: number;
  /** Centre of server i + 1. */
  places: Point[];
}

/** Room that the two lines of text under a server take. */
const LABEL_HEIGHT = 40;
const TIMER_ROOM = 12;

export function ringGeometry(servers: number, width: number, height: number): RingGeometry {
  const shorter = Math.min(width, height);
  const crowd = servers <= 5 ? 1 : servers <= 7 ? 0.84 : servers <= 9 ? 0.72 : 0.46;
  const radius = Math.round(Math.min(38, Math.max(12, shorter * 0.085)) * Math.max(crowd, 0.42));
  const margin = radius + TIMER_ROOM;
  const centre = { x: width / 2, y: (height - LABEL_HEIGHT) / 2 + 2 };
  const rx = servers === 1 ? 0 : Math.min(width / 2 - margin - 14, height * 0.62);
  const ry = servers === 1 ? 0 : (height - LABEL_HEIGHT) / 2 - margin;
  const places = Array.from({ length: servers }, (_, i) => {
    const angle = -Math.PI / 2 + (2 * Math.PI * i) / servers + (servers === 2 ? Math.PI / 2 : 0);
    return { x: centre.x + rx * Math.cos(angle), y: centre.y + ry * Math.sin(angle) };
  });
  // A polygon with an odd number of corners leaves room below; use it.
  const lowest = Math.max(...places.map(({ y }) => y));
  const spare = servers > 1 ? centre.y + ry - lowest : 0;
  for (const place of places) place.y += spare / 2;
  return { width, height, radius, message: Math.max(7, Math.round(radius * 0.3)), places };
}

/** The stretch between two servers that a message travels, a little to the right of the straight line. */
export function lane(geometry: RingGeometry, from: number, to: number): { start: Point; end: Point } {
  const a = geometry.places[from - 1] ?? { x: 0, y: 0 };
  const b = geometry.places[to - 1] ?? a;
  const length = Math.hypot(b.x - a.x, b.y - a.y) || 1;
  const ux = (b.x - a.x) / length;
  const uy = (b.y - a.y) / length;
  const gap = geometry.radius + TIMER_ROOM - 2;
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
