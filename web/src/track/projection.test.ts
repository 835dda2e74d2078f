import { describe, expect, it } from "vitest";

import { pathData, projectionOf } from "./projection";

describe("projectionOf", () => {
  const points = [
    { lon: 120, lat: 30 },
    { lon: 120.02, lat: 30.01 },
  ];
  const projection = projectionOf(points, 400, 250, 40);

  it("keeps every point inside the margin", () => {
    for (const { lon, lat } of points) {
      expect(projection.x(lon)).toBeGreaterThanOrEqual(40);
      expect(projection.x(lon)).toBeLessThanOrEqual(360);
      expect(projection.y(lat)).toBeGreaterThanOrEqual(40);
      expect(projection.y(lat)).toBeLessThanOrEqual(210);
    }
  });

  it("has north up and east right", () => {
    expect(projection.y(30.01)).toBeLessThan(projection.y(30));
    expect(projection.x(120.02)).toBeGreaterThan(projection.x(120));
  });

  it("draws lines and leaves out single points", () => {
    expect(pathData([[[120, 30], [120.02, 30.01]], [[120, 30]]], projection)).toMatch(/^M[\d.]+ [\d.]+L[\d.]+ [\d.]+$/);
  });
});
