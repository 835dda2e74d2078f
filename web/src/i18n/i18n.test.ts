import { describe, expect, it } from "vitest";

import { chooseLanguage } from "./choose";
import { isFamilyName, localName, shortId } from "./names";
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

describe("names", () => {
  it("show the half that fits the language", () => {
    expect(localName("老城黄焖鸡 Old Town Braised Chicken", "en")).toBe("Old Town Braised Chicken");
    expect(localName("老城黄焖鸡 Old Town Braised Chicken", "zh-CN")).toBe("老城黄焖鸡");
    expect(localName("Golden Wok", "zh-CN")).toBe("Golden Wok");
    expect(localName("老街饺子馆 21", "en")).toBe("老街饺子馆 21");
  });

  it("tell a family name alone from a name to call somebody by", () => {
    expect(["刘", "刘洋", "Wei"].filter(isFamilyName)).toEqual(["刘"]);
  });

  it("drop the kind from an id, but keep ids of other systems whole", () => {
    expect(shortId("order-52")).toBe("52");
    expect(shortId("o12")).toBe("o12");
    expect(shortId("A-7-3")).toBe("A-7-3");
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
