import type { Theme } from "../app/theme.svelte";

/** Colors of the map, one set per theme; the pages' own colors are in `styles/tokens.css`. */
export interface Palette {
  land: string;
  water: string;
  waterLabel: string;
  park: string;
  parkLabel: string;
  street: string;
  arterial: string;
  ring: string;
  casing: string;
  label: string;
  halo: string;
  zone: string;
  zoneLabel: string;
  merchant: string;
  route: string;
  routeCasing: string;
  markerEdge: string;
  idle: string;
  offered: string;
  merchantward: string;
  doorward: string;
  stale: string;
  late: string;
  atRisk: string;
  unassigned: string;
  onTrack: string;
  selection: string;
}

const LIGHT: Palette = {
  land: "#eaedeb",
  water: "#b7d5ea",
  waterLabel: "#3f6f92",
  park: "#cfe5c8",
  parkLabel: "#4b7350",
  street: "#ffffff",
  arterial: "#ffffff",
  ring: "#ffe3a6",
  casing: "#cdd3d4",
  label: "#5b6468",
  halo: "#f7f8f7",
  zone: "#6a5acd",
  zoneLabel: "#574aa8",
  merchant: "#8a4b1f",
  route: "#0f5fd6",
  routeCasing: "#ffffff",
  markerEdge: "#ffffff",
  idle: "#53687a",
  offered: "#8b3fd1",
  merchantward: "#c25e00",
  doorward: "#0a7d74",
  stale: "#8d9499",
  late: "#c8202f",
  atRisk: "#d56a00",
  unassigned: "#8b3fd1",
  onTrack: "#5f7f79",
  selection: "#0f5fd6",
};

const DARK: Palette = {
  land: "#12171e",
  water: "#143049",
  waterLabel: "#6fa3c9",
  park: "#16291f",
  parkLabel: "#6c9a76",
  street: "#2d3844",
  arterial: "#415064",
  ring: "#6a5a2c",
  casing: "#0d1116",
  label: "#93a0ac",
  halo: "#12171e",
  zone: "#8f84e8",
  zoneLabel: "#a79ef0",
  merchant: "#d9a06f",
  route: "#5aa2ff",
  routeCasing: "#0d1116",
  markerEdge: "#0b0f14",
  idle: "#9db0c2",
  offered: "#c792ff",
  merchantward: "#ffab4a",
  doorward: "#35d0bf",
  stale: "#6b747d",
  late: "#ff6b6b",
  atRisk: "#ffb454",
  unassigned: "#c792ff",
  onTrack: "#5f8d86",
  selection: "#5aa2ff",
};

export function palette(theme: Theme): Palette {
  return theme === "dark" ? DARK : LIGHT;
}
