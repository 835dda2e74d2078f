import type { Palette } from "./palette";

/** Everything that may stand on the map. Shapes differ as well as colors, so that color is never the only sign. */
export const SPRITES = [
  "idle",
  "offered",
  "to_merchant",
  "at_merchant",
  "to_door",
  "at_door",
  "to_merchant_stale",
  "idle_stale",
  "merchant",
  "door",
  "door_late",
  "door_at_risk",
  "door_unassigned",
  "selection",
] as const;
export type Sprite = (typeof SPRITES)[number];

/** CSS pixels of one cell of the atlas; a marker drawn at scale 1 has this box. */
export const CELL_PX = 44;
const COLUMNS = 4;
const ROWS = Math.ceil(SPRITES.length / COLUMNS);

/** One picture with all sprites, drawn for a theme and a pixel density. */
export interface Atlas {
  canvas: HTMLCanvasElement;
  cellPx: number;
}

export function drawAtlas(colors: Palette, density: number): Atlas {
  const cellPx = Math.round(CELL_PX * density);
  const canvas = document.createElement("canvas");
  canvas.width = cellPx * COLUMNS;
  canvas.height = cellPx * ROWS;
  const pen = canvas.getContext("2d")!;
  SPRITES.forEach((sprite, index) => {
    const { x, y } = cellOrigin(index, cellPx);
    pen.save();
    pen.translate(x + cellPx / 2, y + cellPx / 2);
    pen.scale(cellPx / CELL_PX, cellPx / CELL_PX);
    DRAW[sprite](pen, colors);
    pen.restore();
  });
  return { canvas, cellPx };
}

/** Top left corner of a sprite's cell, in atlas pixels. */
export function cellOrigin(index: number, cellPx: number): { x: number; y: number } {
  return { x: (index % COLUMNS) * cellPx, y: Math.floor(index / COLUMNS) * cellPx };
}

/** Top left corner and size of a sprite's cell as shares of the atlas. */
export function cellShare(index: number): { u: number; v: number; du: number; dv: number } {
  return {
    u: (index % COLUMNS) / COLUMNS,
    v: Math.floor(index / COLUMNS) / ROWS,
    du: 1 / COLUMNS,
    dv: 1 / ROWS,
  };
}

/** Draw one sprite around the origin; also used by the legend. */
export function drawSprite(pen: CanvasRenderingContext2D, sprite: Sprite, colors: Palette): void {
  DRAW[sprite](pen, colors);
}

type Draw = (pen: CanvasRenderingContext2D, colors: Palette) => void;

function shape(trace: (pen: CanvasRenderingContext2D) => void, fill: keyof Palette, edgePx = 2.2): Draw {
  return (pen, colors) => {
    pen.beginPath();
    trace(pen);
    pen.closePath();
    pen.lineJoin = "round";
    pen.lineWidth = edgePx * 2;
    pen.strokeStyle = colors.markerEdge;
    pen.stroke();
    pen.fillStyle = colors[fill];
    pen.fill();
  };
}

const disk = (radius: number) => (pen: CanvasRenderingContext2D) => pen.arc(0, 0, radius, 0, 2 * Math.PI);
/** An arrow head that points north. */
const arrow = (pen: CanvasRenderingContext2D): void => {
  pen.moveTo(0, -11);
  pen.lineTo(8.2, 8.4);
  pen.lineTo(0, 4.4);
  pen.lineTo(-8.2, 8.4);
};
const square = (half: number) => (pen: CanvasRenderingContext2D) => pen.rect(-half, -half, 2 * half, 2 * half);
const diamond = (half: number) => (pen: CanvasRenderingContext2D) => {
  pen.moveTo(0, -half);
  pen.lineTo(half, 0);
  pen.lineTo(0, half);
  pen.lineTo(-half, 0);
};
const house = (pen: CanvasRenderingContext2D): void => {
  pen.moveTo(0, -6.6);
  pen.lineTo(6.4, -0.8);
  pen.lineTo(4.6, -0.8);
  pen.lineTo(4.6, 5.4);
  pen.lineTo(-4.6, 5.4);
  pen.lineTo(-4.6, -0.8);
  pen.lineTo(-6.4, -0.8);
};
const triangle = (pen: CanvasRenderingContext2D): void => {
  pen.moveTo(0, -8);
  pen.lineTo(8, 6.4);
  pen.lineTo(-8, 6.4);
};

function ring(fill: keyof Palette): Draw {
  const base = shape(disk(7), fill);
  return (pen, colors) => {
    base(pen, colors);
    pen.beginPath();
    pen.arc(0, 0, 3.2, 0, 2 * Math.PI);
    pen.fillStyle = colors.markerEdge;
    pen.fill();
  };
}

/** A sign with a glyph in its middle: "!" or "?". */
function signed(base: Draw, glyph: string, dy: number): Draw {
  return (pen, colors) => {
    base(pen, colors);
    pen.fillStyle = colors.markerEdge;
    pen.font = "bold 10px system-ui, sans-serif";
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.fillText(glyph, 0, dy);
  };
}

function merchantSprite(pen: CanvasRenderingContext2D, colors: Palette): void {
  shape((p) => p.roundRect(-5.5, -5.5, 11, 11, 3), "merchant", 1.4)(pen, colors);
  pen.strokeStyle = colors.markerEdge;
  pen.lineWidth = 1.3;
  pen.lineCap = "round";
  pen.beginPath();
  pen.moveTo(-1.8, -3);
  pen.lineTo(-1.8, 3.2);
  pen.moveTo(1.8, -3);
  pen.lineTo(1.8, 3.2);
  pen.moveTo(0.4, -3);
  pen.lineTo(0.4, -0.6);
  pen.lineTo(3.2, -0.6);
  pen.lineTo(3.2, -3);
  pen.stroke();
}

function selectionSprite(pen: CanvasRenderingContext2D, colors: Palette): void {
  pen.beginPath();
  pen.arc(0, 0, 17, 0, 2 * Math.PI);
  pen.globalAlpha = 0.18;
  pen.fillStyle = colors.selection;
  pen.fill();
  pen.globalAlpha = 1;
  pen.lineWidth = 3;
  pen.strokeStyle = colors.selection;
  pen.stroke();
}

const DRAW: Record<Sprite, Draw> = {
  idle: shape(disk(5.6), "idle"),
  offered: ring("offered"),
  to_merchant: shape(arrow, "merchantward"),
  at_merchant: shape(square(6.2), "merchantward"),
  to_door: shape(arrow, "doorward"),
  at_door: shape(diamond(8.6), "doorward"),
  to_merchant_stale: shape(arrow, "stale"),
  idle_stale: ring("stale"),
  merchant: merchantSprite,
  door: shape(house, "onTrack", 1.2),
  door_late: signed(shape(triangle, "late", 1.6), "!", 1.6),
  door_at_risk: shape(diamond(7.4), "atRisk", 1.6),
  door_unassigned: signed(shape(disk(6.8), "unassigned", 1.6), "?", 0.6),
  selection: selectionSprite,
};
