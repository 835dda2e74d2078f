import { describe, expect, it } from "vitest";

import { Backoff } from "./backoff";
import { TopicCursor } from "./cursor";

const frame = (seq: number, epoch = "e1") => ({ epoch, seq });

describe("TopicCursor", () => {
  it("asks for everything at first", () => {
    expect(new TopicCursor("fleet:all").subscribe()).toEqual({
      sub: true,
      topic: "fleet:all",
      epoch: null,
      since: null,
    });
  });

  it("resumes after the last frame that it applied", () => {
    const cursor = new TopicCursor("fleet:all");
    cursor.reset("e1", 7);
    expect(cursor.judge(frame(8))).toBe("apply");
    expect(cursor.subscribe()).toMatchObject({ epoch: "e1", since: 8 });
  });

  it("drops what it has seen, so that nothing is applied twice", () => {
    const cursor = new TopicCursor("fleet:all");
    cursor.reset("e1", 7);
    expect([7, 8, 8, 9].map((seq) => cursor.judge(frame(seq)))).toEqual(["seen", "apply", "seen", "apply"]);
  });

  it("notices a missing frame and stays before it", () => {
    const cursor = new TopicCursor("fleet:all");
    cursor.reset("e1", 7);
    expect(cursor.judge(frame(9))).toBe("gap");
    expect(cursor.subscribe()).toMatchObject({ since: 7 });
  });

  it("does not mix two generations of a stream", () => {
    const cursor = new TopicCursor("fleet:all");
    cursor.reset("e1", 7);
    expect(cursor.judge(frame(8, "e2"))).toBe("gap");
    cursor.reset("e2", 1);
    expect(cursor.judge(frame(2, "e2"))).toBe("apply");
  });
});

describe("Backoff", () => {
  it("doubles up to a limit, and starts anew after a success", () => {
    const backoff = new Backoff(() => 1, 500, 3000);
    expect([1, 2, 3, 4, 5].map(() => backoff.nextMs())).toEqual([500, 1000, 2000, 3000, 3000]);
    backoff.reset();
    expect(backoff.nextMs()).toBe(500);
  });

  it("spreads clients over the second half of the wait", () => {
    expect(new Backoff(() => 0, 1000).nextMs()).toBe(500);
  });
});
