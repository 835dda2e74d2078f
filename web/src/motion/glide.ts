import type { LonLat } from "../api/types";
import { distanceM, headingDeg, Polyline } from "./polyline";

/** A position this near the planned path is drawn on it. */
const NEAR_PATH_M = 35;
/** A marker that is further off jumps instead of sliding across the city. */
const JUMP_M = 900;
/** Meters that noise may carry a position back along the path before the marker follows it. */
const BACK_M = 25;
const SHORTEST_MS = 120;
const LONGEST_MS = 4000;

export interface Placed {
  lon: number;
  lat: number;
  headingDeg: number | null;
}

/**
 * One moving marker: glides from where it is drawn to the newest known position and waits there.
 *
 * It never goes beyond the newest position (nothing is extrapolated), follows the planned path when both ends are
 * near it, and takes as long as positions usually take to arrive.
 */
export class Glide {
  private from: Placed;
  private to: Placed;
  private fromAlongM: number | null = null;
  private toAlongM: number | null = null;
  private startMs = 0;
  private usualMs = 1000;
  private heardMs: number | null = null;
  private path: Polyline | null = null;

  constructor(
    position: Placed,
    public fixedAtMs: number | null,
  ) {
    this.from = position;
    this.to = position;
  }

  /** Take the remaining planned path; an empty one means that nothing is planned. */
  setPath(points: readonly LonLat[], nowMs: number): void {
    this.from = this.at(nowMs);
    this.startMs = nowMs;
    this.path = points.length > 1 ? new Polyline(points) : null;
    this.fromAlongM = null;
    this.toAlongM = null;
    this.followPath();
  }

  /** A newer position was heard of at wall time `nowMs`; an older one than the newest is dropped. */
  hear(position: Placed, fixedAtMs: number | null, nowMs: number, jump = false): void {
    if (fixedAtMs !== null && this.fixedAtMs !== null && fixedAtMs <= this.fixedAtMs) return;
    if (fixedAtMs !== null) this.fixedAtMs = fixedAtMs;
    const here = this.at(nowMs);
    if (this.heardMs !== null) {
      const sinceMs = Math.min(LONGEST_MS, Math.max(SHORTEST_MS, nowMs - this.heardMs));
      this.usualMs += 0.3 * (sinceMs - this.usualMs);
    }
    this.heardMs = nowMs;
    this.from = here;
    this.to = { ...position, headingDeg: position.headingDeg ?? here.headingDeg };
    this.fromAlongM = null;
    this.toAlongM = null;
    this.startMs = nowMs;
    const movedM = distanceM(here.lon, here.lat, position.lon, position.lat);
    if (jump || movedM > JUMP_M) this.from = this.to;
    else if (!this.followPath() && movedM > 8) this.turnTowards();
  }

  /** Where the marker is drawn at wall time `nowMs`. */
  at(nowMs: number): Placed {
    const share = Math.min(1, Math.max(0, (nowMs - this.startMs) / (this.usualMs * 1.05)));
    if (this.path !== null && this.fromAlongM !== null && this.toAlongM !== null) {
      return this.path.at(this.fromAlongM + share * (this.toAlongM - this.fromAlongM));
    }
    return {
      lon: this.from.lon + share * (this.to.lon - this.from.lon),
      lat: this.from.lat + share * (this.to.lat - this.from.lat),
      headingDeg: turn(this.from.headingDeg, this.to.headingDeg, share),
    };
  }

  private followPath(): boolean {
    if (this.path === null) return false;
    const start = this.path.project(this.from.lon, this.from.lat);
    if (start === null || start.offM > NEAR_PATH_M) return false;
    const end = this.path.project(this.to.lon, this.to.lat, start.alongM - 150, start.alongM + 600);
    if (end === null || end.offM > NEAR_PATH_M) return false;
    const backM = start.alongM - end.alongM;
    if (backM > BACK_M) return false;
    this.fromAlongM = start.alongM;
    this.toAlongM = Math.max(start.alongM, end.alongM);
    return true;
  }

  private turnTowards(): void {
    const scale = Math.cos((this.from.lat * Math.PI) / 180);
    this.to.headingDeg = headingDeg((this.to.lon - this.from.lon) * scale, this.to.lat - this.from.lat);
  }
}

/** A heading part of the way from one to another, the short way round. */
export function turn(fromDeg: number | null, toDeg: number | null, share: number): number | null {
  if (fromDeg === null || toDeg === null) return toDeg ?? fromDeg;
  const by = ((toDeg - fromDeg + 540) % 360) - 180;
  return (fromDeg + by * Math.min(1, share * 4) + 360) % 360;
}
