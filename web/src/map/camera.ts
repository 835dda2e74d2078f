/** Web Mercator as MapLibre uses it: the world is a square of `512 * 2^zoom` CSS pixels. */

const TILE_PX = 512;

export interface World {
  x: number;
  y: number;
}

/** Position in the world square, 0 to 1 from the north-west. */
export function toWorld(lon: number, lat: number): World {
  const sine = Math.sin((lat * Math.PI) / 180);
  return { x: lon / 360 + 0.5, y: 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI) };
}

export function fromWorld({ x, y }: World): { lon: number; lat: number } {
  return { lon: (x - 0.5) * 360, lat: (Math.atan(Math.sinh(Math.PI * (1 - 2 * y))) * 180) / Math.PI };
}

export interface Padding {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** What part of the world a viewport shows; north is up. */
export interface Camera {
  center: World;
  zoom: number;
  widthPx: number;
  heightPx: number;
}

export function worldPx(zoom: number): number {
  return TILE_PX * 2 ** zoom;
}

/** The camera that shows bounds as large as they fit. */
export function fitBounds(
  [west, south, east, north]: readonly [number, number, number, number],
  widthPx: number,
  heightPx: number,
  pad: Padding,
): Camera {
  const a = toWorld(west, north);
  const b = toWorld(east, south);
  const freeX = Math.max(80, widthPx - pad.left - pad.right);
  const freeY = Math.max(80, heightPx - pad.top - pad.bottom);
  const scale = Math.min(freeX / (b.x - a.x), freeY / (b.y - a.y));
  return {
    center: {
      x: (a.x + b.x) / 2 + (pad.right - pad.left) / 2 / scale,
      y: (a.y + b.y) / 2 + (pad.bottom - pad.top) / 2 / scale,
    },
    zoom: Math.log2(scale / TILE_PX),
    widthPx,
    heightPx,
  };
}
