import { ApiClient } from "../api/client";
import type { FleetChange, FleetView, OrderView, RiderView, Ticket } from "../api/types";
import { prefersReducedMotion } from "../app/motion";
import type { PositionRow } from "../live/frames";
import { type Connection, LiveTopic } from "../live/socket";
import { ServerClock } from "../motion/clock";
import { Glide } from "../motion/glide";
import { applyChange, emptyFleet, type Fleet, fleetFrom } from "./fleet";
import { riderIsSilent } from "./urgency";

/** Lists and figures follow at this pace; the map draws every frame. */
const TICK_MS = 250;

/**
 * The live fleet of one city, for components.
 *
 * Frames change plain maps at once; `version` and `nowMs` tell components at most four times a second, so that a
 * busy city costs no more to show than a calm one.
 */
export class FleetStore {
  readonly clock = new ServerClock();
  readonly glides = new Map<string, Glide>();
  fleet: Fleet = emptyFleet();
  version = $state(0);
  nowMs = $state(0);
  rate = $state(1);
  connection = $state<Connection>("connecting");
  /** Riders whose phone has gone quiet. */
  silent = $state.raw<ReadonlySet<string>>(new Set());

  private dirty = false;
  private timer: ReturnType<typeof setInterval> | undefined;
  private readonly live: LiveTopic<FleetView, FleetChange>;

  constructor(readonly api: ApiClient) {
    this.live = new LiveTopic<FleetView, FleetChange>(
      "fleet:all",
      async () => (await api.post<Ticket>("/live/tickets")).ticket,
      {
        connection: (state) => (this.connection = state),
        hello: ({ now, rate }) => {
          this.rate = rate;
          this.clock.set(Date.parse(now), rate);
        },
        snapshot: ({ at, data }) => this.replace(at, data),
        state: ({ at, data }) => this.change(at, data),
        positions: ({ at, riders }) => this.move(at, riders),
      },
    );
  }

  start(): void {
    this.timer = setInterval(() => this.tick(), TICK_MS);
    this.live.open();
  }

  stop(): void {
    clearInterval(this.timer);
    this.live.close();
  }

  /** Take views that the API answered, for example of ended orders. */
  learn(orders: readonly OrderView[]): void {
    for (const order of orders) applyChange(this.fleet, { order });
    this.dirty = true;
  }

  /** The newest device stamp of a rider's position. */
  fixedAtMs(riderId: string): number | null {
    return this.glides.get(riderId)?.fixedAtMs ?? null;
  }

  private replace(at: string, view: FleetView): void {
    this.clock.hear(Date.parse(at));
    this.fleet = fleetFrom(view, this.fleet);
    for (const rider of view.riders) this.placeRider(rider);
    for (const id of this.glides.keys()) if (!this.fleet.riders.has(id)) this.glides.delete(id);
    this.dirty = true;
    this.tick();
  }

  private change(at: string, change: FleetChange): void {
    this.clock.hear(Date.parse(at));
    applyChange(this.fleet, change);
    if (change.rider) this.placeRider(change.rider);
    this.dirty = true;
  }

  private move(at: string, rows: readonly PositionRow[]): void {
    this.clock.hear(Date.parse(at));
    const now = performance.now();
    const jump = prefersReducedMotion();
    for (const [id, lon, lat, headingDeg, fixedAtMs] of rows) {
      this.glides.get(id)?.hear({ lon, lat, headingDeg }, fixedAtMs, now, jump);
    }
  }

  private placeRider(rider: RiderView): void {
    const now = performance.now();
    const fixedAtMs = rider.fixed_at === null ? null : Date.parse(rider.fixed_at);
    const position = { lon: rider.lon, lat: rider.lat, headingDeg: rider.heading_deg };
    let glide = this.glides.get(rider.rider_id);
    if (glide === undefined) {
      glide = new Glide(position, fixedAtMs);
      this.glides.set(rider.rider_id, glide);
    } else glide.hear(position, fixedAtMs, now, prefersReducedMotion());
    glide.setPath(rider.route, now);
  }

  private tick(): void {
    if (this.clock.isKnown) this.nowMs = this.clock.now();
    const silent = [...this.fleet.riders.values()]
      .filter((rider) => riderIsSilent(rider, this.fixedAtMs(rider.rider_id), this.nowMs, this.rate))
      .map((rider) => rider.rider_id);
    if (silent.length !== this.silent.size || silent.some((id) => !this.silent.has(id))) {
      this.silent = new Set(silent);
    }
    if (this.dirty) {
      this.dirty = false;
      this.version += 1;
    }
  }
}
