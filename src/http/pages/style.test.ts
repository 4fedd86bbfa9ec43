import { expect, test } from "vitest";
import { ASSETS, CONTENT_SECURITY_POLICY, stylesheet } from "./style.ts";

/** WCAG 2.2 relative luminance and contrast of two #rrggbb colours. */
function contrast(one: string, other: string): number {
  const luminance = (colour: string) => {
    const [r = 0, g = 0, b = 0] = [1, 3, 5]
      .map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255)
      .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

const schemes = stylesheet.text
  .split("prefers-color-scheme: dark")
  .slice(0, 2)
  .map((part) => Object.fromEntries([...part.matchAll(/--(\w+): (#[0-9a-f]{6})/g)].map(([, name, colour]) => [name, colour ?? ""])));

test.each([
  ["light", 0],
  ["dark", 1],
] as const)("text of the %s scheme stands out 4.5:1 and more on both grounds", (_, index) => {
  const colours = schemes[index] ?? {};
  for (const text of ["ink", "quiet", "accent"])
    for (const ground of ["paper", "tint"]) expect(contrast(colours[text] ?? "", colours[ground] ?? "")).toBeGreaterThanOrEqual(4.5);
});

test("the measure itself: grey on white fails, black on white is 21:1", () => {
  expect(contrast("#999999", "#ffffff")).toBeLessThan(4.5);
  expect(contrast("#000000", "#ffffff")).toBeCloseTo(21);
});

test("assets are named by what they hold and load nothing from elsewhere", () => {
  for (const { path, text } of ASSETS) {
    expect(path).toMatch(/^\/assets\/[a-z]+-[0-9a-f]{12}\.(css|svg)$/);
    expect(text).not.toMatch(/@import|url\(|<script/);
  }
  expect(CONTENT_SECURITY_POLICY).not.toContain("unsafe");
});
