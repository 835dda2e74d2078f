import type { LonLat, Position } from "../api/types";

/** A flat drawing of a few kilometers, in CSS pixels. */
export interface Projection {
  x(lon: number): number;
  y(lat: number): number;
  pxPerM: number;
}

const M_PER_DEGREE = 111_320;

/** The projection that shows all `points` inside `width` x `height` with a margin. */
export function projectionOf(
  points: readonly Position[],
  width: number,
  height: number,
  margin: number,
): Projection {
  const lons = points.map(({ lon }) => lon);
  const lats = points.map(({ lat }) => lat);
  const lon = (Math.min(...lons) + Math.max(...lons)) / 2;
  const lat = (Math.min(...lats) + Math.max(...lats)) / 2;
  const squeeze = Math.cos((lat * Math.PI) / 180);
  // At least about 600 m, so that a door beside its merchant is no blank screen.
  const spanX = Math.max(0.0056, (Math.max(...lons) - Math.min(...lons)) * squeeze);
  const spanY = Math.max(0.0056, Math.max(...lats) - Math.min(...lats));
  const scale = Math.min((width - 2 * margin) / spanX, (height - 2 * margin) / spanY);
  return {
    x: (value) => round(width / 2 + (value - lon) * squeeze * scale),
    y: (value) => round(height / 2 - (value - lat) * scale),
    pxPerM: scale / M_PER_DEGREE,
  };
}

/** SVG path data of lines. */
export function pathData(lines: readonly (readonly LonLat[])[], projection: Projection, close = false): string {
  return lines
    .filter((points) => points.length > 1)
    .map((points) => {
      const steps = points.map(([lon, lat]) => `${projection.x(lon)} ${projection.y(lat)}`);
      return `M${steps.join("L")}${close ? "Z" : ""}`;
    })
    .join("");
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
