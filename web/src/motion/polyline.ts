import type { LonLat } from "../api/types";

const METERS_PER_DEGREE = 111_320;

/** A planned path measured in meters on a plane around its first point (good to centimeters over a city). */
export class Polyline {
  private readonly xs: Float64Array;
  private readonly ys: Float64Array;
  /** Distance from the start to each vertex. */
  private readonly along: Float64Array;
  private readonly lonScale: number;

  constructor(readonly points: readonly LonLat[]) {
    this.lonScale = METERS_PER_DEGREE * Math.cos(((points[0]?.[1] ?? 0) * Math.PI) / 180);
    const n = points.length;
    this.xs = new Float64Array(n);
    this.ys = new Float64Array(n);
    this.along = new Float64Array(n);
    points.forEach(([lon, lat], i) => {
      this.xs[i] = lon * this.lonScale;
      this.ys[i] = lat * METERS_PER_DEGREE;
      if (i > 0) this.along[i] = this.along[i - 1]! + Math.hypot(this.xs[i]! - this.xs[i - 1]!, this.ys[i]! - this.ys[i - 1]!);
    });
  }

  get lengthM(): number {
    return this.along[this.along.length - 1] ?? 0;
  }

  /**
   * The nearest place on the path with `fromM <= along <= toM`, so that a path that crosses itself is no trap.
   * Null for a path without a segment in that window.
   */
  project(lon: number, lat: number, fromM = 0, toM = Infinity): { alongM: number; offM: number } | null {
    const x = lon * this.lonScale;
    const y = lat * METERS_PER_DEGREE;
    let best: { alongM: number; offM: number } | null = null;
    for (let i = 0; i + 1 < this.xs.length; i += 1) {
      if (this.along[i + 1]! < fromM || this.along[i]! > toM) continue;
      const dx = this.xs[i + 1]! - this.xs[i]!;
      const dy = this.ys[i + 1]! - this.ys[i]!;
      const square = dx * dx + dy * dy;
      const share = square === 0 ? 0 : clamp(((x - this.xs[i]!) * dx + (y - this.ys[i]!) * dy) / square, 0, 1);
      const offM = Math.hypot(x - this.xs[i]! - share * dx, y - this.ys[i]! - share * dy);
      if (best === null || offM < best.offM) best = { alongM: this.along[i]! + share * Math.sqrt(square), offM };
    }
    return best;
  }

  /** The point at a distance from the start, and the compass heading of the street there. */
  at(alongM: number): { lon: number; lat: number; headingDeg: number } {
    let low = 0;
    let high = Math.max(0, this.xs.length - 2);
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.along[middle + 1]! < alongM) low = middle + 1;
      else high = middle;
    }
    const next = Math.min(low + 1, this.xs.length - 1);
    const length = this.along[next]! - this.along[low]!;
    const share = length === 0 ? 0 : clamp((alongM - this.along[low]!) / length, 0, 1);
    const dx = this.xs[next]! - this.xs[low]!;
    const dy = this.ys[next]! - this.ys[low]!;
    return {
      lon: (this.xs[low]! + share * dx) / this.lonScale,
      lat: (this.ys[low]! + share * dy) / METERS_PER_DEGREE,
      headingDeg: headingDeg(dx, dy),
    };
  }

  /** What lies ahead of a position: from its place on the path to the end. */
  rest(lon: number, lat: number): LonLat[] {
    const place = this.project(lon, lat);
    if (place === null) return [];
    const start = this.at(place.alongM);
    const ahead = this.points.filter((_, i) => this.along[i]! > place.alongM);
    return [[start.lon, start.lat], ...ahead];
  }
}

/** Compass heading of a step east (`dx`) and north (`dy`). */
export function headingDeg(dx: number, dy: number): number {
  return ((Math.atan2(dx, dy) * 180) / Math.PI + 360) % 360;
}

/** Meters between two positions, for distances within a city. */
export function distanceM(lonA: number, latA: number, lonB: number, latB: number): number {
  const scale = METERS_PER_DEGREE * Math.cos((latA * Math.PI) / 180);
  return Math.hypot((lonB - lonA) * scale, (latB - latA) * METERS_PER_DEGREE);
}

function clamp(value: number, low: number, high: number): number {
  return value < low ? low : value > high ? high : value;
}
