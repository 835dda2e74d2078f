import { Backoff } from "./backoff";
import { TopicCursor } from "./cursor";
import type { Frame, HelloFrame, PositionFrame, PositionsFrame, SnapshotFrame, StateFrame } from "./frames";

export type Connection = "connecting" | "live" | "offline" | "refused";

export interface Listener<S, D> {
  connection(state: Connection): void;
  hello?(frame: HelloFrame): void;
  snapshot(frame: SnapshotFrame<S>): void;
  state(frame: StateFrame<D>): void;
  positions?(frame: PositionsFrame): void;
  position?(frame: PositionFrame): void;
}

/** A connection is checked this often, and given up when nothing came for twice as long. */
const CHECK_MS = 10_000;
/** The server says that this client may not subscribe. */
const REFUSED = 4003;

/**
 * One topic followed over WebSocket, for as long as the page is open.
 *
 * Each attempt takes a fresh single-use ticket. After a loss it subscribes from the last frame seen, so that the
 * server sends what was missed, or a new snapshot when it no longer can.
 */
export class LiveTopic<S, D> {
  private readonly cursor: TopicCursor;
  private readonly backoff = new Backoff();
  private socket: WebSocket | null = null;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private check: ReturnType<typeof setInterval> | undefined;
  private heardAt = 0;
  private closed = false;

  constructor(
    topic: string,
    private readonly takeTicket: () => Promise<string>,
    private readonly listener: Listener<S, D>,
  ) {
    this.cursor = new TopicCursor(topic);
  }

  open(): void {
    addEventListener("online", this.reconnectNow);
    addEventListener("offline", this.drop);
    this.check = setInterval(() => this.checkAlive(), CHECK_MS);
    void this.connect();
  }

  close(): void {
    this.closed = true;
    removeEventListener("online", this.reconnectNow);
    removeEventListener("offline", this.drop);
    clearInterval(this.check);
    clearTimeout(this.retry);
    this.socket?.close();
  }

  private readonly reconnectNow = (): void => {
    clearTimeout(this.retry);
    if (this.socket === null && !this.closed) void this.connect();
  };

  private readonly drop = (): void => {
    this.socket?.close();
    this.lost();
  };

  private async connect(): Promise<void> {
    clearTimeout(this.retry);
    this.listener.connection("connecting");
    let ticket: string;
    try {
      ticket = await this.takeTicket();
    } catch (error) {
      const refused = (error as { status?: number }).status;
      if (refused === 401 || refused === 403 || refused === 404) this.listener.connection("refused");
      else this.lost();
      return;
    }
    if (this.closed || this.socket !== null) return;
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${location.host}/live?ticket=${encodeURIComponent(ticket)}`);
    this.socket = socket;
    socket.onopen = () => {
      this.heardAt = performance.now();
      socket.send(JSON.stringify(this.cursor.subscribe()));
    };
    socket.onmessage = (message) => this.receive(JSON.parse(message.data as string) as Frame<S, D>);
    socket.onclose = (event) => {
      if (this.socket !== socket) return;
      if (event.code === REFUSED) {
        this.socket = null;
        this.listener.connection("refused");
      } else this.lost();
    };
  }

  private lost(): void {
    this.socket = null;
    if (this.closed) return;
    this.listener.connection("offline");
    clearTimeout(this.retry);
    this.retry = setTimeout(() => void this.connect(), this.backoff.nextMs());
  }

  private checkAlive(): void {
    if (this.socket?.readyState !== WebSocket.OPEN) return;
    if (performance.now() - this.heardAt > 2 * CHECK_MS) this.drop();
    else this.socket.send(JSON.stringify({ ping: Math.round(performance.now()) }));
  }

  private receive(frame: Frame<S, D>): void {
    this.heardAt = performance.now();
    switch (frame.t) {
      case "hello":
        this.listener.hello?.(frame);
        break;
      case "snapshot":
        this.cursor.reset(frame.epoch, frame.seq);
        this.ready();
        this.listener.snapshot(frame);
        break;
      case "resumed":
        this.ready();
        break;
      case "state":
        this.receiveState(frame);
        break;
      case "positions":
        this.listener.positions?.(frame);
        break;
      case "position":
        this.listener.position?.(frame);
        break;
      case "error":
        if (frame.status === 403 || frame.status === 404) this.listener.connection("refused");
        break;
      case "pong":
        break;
    }
  }

  private ready(): void {
    this.backoff.reset();
    this.listener.connection("live");
  }

  private receiveState(frame: StateFrame<D>): void {
    const verdict = this.cursor.judge(frame);
    if (verdict === "apply") this.listener.state(frame);
    else if (verdict === "gap") this.socket?.send(JSON.stringify(this.cursor.subscribe()));
  }
}
