import { ApiClient } from "../api/client";
import type { LonLat, StreetGeometry, Streets } from "../api/types";
import type { Theme } from "../app/theme.svelte";
import type { Language } from "../i18n/choose";
import { type Basemap, type BasemapEvents, type Bounds, CLOSE_ZOOM, MAX_ZOOM, MIN_ZOOM, RETRY_MS, STREETS_PATH } from "./basemap";
import { type Camera, fitBounds, type Padding, toWorld, worldPx } from "./camera";
import { palette } from "./palette";

interface Shape {
  path: Path2D;
  kind: string;
  roadClass: string;
}

/** Line width of a road class in CSS pixels at zoom 15, slow roads first. */
const WIDTHS: [roadClass: string, px: number][] = [
  ["lane", 3],
  ["street", 5],
  ["arterial", 8],
  ["ring", 10],
];
/** Paths are stored in these units of the world square, so that single precision is enough. */
const UNITS = 2 ** 24;

/** Streets on a 2D canvas, for browsers without WebGL: no names, but the same camera and colors. */
export class CanvasBasemap implements Basemap {
  private readonly canvas = document.createElement("canvas");
  private readonly pen = this.canvas.getContext("2d")!;
  private readonly origin: { x: number; y: number };
  private shapes: Shape[] = [];
  private route: readonly LonLat[] = [];
  private drag: { x: number; y: number; movedPx: number } | null = null;
  private readonly resized: ResizeObserver;
  readonly camera: Camera;

  constructor(
    private readonly element: HTMLElement,
    camera: Camera,
    private theme: Theme,
    private readonly events: BasemapEvents,
  ) {
    this.camera = { ...camera, center: { ...camera.center } };
    this.origin = { ...camera.center };
    this.canvas.className = "map-streets";
    this.canvas.tabIndex = 0;
    element.append(this.canvas);
    this.listen();
    this.resized = new ResizeObserver(() => this.changed());
    this.resized.observe(element);
    void this.fetchStreets();
  }

  setLook(theme: Theme, _language: Language): void {
    this.theme = theme;
    this.changed();
  }

  setRoute(points: readonly LonLat[]): void {
    this.route = points;
    this.changed();
  }

  fit(bounds: Bounds, padding: Padding): void {
    Object.assign(this.camera, fitBounds(bounds, this.element.clientWidth, this.element.clientHeight, padding));
    this.changed();
  }

  center(lon: number, lat: number, padding: Padding): void {
    this.camera.zoom = Math.max(CLOSE_ZOOM, this.camera.zoom);
    const { x, y } = toWorld(lon, lat);
    const scale = worldPx(this.camera.zoom);
    this.camera.center = {
      x: x + (padding.right - padding.left) / 2 / scale,
      y: y + (padding.bottom - padding.top) / 2 / scale,
    };
    this.changed();
  }

  zoomBy(levels: number): void {
    this.zoomAt(levels, this.camera.widthPx / 2, this.camera.heightPx / 2);
  }

  destroy(): void {
    this.resized.disconnect();
    this.canvas.remove();
  }

  private async fetchStreets(): Promise<void> {
    try {
      this.load(await new ApiClient(null).get<Streets>(STREETS_PATH));
    } catch {
      setTimeout(() => void this.fetchStreets(), RETRY_MS);
    }
  }

  private load(streets: Streets): void {
    const rank = (shape: Shape): number => WIDTHS.findIndex(([name]) => name === shape.roadClass);
    this.shapes = streets.features
      .map(({ geometry, properties }) => ({
        path: this.pathOf(geometry),
        kind: properties.kind as string,
        roadClass: properties.road_class ?? "",
      }))
      .sort((a, b) => rank(a) - rank(b));
    this.changed();
    this.events.ready();
  }

  private pathOf(geometry: StreetGeometry): Path2D {
    const path = new Path2D();
    const lines: readonly (readonly LonLat[])[] =
      geometry.type === "LineString"
        ? [geometry.coordinates]
        : geometry.type === "MultiPolygon"
          ? geometry.coordinates.flat()
          : geometry.coordinates;
    for (const points of lines) this.trace(path, points);
    return path;
  }

  private trace(path: Path2D, points: readonly LonLat[]): void {
    points.forEach(([lon, lat], i) => {
      const world = toWorld(lon, lat);
      const x = (world.x - this.origin.x) * UNITS;
      const y = (world.y - this.origin.y) * UNITS;
      if (i === 0) path.moveTo(x, y);
      else path.lineTo(x, y);
    });
  }

  private changed(): void {
    this.camera.widthPx = this.element.clientWidth;
    this.camera.heightPx = this.element.clientHeight;
    this.draw();
    this.events.moved();
  }

  private draw(): void {
    const { pen, camera } = this;
    const density = Math.min(2, devicePixelRatio || 1);
    this.canvas.width = Math.round(camera.widthPx * density);
    this.canvas.height = Math.round(camera.heightPx * density);
    const colors = palette(this.theme);
    const unitPx = (worldPx(camera.zoom) / UNITS) * density;
    pen.fillStyle = colors.land;
    pen.fillRect(0, 0, this.canvas.width, this.canvas.height);
    pen.setTransform(
      unitPx,
      0,
      0,
      unitPx,
      this.canvas.width / 2 - (camera.center.x - this.origin.x) * UNITS * unitPx,
      this.canvas.height / 2 - (camera.center.y - this.origin.y) * UNITS * unitPx,
    );
    pen.lineCap = "round";
    pen.lineJoin = "round";
    const areas: Record<string, string> = { park: colors.park, water: colors.water, river: colors.water };
    for (const { path, kind } of this.shapes) {
      if (areas[kind] === undefined) continue;
      pen.fillStyle = areas[kind];
      pen.fill(path);
    }
    const px = (density / unitPx) * 1.6 ** (camera.zoom - 15);
    this.strokeStreets(px, 2.4, () => colors.casing);
    this.strokeStreets(px, 0, (name) => (name === "ring" ? colors.ring : name === "arterial" ? colors.arterial : colors.street));
    const route = new Path2D();
    this.trace(route, this.route);
    for (const [color, width] of [
      [colors.routeCasing, 8],
      [colors.route, 4.5],
    ] as const) {
      pen.strokeStyle = color;
      pen.lineWidth = (width * density) / unitPx;
      pen.stroke(route);
    }
    pen.setTransform(1, 0, 0, 1, 0, 0);
  }

  private strokeStreets(px: number, extraPx: number, color: (roadClass: string) => string): void {
    const widths = new Map(WIDTHS);
    for (const { path, kind, roadClass } of this.shapes) {
      if (kind !== "street") continue;
      this.pen.strokeStyle = color(roadClass);
      this.pen.lineWidth = ((widths.get(roadClass) ?? 4) + extraPx) * px;
      this.pen.stroke(path);
    }
  }

  private listen(): void {
    const { canvas } = this;
    canvas.addEventListener("pointerdown", (event) => {
      this.drag = { x: event.offsetX, y: event.offsetY, movedPx: 0 };
      canvas.setPointerCapture(event.pointerId);
    });
    canvas.addEventListener("pointermove", (event) => {
      if (this.drag === null) {
        this.events.hovered(event.offsetX, event.offsetY);
        return;
      }
      const dx = event.offsetX - this.drag.x;
      const dy = event.offsetY - this.drag.y;
      this.drag = { x: event.offsetX, y: event.offsetY, movedPx: this.drag.movedPx + Math.hypot(dx, dy) };
      this.panBy(-dx, -dy);
    });
    canvas.addEventListener("pointerup", (event) => {
      if (this.drag !== null && this.drag.movedPx < 4) this.events.clicked(event.offsetX, event.offsetY);
      this.drag = null;
    });
    canvas.addEventListener("wheel", (event) => {
      event.preventDefault();
      this.zoomAt(-event.deltaY / 300, event.offsetX, event.offsetY);
    });
    canvas.addEventListener("keydown", (event) => {
      const step = KEY_STEPS[event.key];
      if (step === undefined) return;
      event.preventDefault();
      if (step.zoom !== 0) this.zoomBy(step.zoom);
      else this.panBy(step.x, step.y);
    });
  }

  private panBy(dxPx: number, dyPx: number): void {
    const scale = worldPx(this.camera.zoom);
    const { x, y } = this.camera.center;
    this.camera.center = { x: x + dxPx / scale, y: y + dyPx / scale };
    this.changed();
  }

  private zoomAt(levels: number, xPx: number, yPx: number): void {
    const zoom = Math.min(MAX_ZOOM, Math.max(MIN_ZOOM, this.camera.zoom + levels));
    const shift = 1 / worldPx(this.camera.zoom) - 1 / worldPx(zoom);
    const { x, y } = this.camera.center;
    this.camera.center = {
      x: x + (xPx - this.camera.widthPx / 2) * shift,
      y: y + (yPx - this.camera.heightPx / 2) * shift,
    };
    this.camera.zoom = zoom;
    this.changed();
  }
}

const KEY_STEPS: Record<string, { x: number; y: number; zoom: number }> = {
  ArrowLeft: { x: -100, y: 0, zoom: 0 },
  ArrowRight: { x: 100, y: 0, zoom: 0 },
  ArrowUp: { x: 0, y: -100, zoom: 0 },
  ArrowDown: { x: 0, y: 100, zoom: 0 },
  "+": { x: 0, y: 0, zoom: 1 },
  "=": { x: 0, y: 0, zoom: 1 },
  "-": { x: 0, y: 0, zoom: -1 },
};
