import type { LonLat } from "../api/types";
import type { Theme } from "../app/theme.svelte";
import type { Language } from "../i18n/choose";
import type { Camera, Padding } from "./camera";

export type Bounds = readonly [west: number, south: number, east: number, north: number];

/** The streets behind the riders, and who owns the camera: MapLibre, or a plain canvas without WebGL. */
export interface Basemap {
  readonly camera: Camera;
  setLook(theme: Theme, language: Language): void;
  setRoute(points: readonly LonLat[]): void;
  fit(bounds: Bounds, padding: Padding): void;
  center(lon: number, lat: number, padding: Padding): void;
  zoomBy(levels: number): void;
  destroy(): void;
}

export interface BasemapEvents {
  /** The camera changed; whatever lies above must be drawn again in the same frame. */
  moved(): void;
  /** A click at CSS pixels of the map. */
  clicked(xPx: number, yPx: number): void;
  hovered(xPx: number, yPx: number): void;
  /** The streets are drawn for the first time. */
  ready(): void;
}

/** Centering on something from afar comes at least this near. */
export const CLOSE_ZOOM = 14;
/** Where the streets come from, and how soon they are asked for again when the server cannot be reached. */
export const STREETS_PATH = "/city/streets";
export const RETRY_MS = 2000;
export const MIN_ZOOM = 10;
export const MAX_ZOOM = 18;
