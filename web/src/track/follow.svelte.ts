import { ApiClient, ApiError } from "../api/client";
import type { CustomerView, Ticket } from "../api/types";
import { prefersReducedMotion } from "../app/motion";
import type { PositionFrame } from "../live/frames";
import { type Connection, LiveTopic } from "../live/socket";
import { ServerClock } from "../motion/clock";
import { Glide } from "../motion/glide";

const RETRY_MS = 3000;

/** One order, followed by its tracking token. */
export class Follow {
  readonly clock = new ServerClock();
  view = $state.raw<CustomerView | null>(null);
  connection = $state<Connection>("connecting");
  unknown = $state(false);
  /** Where the rider is drawn; null while nobody may see it. */
  rider: Glide | null = null;

  private readonly api = new ApiClient(null);
  private live: LiveTopic<CustomerView, CustomerView> | null = null;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private stopped = false;

  constructor(private readonly token: string) {}

  start(): void {
    void this.load();
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.retry);
    this.live?.close();
  }

  private get path(): string {
    return `/track/${encodeURIComponent(this.token)}`;
  }

  private async load(): Promise<void> {
    try {
      this.take(await this.api.get<CustomerView>(this.path));
    } catch (reason) {
      if (this.stopped) return;
      if (reason instanceof ApiError && reason.status === 404) this.unknown = true;
      else {
        this.connection = "offline";
        this.retry = setTimeout(() => void this.load(), RETRY_MS);
      }
      return;
    }
    if (!this.stopped) this.listen(this.view!.order_id);
  }

  private listen(orderId: string): void {
    this.live = new LiveTopic<CustomerView, CustomerView>(
      `order:${orderId}`,
      async () => (await this.api.post<Ticket>(`${this.path}/ticket`)).ticket,
      {
        connection: (state) => {
          this.connection = state;
          if (state === "refused") this.unknown = true;
        },
        hello: ({ now, rate }) => this.clock.set(Date.parse(now), rate),
        snapshot: ({ data }) => this.take(data),
        state: ({ data }) => {
          const changed = data.state !== this.view?.state;
          this.take(data);
          if (changed) void this.loadRoute();
        },
        position: (frame) => this.move(frame),
      },
    );
    this.live.open();
  }

  /** Frames leave the map out: it stays what it was. */
  private take(view: CustomerView): void {
    const map = view.map ?? this.view?.map;
    this.view = map ? { ...view, map } : view;
    if (!this.clock.isKnown) this.clock.set(Date.parse(view.clock.now), view.clock.rate);
    this.placeRider(view);
  }

  /** The planned way is known once a rider is, and only a whole view carries it. */
  private async loadRoute(): Promise<void> {
    const view = await this.api.get<CustomerView>(this.path).catch(() => null);
    if (view === null || this.stopped || this.view === null) return;
    this.view = { ...this.view, map: view.map ?? this.view.map };
    this.rider?.setPath(view.map?.route ?? [], performance.now());
  }

  private placeRider(view: CustomerView): void {
    const { rider } = view;
    if (rider === null) {
      this.rider = null;
      return;
    }
    const now = performance.now();
    const position = { lon: rider.lon, lat: rider.lat, headingDeg: rider.heading_deg };
    if (this.rider === null) {
      this.rider = new Glide(position, Date.parse(rider.fixed_at));
      this.rider.setPath(this.view?.map?.route ?? [], now);
    } else this.rider.hear(position, Date.parse(rider.fixed_at), now, prefersReducedMotion());
  }

  private move(frame: PositionFrame): void {
    const position = { lon: frame.lon, lat: frame.lat, headingDeg: frame.heading_deg };
    this.rider?.hear(position, frame.fixed_at_ms, performance.now(), prefersReducedMotion());
  }
}
