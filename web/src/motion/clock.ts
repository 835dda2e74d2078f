/** The server's clock between two frames: it runs at `rate` and never visibly goes back. */
export class ServerClock {
  private anchorServerMs = 0;
  private anchorLocalMs = 0;
  private known = false;
  rate = 1;

  constructor(private readonly localNow: () => number = () => performance.now()) {}

  get isKnown(): boolean {
    return this.known;
  }

  /** Take the server's word, for example of a `hello`. */
  set(serverMs: number, rate: number): void {
    this.rate = rate;
    this.anchor(serverMs);
  }

  /** Lean towards the stamp of a frame; jump only when it is more than two wall seconds away. */
  hear(serverMs: number): void {
    if (!this.known) return;
    const off = serverMs - this.now();
    if (Math.abs(off) > 2000 * this.rate) this.anchor(serverMs);
    // Frames arrive late, never early: a stamp ahead of us is surely right, one behind us may just have waited.
    else this.anchor(this.now() + off * (off > 0 ? 0.5 : 0.02));
  }

  /** Unix ms of the server's (simulated) time now. */
  now(): number {
    return this.anchorServerMs + (this.localNow() - this.anchorLocalMs) * this.rate;
  }

  private anchor(serverMs: number): void {
    this.anchorServerMs = serverMs;
    this.anchorLocalMs = this.localNow();
    this.known = true;
  }
}
