import { describe, expect, it } from "vitest";

import type { LonLat } from "../api/types";
import { ServerClock } from "./clock";
import { Glide, turn } from "./glide";
import { distanceM, Polyline } from "./polyline";

const EAST_M = 1 / (111_320 * Math.cos((30 * Math.PI) / 180));
const NORTH_M = 1 / 111_320;
/** A point so many meters east and north of 120 E, 30 N. */
const at = (eastM: number, northM: number): LonLat => [120 + eastM * EAST_M, 30 + northM * NORTH_M];
const placed = ([lon, lat]: LonLat, headingDeg: number | null = null) => ({ lon, lat, headingDeg });

describe("Polyline", () => {
  const corner = new Polyline([at(0, 0), at(100, 0), at(100, 100)]);

  it("measures in meters", () => {
    expect(corner.lengthM).toBeCloseTo(200, 1);
  });

  it("projects beside the path and knows how far off", () => {
    const [lon, lat] = at(40, 12);
    const place = corner.project(lon, lat)!;
    expect(place.alongM).toBeCloseTo(40, 1);
    expect(place.offM).toBeCloseTo(12, 1);
  });

  it("finds points and headings along itself", () => {
    expect(corner.at(150).headingDeg).toBeCloseTo(0, 1);
    expect(corner.at(50).headingDeg).toBeCloseTo(90, 1);
    const { lon, lat } = corner.at(150);
    const [wantLon, wantLat] = at(100, 50);
    expect(distanceM(lon, lat, wantLon, wantLat)).toBeLessThan(0.1);
  });

  it("looks only inside the window where it crosses itself", () => {
    const loop = new Polyline([at(0, 0), at(100, 0), at(100, 100), at(50, 100), at(50, -50)]);
    const [lon, lat] = at(50, 0);
    expect(loop.project(lon, lat, 0, 90)!.alongM).toBeCloseTo(50, 1);
    expect(loop.project(lon, lat, 260, 400)!.alongM).toBeCloseTo(350, 1);
  });

  it("gives what lies ahead", () => {
    const [lon, lat] = at(90, 3);
    expect(corner.rest(lon, lat)).toHaveLength(3);
    expect(corner.rest(...at(103, 60))).toHaveLength(2);
  });
});

describe("Glide", () => {
  it("moves from the last drawn place to the newest position and waits there", () => {
    const glide = new Glide(placed(at(0, 0)), 0);
    glide.hear(placed(at(100, 0)), 1000, 0);
    expect(glide.at(525).lon).toBeCloseTo(at(50, 0)[0], 6);
    expect(glide.at(1100).lon).toBeCloseTo(at(100, 0)[0], 9);
    expect(glide.at(60_000).lon).toBeCloseTo(at(100, 0)[0], 9);
  });

  it("follows the planned path around a corner", () => {
    const glide = new Glide(placed(at(50, 0)), 0);
    glide.setPath([at(0, 0), at(100, 0), at(100, 100)], 0);
    glide.hear(placed(at(103, 50)), 1000, 0);
    const middle = glide.at(525);
    expect(distanceM(middle.lon, middle.lat, ...at(100, 0))).toBeLessThan(1);
  });

  it("goes straight when the position is off the path", () => {
    const glide = new Glide(placed(at(0, 0)), 0);
    glide.setPath([at(0, 0), at(100, 0)], 0);
    glide.hear(placed(at(50, 200)), 1000, 0);
    const end = glide.at(2000);
    expect(distanceM(end.lon, end.lat, ...at(50, 200))).toBeLessThan(0.1);
  });

  it("does not shiver back along the path because of noise", () => {
    const glide = new Glide(placed(at(50, 0)), 0);
    glide.setPath([at(0, 0), at(100, 0)], 0);
    glide.hear(placed(at(44, 2)), 1000, 0);
    const end = glide.at(2000);
    expect(distanceM(end.lon, end.lat, ...at(50, 0))).toBeLessThan(0.1);
  });

  it("drops a position that is older than the newest", () => {
    const glide = new Glide(placed(at(0, 0)), 5000);
    glide.hear(placed(at(100, 0)), 4000, 0);
    expect(glide.at(5000).lon).toBe(at(0, 0)[0]);
    expect(glide.fixedAtMs).toBe(5000);
  });

  it("jumps when asked to, and over great distances", () => {
    const glide = new Glide(placed(at(0, 0)), 0);
    glide.hear(placed(at(100, 0)), 1, 0, true);
    expect(glide.at(0).lon).toBeCloseTo(at(100, 0)[0], 9);
    glide.hear(placed(at(5000, 0)), 2, 100);
    expect(glide.at(100).lon).toBeCloseTo(at(5000, 0)[0], 9);
  });

  it("turns the short way round", () => {
    expect(turn(350, 10, 1)).toBeCloseTo(10, 6);
    expect(turn(350, 10, 0.125)).toBeCloseTo(0, 6);
  });
});

describe("ServerClock", () => {
  it("runs at the rate between frames", () => {
    let local = 0;
    const clock = new ServerClock(() => local);
    clock.set(1_000_000, 10);
    local = 500;
    expect(clock.now()).toBe(1_005_000);
  });

  it("leans towards frames instead of jumping back, and jumps when far off", () => {
    let local = 0;
    const clock = new ServerClock(() => local);
    clock.set(1_000_000, 10);
    local = 100;
    clock.hear(1_000_000);
    expect(clock.now()).toBeGreaterThan(1_000_900);
    clock.hear(2_000_000);
    expect(clock.now()).toBe(2_000_000);
  });
});
