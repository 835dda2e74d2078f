import { type Camera, toWorld, worldPx } from "./camera";
import { createPainter, type Painter, STRIDE } from "./painter";
import type { Palette } from "./palette";
import { CELL_PX, drawAtlas, SPRITES, type Sprite } from "./sprites";

/** Something that stands on the map in this frame. */
export interface Marker {
  lon: number;
  lat: number;
  sprite: Sprite;
  headingDeg: number | null;
  scale: number;
  opacity: number;
  /** What a click on it selects, null for scenery. */
  target: string | null;
}

/** How near a click must be to a marker. */
const HIT_PX = 16;
const INDEX = new Map<Sprite, number>(SPRITES.map((sprite, index) => [sprite, index]));

/** The canvas of moving things over the streets. */
export class Overlay {
  private painter: Painter;
  private buffer = new Float32Array(256 * STRIDE);
  private hits: { x: number; y: number; target: string }[] = [];
  private density = 1;

  constructor(
    private readonly canvas: HTMLCanvasElement,
    private colors: Palette,
  ) {
    this.painter = createPainter(canvas);
    this.setColors(colors);
    // The graphics card may take its context back, for example while the computer sleeps.
    canvas.addEventListener("webglcontextlost", (event) => event.preventDefault());
    canvas.addEventListener("webglcontextrestored", () => {
      this.painter = createPainter(canvas);
      this.canvas.width = 0;
      this.setColors(this.colors);
    });
  }

  setColors(colors: Palette): void {
    this.colors = colors;
    this.density = Math.min(2, devicePixelRatio || 1);
    this.painter.setAtlas(drawAtlas(colors, this.density));
  }

  /** Draw the markers, later ones on top. */
  draw(markers: Iterable<Marker>, camera: Camera): void {
    this.fitCanvas(camera);
    const scale = worldPx(camera.zoom);
    const left = camera.center.x * scale - camera.widthPx / 2;
    const top = camera.center.y * scale - camera.heightPx / 2;
    this.hits = [];
    let count = 0;
    for (const marker of markers) {
      const world = toWorld(marker.lon, marker.lat);
      const x = world.x * scale - left;
      const y = world.y * scale - top;
      if (x < -CELL_PX || y < -CELL_PX || x > camera.widthPx + CELL_PX || y > camera.heightPx + CELL_PX) continue;
      if ((count + 1) * STRIDE > this.buffer.length) this.grow();
      const rotation = ((marker.headingDeg ?? 0) * Math.PI) / 180;
      this.buffer.set([x, y, rotation, marker.scale, marker.opacity, INDEX.get(marker.sprite)!], count * STRIDE);
      count += 1;
      if (marker.target !== null) this.hits.push({ x, y, target: marker.target });
    }
    this.painter.draw(this.buffer, count);
  }

  /** What stands at a point, the nearest; null for nothing. */
  hit(xPx: number, yPx: number): string | null {
    let best: string | null = null;
    let bestPx = HIT_PX;
    for (const { x, y, target } of this.hits) {
      const px = Math.hypot(x - xPx, y - yPx);
      // Equally near: the later one lies on top.
      if (px <= bestPx) [best, bestPx] = [target, px];
    }
    return best;
  }

  private fitCanvas({ widthPx, heightPx }: Camera): void {
    const width = Math.round(widthPx * this.density);
    const height = Math.round(heightPx * this.density);
    if (this.canvas.width === width && this.canvas.height === height) return;
    this.canvas.width = width;
    this.canvas.height = height;
    this.painter.resize(widthPx, heightPx, this.density);
  }

  private grow(): void {
    const larger = new Float32Array(this.buffer.length * 2);
    larger.set(this.buffer);
    this.buffer = larger;
  }
}
