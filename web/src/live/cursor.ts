/** How far one topic has been read: resumes after a lost connection without gap or double. */

export interface Subscribe {
  sub: true;
  topic: string;
  epoch: string | null;
  since: number | null;
}

/** What to do with a state frame: apply it, drop it as already seen, or subscribe again because one is missing. */
export type Verdict = "apply" | "seen" | "gap";

export class TopicCursor {
  private epoch: string | null = null;
  private seq: number | null = null;

  constructor(readonly topic: string) {}

  /** The message that subscribes from where reading stopped. */
  subscribe(): Subscribe {
    return { sub: true, topic: this.topic, epoch: this.epoch, since: this.seq };
  }

  /** A snapshot replaces whatever was known. */
  reset(epoch: string, seq: number): void {
    this.epoch = epoch;
    this.seq = seq;
  }

  judge(frame: { epoch: string; seq: number }): Verdict {
    if (this.epoch === null || this.seq === null || frame.epoch !== this.epoch) return "gap";
    if (frame.seq <= this.seq) return "seen";
    if (frame.seq !== this.seq + 1) return "gap";
    this.seq = frame.seq;
    return "apply";
  }
}
