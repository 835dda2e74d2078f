/** The shapes of the public API (`/openapi.json`). Instants in bodies are RFC 3339 strings in UTC. */

export type Instant = string;
export type LonLat = [lon: number, lat: number];

export interface Position {
  lon: number;
  lat: number;
}

export interface LocalName {
  en: string;
  zh: string;
}

export interface Zone {
  zone_id: string;
  name: LocalName;
  polygon: LonLat[];
}

export interface Merchant extends Position {
  merchant_id: string;
  name: string;
}

export interface City {
  name: LocalName;
  frame: string;
  time_zone: string;
  currency: string;
  center: Position;
  bounds: [west: number, south: number, east: number, north: number];
  zones: Zone[];
  merchants: Merchant[];
}

export interface StreetProperties {
  kind: "street" | "water" | "park";
  road_class?: string;
  name_en?: string;
  name_zh?: string;
}

export type StreetGeometry =
  | { type: "LineString"; coordinates: LonLat[] }
  | { type: "MultiLineString"; coordinates: LonLat[][] }
  | { type: "Polygon"; coordinates: LonLat[][] }
  | { type: "MultiPolygon"; coordinates: LonLat[][][] };

export interface Streets {
  type: "FeatureCollection";
  features: { type: "Feature"; geometry: StreetGeometry; properties: StreetProperties }[];
}

export type OrderState =
  | "scheduled"
  | "placed"
  | "offered"
  | "assigned"
  | "at_merchant"
  | "picked_up"
  | "at_door"
  | "delivered"
  | "canceled";

/** While an order is assigned by hand: to whom, by whom (empty if not told), and since when. */
export interface Pin {
  rider_id: string;
  by: string;
  at: Instant;
}

export interface OrderView {
  order_id: string;
  reference: string;
  state: OrderState;
  merchant_id: string;
  merchant_name: string;
  zone_id: string;
  dropoff: Position;
  pickup: Position;
  rider_id: string | null;
  trip_id: string | null;
  value_cents: number;
  placed_at: Instant;
  ready_at: Instant;
  is_ready: boolean;
  promised_at: Instant;
  eta_at: Instant | null;
  eta_earliest: Instant | null;
  eta_latest: Instant | null;
  late_probability: number | null;
  assigned_at: Instant | null;
  picked_up_at: Instant | null;
  delivered_at: Instant | null;
  canceled_at: Instant | null;
  canceled_reason: string | null;
  held_reason: string | null;
  incident_ids: string[];
  pin: Pin | null;
  type: OrderType | null;
  volume_l: number | null;
  weight_g: number | null;
  window: DeliveryWindow | null;
  release_at: Instant | null;
}

export type OrderType = "meal" | "groceries" | "pharmacy" | "parcel";

/** When an order is wanted at the door. */
export interface DeliveryWindow {
  earliest: Instant;
  latest: Instant;
}

export interface TimelineEntry {
  at: Instant;
  event: string;
  detail: string;
}

export interface Explanation {
  terms: { name: string; value: number; unit: string }[];
  alternatives: { rider_id: string; delta_min: number }[];
  reason: string;
  binding: string;
  foreseen: string | null;
  opportunity_min: number;
}

export interface OrderDetail extends OrderView {
  timeline: TimelineEntry[];
  explanation: Explanation | null;
}

export type RiderState =
  | "off_duty"
  | "idle"
  | "offered"
  | "to_merchant"
  | "at_merchant"
  | "to_door"
  | "at_door";

export interface StopView extends Position {
  kind: "pickup" | "dropoff";
  order_ids: string[];
  arrives_at: Instant;
  done_at: Instant;
}

/** Where a rider without a trip should wait, and why there. */
export interface WaitingPlace extends Position {
  arrives_at: Instant;
  merchant_id: string | null;
  explanation: Explanation;
}

export interface RiderView extends Position {
  rider_id: string;
  name: string;
  state: RiderState;
  heading_deg: number | null;
  speed_mps: number | null;
  fixed_at: Instant | null;
  trip_id: string | null;
  order_ids: string[];
  route: LonLat[];
  stops: StopView[];
  shift_ends_at: Instant | null;
  waiting_place: WaitingPlace | null;
}

export interface IncidentView {
  incident_id: string;
  type: string;
  severity: "minor" | "serious";
  state: "open" | "acknowledged" | "resolved";
  order_id: string | null;
  rider_id: string | null;
  opened_at: Instant;
  escalated_at: Instant | null;
  acknowledged_at: Instant | null;
  acknowledged_by: string | null;
  resolved_at: Instant | null;
  resolved_reason: string | null;
  evidence: string;
  suggested_action: string;
}

export interface Summary {
  placed: number;
  open: number;
  assigned: number;
  delivered: number;
  canceled: number;
  late: number;
  on_time_pct: number | null;
  riders_on_duty: number;
  riders_idle: number;
  open_incidents: number;
  fixes_received: number;
  median_click_to_door_min: number | null;
  median_eta_error_min: number | null;
}

export interface FleetView {
  seq: number;
  epoch: string;
  at: Instant;
  zone: string;
  riders: RiderView[];
  orders: OrderView[];
  incidents: IncidentView[];
  summary: Summary;
}

/** What a state frame of a fleet topic carries: the new full view of whatever changed. */
export interface FleetChange {
  order?: OrderView | null;
  rider?: RiderView | null;
  incident?: IncidentView | null;
  summary?: Summary | null;
}

export type CustomerStep = "placed" | "assigned" | "picked_up" | "delivered";

export interface CustomerView {
  order_id: string;
  state: OrderState;
  steps: { step: CustomerStep; done: boolean; at: Instant | null }[];
  promised_at: Instant;
  window: DeliveryWindow | null;
  eta: { earliest: Instant; latest: Instant; at: Instant } | null;
  why_late: "kitchen" | "no_rider" | "traffic" | "unknown" | null;
  merchant: Position & { name: string };
  dropoff: Position;
  rider: (Position & { heading_deg: number | null; fixed_at: Instant; first_name: string }) | null;
  stops_before: number | null;
  canceled_reason: string | null;
  clock: { now: Instant; rate: number };
  map?: { streets: LonLat[][]; water: LonLat[][]; route: LonLat[] | null } | null;
}

export interface Ticket {
  ticket: string;
  expires_at: Instant;
}

export interface TrackingLink {
  tracking_token: string;
  tracking_url: string;
}

/** RFC 9457 problem details. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail?: string;
}
