import type { Instant } from "../api/types";

export interface HelloFrame {
  t: "hello";
  now: Instant;
  rate: number;
}

export interface SnapshotFrame<S> {
  t: "snapshot";
  topic: string;
  epoch: string;
  seq: number;
  recovered: false;
  at: Instant;
  data: S;
}

export interface ResumedFrame {
  t: "resumed";
  topic: string;
  epoch: string;
  seq: number;
  recovered: true;
}

export interface StateFrame<D> {
  t: "state";
  topic: string;
  epoch: string;
  seq: number;
  at: Instant;
  event: string;
  data: D;
}

/** `[rider_id, lon, lat, heading_deg, fixed_at_ms]` */
export type PositionRow = [string, number, number, number | null, number];

export interface PositionsFrame {
  t: "positions";
  topic: string;
  at: Instant;
  riders: PositionRow[];
}

export interface PositionFrame {
  t: "position";
  topic: string;
  at: Instant;
  lon: number;
  lat: number;
  heading_deg: number | null;
  fixed_at_ms: number;
}

export interface ErrorFrame {
  t: "error";
  topic?: string;
  status: number;
  title: string;
  detail: string;
}

export type Frame<S, D> =
  | HelloFrame
  | SnapshotFrame<S>
  | ResumedFrame
  | StateFrame<D>
  | PositionsFrame
  | PositionFrame
  | ErrorFrame
  | { t: "pong"; n: number };
