import { describe, expect, it } from "vitest";

import { chooseLanguage } from "./choose";
import en from "./en.json";
import zhCN from "./zh-CN.json";

const places = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!).sort();

describe("messages", () => {
  it("exist in both languages, in the same sequence", () => {
    expect(Object.keys(zhCN)).toEqual(Object.keys(en));
  });

  it("have the same places to fill in", () => {
    for (const key of Object.keys(en) as (keyof typeof en)[]) {
      expect(places(zhCN[key]), key).toEqual(places(en[key]));
    }
  });
});

describe("chooseLanguage", () => {
  it("takes the address before the cookie before the browser", () => {
    expect(chooseLanguage("en", "zh-CN", ["zh-CN"])).toBe("en");
    expect(chooseLanguage(null, "en", ["zh-CN"])).toBe("en");
    expect(chooseLanguage(null, null, ["fr", "en-GB"])).toBe("en");
    expect(chooseLanguage("xx", null, ["zh-TW"])).toBe("zh-CN");
  });

  it("speaks Chinese when nobody asked for a language it knows", () => {
    expect(chooseLanguage(null, null, ["fr"])).toBe("zh-CN");
  });
});
