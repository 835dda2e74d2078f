/** Waiting times between attempts to connect: doubling, capped, and spread so that clients do not return at once. */
export class Backoff {
  private attempt = 0;

  constructor(
    private readonly draw: () => number = Math.random,
    private readonly firstMs = 500,
    private readonly mostMs = 15_000,
  ) {}

  /** The next wait: between half and all of `first * 2^n`, at most `mostMs`. */
  nextMs(): number {
    const ceiling = Math.min(this.mostMs, this.firstMs * 2 ** this.attempt);
    this.attempt += 1;
    return Math.round(ceiling * (0.5 + 0.5 * this.draw()));
  }

  reset(): void {
    this.attempt = 0;
  }
}
