import "maplibre-gl/dist/maplibre-gl.css";

import { type GeoJSONSource, Map as LibreMap, setWorkerUrl } from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url";

import type { City, LonLat } from "../api/types";
import { prefersReducedMotion } from "../app/motion";
import type { Theme } from "../app/theme.svelte";
import type { Language } from "../i18n/choose";
import { type Basemap, type BasemapEvents, type Bounds, CLOSE_ZOOM, MAX_ZOOM, MIN_ZOOM, RETRY_MS } from "./basemap";
import { type Camera, fitBounds, fromWorld, type Padding, toWorld } from "./camera";
import { line, mapStyle, streetsUrl } from "./style";

setWorkerUrl(workerUrl);

/**
 * Have the browser keep the worker's script: a map whose worker cannot be loaded stays blank for good.
 * Throws where the server cannot be reached.
 */
export async function fetchWorker(): Promise<void> {
  const answer = await fetch(workerUrl);
  if (!answer.ok) throw new Error(`${workerUrl}: ${answer.status}`);
  await answer.arrayBuffer();
}

/** Streets by MapLibre GL, in WebGL2. */
export class MaplibreBasemap implements Basemap {
  private readonly map: LibreMap;
  private route: readonly LonLat[] = [];
  readonly camera: Camera;

  constructor(
    private readonly element: HTMLElement,
    private readonly city: City,
    camera: Camera,
    private theme: Theme,
    private language: Language,
    private readonly events: BasemapEvents,
  ) {
    this.camera = { ...camera, center: { ...camera.center } };
    const { lon, lat } = fromWorld(camera.center);
    this.map = new LibreMap({
      container: element,
      style: mapStyle(city, theme, language),
      center: [lon, lat],
      zoom: camera.zoom,
      minZoom: MIN_ZOOM,
      maxZoom: MAX_ZOOM,
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      renderWorldCopies: false,
      fadeDuration: 0,
      localIdeographFontFamily: '"Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", system-ui, sans-serif',
    });
    this.map.touchZoomRotate.disableRotation();
    this.map.keyboard.disableRotation();
    this.map.on("render", () => this.readCamera());
    this.map.on("resize", () => this.readCamera());
    this.map.on("click", (event) => events.clicked(event.point.x, event.point.y));
    this.map.on("mousemove", (event) => events.hovered(event.point.x, event.point.y));
    this.map.on("styledata", () => this.drawRoute());
    this.map.on("error", (event) => {
      console.info("map:", event.error.message);
      if ("sourceId" in event && event.sourceId === "streets") setTimeout(() => this.fetchStreets(), RETRY_MS);
    });
    this.map.once("idle", () => events.ready());
  }

  setLook(theme: Theme, language: Language): void {
    if (theme === this.theme && language === this.language) return;
    this.theme = theme;
    this.language = language;
    this.map.setStyle(mapStyle(this.city, theme, language));
  }

  setRoute(points: readonly LonLat[]): void {
    this.route = points;
    this.drawRoute();
  }

  fit(bounds: Bounds, padding: Padding): void {
    const { clientWidth, clientHeight } = this.element;
    const { center, zoom } = fitBounds(bounds, clientWidth, clientHeight, padding);
    const { lon, lat } = fromWorld(center);
    this.goTo(lon, lat, zoom, [0, 0]);
  }

  center(lon: number, lat: number, padding: Padding): void {
    const offset: [number, number] = [(padding.left - padding.right) / 2, (padding.top - padding.bottom) / 2];
    this.goTo(lon, lat, Math.max(CLOSE_ZOOM, this.map.getZoom()), offset);
  }

  zoomBy(levels: number): void {
    this.map.zoomTo(this.map.getZoom() + levels, { duration: prefersReducedMotion() ? 0 : 250 });
  }

  destroy(): void {
    this.map.remove();
  }

  private goTo(lon: number, lat: number, zoom: number, offset: [number, number]): void {
    this.map.easeTo({ center: [lon, lat], zoom, offset, duration: prefersReducedMotion() ? 0 : 600 });
  }

  private readCamera(): void {
    const { lng, lat } = this.map.getCenter();
    this.camera.center = toWorld(lng, lat);
    this.camera.zoom = this.map.getZoom();
    this.camera.widthPx = this.element.clientWidth;
    this.camera.heightPx = this.element.clientHeight;
    this.events.moved();
  }

  private fetchStreets(): void {
    const source = this.map.getSource("streets") as GeoJSONSource | undefined;
    source?.setData(streetsUrl());
  }

  private drawRoute(): void {
    const source = this.map.getSource("route") as GeoJSONSource | undefined;
    source?.setData(line(this.route));
  }
}
