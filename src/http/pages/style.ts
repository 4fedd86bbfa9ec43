/**
 * The look: a printed cultural calendar. Black ink, one spot colour, serif headings, hairlines, much white.
 * One sheet for all pages, served under a name that holds its hash, so that it may be cached for ever.
 *
 * Colours keep a contrast of 4.5:1 and more in both schemes (style.test.ts computes it).
 */
import { createHash } from "node:crypto";

/** A file that the pages refer to: served at `path` (under the node's base) as `type`, immutable. */
export interface Asset {
  path: string;
  type: string;
  text: string;
}

const css = `
:root {
  color-scheme: light dark;
  --paper: #fdfdfb; --ink: #1a1c22; --quiet: #565b67; --rule: #d8d8d2; --accent: #2036a6; --tint: #f0f1f9;
  --serif: "Iowan Old Style", Charter, "Palatino Linotype", Palatino, "Source Serif 4", Georgia, "Liberation Serif", serif;
  --sans: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Liberation Sans", Arial, sans-serif;
  --mono: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
}
@media (prefers-color-scheme: dark) {
  :root { --paper: #15171c; --ink: #e8e7e2; --quiet: #a4a9b5; --rule: #343842; --accent: #b3c0ff; --tint: #1f222c; }
}
*, ::before, ::after { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0 auto; max-width: 68rem; padding: 0 1.25rem; background: var(--paper); color: var(--ink); font: 1.0625rem/1.6 var(--sans); overflow-wrap: break-word; }
h1, h2, h3, h4, .site-name, .date-block b { font-family: var(--serif); font-weight: 600; line-height: 1.15; text-wrap: balance; }
h1 { font-size: clamp(2rem, 1.4rem + 2.8vw, 3.25rem); letter-spacing: -.015em; margin: 0 0 1rem; }
h2 { font-size: 1.5rem; margin: 3rem 0 1rem; }
h3 { font-size: 1.2rem; margin: 1.5rem 0 .25rem; }
h4 { font-size: 1.1rem; margin: 1rem 0 .25rem; }
p { margin: 0 0 1rem; max-width: 38em; }
a { color: var(--accent); overflow-wrap: anywhere; text-decoration-thickness: 1px; text-underline-offset: .18em; }
a:hover { text-decoration-thickness: 2px; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 2px; }
main:focus { outline: none; }
ul, ol { padding: 0; margin: 0; list-style: none; }
li::marker { content: ""; }
code, pre { font: .875em/1.5 var(--mono); }
code { overflow-wrap: anywhere; }
pre { background: var(--tint); padding: .9rem 1rem; overflow-x: auto; margin: .5rem 0 1rem; border-radius: 3px; }
time, .nowrap { font-variant-numeric: tabular-nums; }
summary { cursor: pointer; color: var(--accent); padding: .3rem 0; }
details > :not(summary) { margin-left: 1rem; }
.unseen, .skip:not(:focus) { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.skip:focus { position: absolute; left: 1rem; top: .5rem; padding: .5rem 1rem; background: var(--paper); }
.quiet, .eyebrow { color: var(--quiet); }
.lead { font-size: 1.2rem; line-height: 1.5; }

header.site { display: flex; flex-wrap: wrap; align-items: baseline; justify-content: space-between; gap: .25rem 2rem; padding: 1.4rem 0 .9rem; border-bottom: 3px solid var(--ink); margin-bottom: clamp(2rem, 6vw, 4rem); }
.site-name { font-size: 1.3rem; color: inherit; text-decoration: none; }
header.site ul { display: flex; gap: 1.5rem; }
header.site a { overflow-wrap: normal; }
header.site nav a { display: block; padding: .3rem 0; color: inherit; text-decoration: none; border-bottom: 2px solid transparent; }
header.site nav a:hover { border-color: currentColor; }
header.site nav a[aria-current] { border-color: var(--accent); color: var(--accent); }
.search-box { display: flex; gap: .4rem; }
.search-box input, .search-box button { font: inherit; color: inherit; background: var(--paper); border: 1px solid var(--quiet); border-radius: 2px; padding: 0 .7rem; height: 2.5rem; min-width: 0; }
.search-box input { flex: 1; }
.search-box ::placeholder { color: var(--quiet); opacity: 1; }
.search-box button { background: var(--accent); border-color: var(--accent); color: var(--paper); cursor: pointer; font-weight: 600; }
header.site nav { margin-left: auto; }
header.site .search-box { flex: 0 1 22rem; align-self: center; }
main .search-box { max-width: 42rem; margin: 1.5rem 0 1rem; }
main .search-box input, main .search-box button { height: 3.25rem; font-size: 1.15rem; }
footer.site { margin-top: 5rem; padding: 1.25rem 0 3rem; border-top: 1px solid var(--rule); color: var(--quiet); font-size: .9375rem; }

.eyebrow { margin: 0 0 .5rem; font-size: .9375rem; }
.notices { margin: 0 0 2rem; display: grid; gap: .5rem; }
.notice { border: 1px solid var(--rule); border-left: 6px solid var(--quiet); padding: .7rem 1rem; max-width: 42rem; }
.notice.warning { border-color: var(--ink); background: var(--tint); }
.notice strong { font-family: var(--serif); font-size: 1.15rem; margin-right: .35rem; }

.facts { margin: 0; }
.facts > div { border-top: 1px solid var(--rule); padding: .8rem 0; }
.facts dt { font-size: .875rem; color: var(--quiet); }
.facts dd { margin: 0; }
.facts dd p, .facts dd ul { margin: 0 0 .25rem; }
.facts .strong { font-family: var(--serif); font-size: 1.2rem; line-height: 1.35; }
.dates li { padding: .15rem 0; font-size: .9375rem; }
.masthead { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: 0 1.5rem; margin-bottom: 1.5rem; }
.masthead h1 { margin: 0; }
.masthead .date-block { width: 5.25rem; font-size: .9375rem; padding: .5rem 0 .6rem; margin-top: .25rem; }
.masthead .date-block b { font-size: 2.5rem; }
.entity { display: grid; grid-template-columns: minmax(0, 1fr); gap: 2rem clamp(2rem, 6vw, 5rem); }
.entity > div > h2:first-child { margin-top: 0; }
.entity img { display: block; max-width: 100%; height: auto; max-height: 28rem; margin: 0 0 1.5rem; background: var(--tint); font-size: .875rem; color: var(--quiet); }
@media (min-width: 50rem) { .entity { grid-template-columns: minmax(16rem, 21rem) minmax(0, 1fr); } }
.inline { display: flex; flex-wrap: wrap; gap: .35rem 1.25rem; margin-bottom: 1rem; }
.inline.tight { gap: .35rem .5rem; }
.inline.tight a { display: block; border: 1px solid var(--rule); border-radius: 2px; padding: .1rem .6rem; text-decoration: none; }
.inline.tight a:hover { border-color: currentColor; }
.sources li, .sources p, .data p { font-size: .9375rem; margin-bottom: .5rem; }

.month > h2, .month > h3 { margin: 3rem 0 0; padding-bottom: .5rem; border-bottom: 1px solid var(--ink); font-size: 1.5rem; }
.month > h3 { margin-top: 1.75rem; font-size: 1.125rem; font-weight: 400; color: var(--quiet); border-color: var(--rule); }
.event { display: grid; grid-template-columns: 3.75rem minmax(0, 1fr); gap: 1.1rem; padding: 1.1rem 0; border-bottom: 1px solid var(--rule); }
.event h2, .event h3, .event h4 { font-size: 1.2rem; line-height: 1.3; margin: 0 0 .15rem; }
.event h2 a, .event h3 a, .event h4 a { color: inherit; text-decoration: none; }
.event :is(h2, h3, h4) a:hover { color: var(--accent); text-decoration: underline; text-decoration-thickness: 1px; }
.event p { margin: 0; font-size: .9375rem; color: var(--quiet); max-width: none; }
.event .when { color: var(--ink); }
.struck :is(h2, h3, h4) a { text-decoration: line-through; text-decoration-thickness: 1px; }
.tag { border: 1px solid currentColor; border-radius: 2px; padding: 0 .35rem; font-size: .875rem; font-weight: 600; margin-right: .3rem; }
.date-block { text-align: center; border-top: 4px solid var(--accent); background: var(--tint); padding: .35rem 0 .45rem; align-self: start; line-height: 1.2; font-size: .8125rem; color: var(--quiet); }
.date-block span { display: block; }
.date-block b { display: block; font-size: 1.75rem; line-height: 1.1; color: var(--ink); font-variant-numeric: lining-nums; }

.filters { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(9rem, 100%), 1fr)); gap: .9rem 1.1rem; align-items: end; padding: 1.25rem; background: var(--tint); }
.filters label { display: block; font-size: .875rem; color: var(--quiet); }
.filters input, .filters select, .filters button { width: 100%; font: inherit; color: inherit; background: var(--paper); border: 1px solid var(--quiet); border-radius: 2px; padding: .45rem .6rem; height: 2.75rem; min-width: 0; }
.filters button { background: var(--accent); border-color: var(--accent); color: var(--paper); cursor: pointer; font-weight: 600; }
.filters ~ .events { margin-top: 1.5rem; }
.active { margin: 1rem 0 0; }
.pager { display: flex; gap: 2rem; margin-top: 2rem; font-family: var(--serif); font-size: 1.2rem; }
.counts { display: flex; flex-wrap: wrap; gap: 1rem 3rem; margin: 2rem 0 0; }
.counts div { display: flex; flex-direction: column-reverse; }
.counts dd { margin: 0; font: 600 2rem/1.1 var(--serif); font-variant-numeric: lining-nums; }
.counts dt { color: var(--quiet); font-size: .9375rem; }
.links li { padding: .3rem 0; }

.operation { border-top: 1px solid var(--rule); padding: .5rem 0 1rem; }
.operation h3 { font-family: var(--mono); font-size: 1rem; overflow-wrap: anywhere; }
.operation h3 b { color: var(--accent); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: .9375rem; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .4rem 1rem .4rem 0; border-bottom: 1px solid var(--rule); }
th { font-weight: 600; }
td p { margin: 0; }
.schema ul { border-left: 1px solid var(--rule); padding-left: 1rem; margin: .2rem 0; }
.toc { columns: 16rem; column-gap: 2rem; font-size: .9375rem; margin-bottom: 2rem; }
.toc li { break-inside: avoid; padding: .1rem 0; overflow-wrap: anywhere; }

@media (prefers-reduced-motion: no-preference) { a, .inline.tight a { transition: color .12s, border-color .12s; } }
@media (max-width: 40rem) { .masthead { gap: 0 1rem; } .masthead .date-block { width: 4rem; font-size: .8125rem; } .masthead .date-block b { font-size: 2rem; } }
@media (max-width: 45rem) { header.site .search-box { flex: 1 1 100%; margin-top: .4rem; } }
@media (max-width: 30rem) { .event { grid-template-columns: 3.25rem minmax(0, 1fr); gap: .9rem; } .filters { margin: 0 -1.25rem; } }
@media print { .skip, nav, .search-box, .filters, .pager { display: none; } a { color: inherit; } }
`;

const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect x="3" y="3" width="26" height="26" rx="2" fill="#fdfdfb" stroke="#2036a6" stroke-width="2"/><rect x="3" y="3" width="26" height="8" fill="#2036a6"/><circle cx="16" cy="20" r="4" fill="#1a1c22"/></svg>`;

function asset(name: string, extension: string, type: string, text: string): Asset {
  return { path: `/assets/${name}-${createHash("sha256").update(text).digest("hex").slice(0, 12)}.${extension}`, type, text };
}

export const stylesheet: Asset = asset("style", "css", "text/css; charset=utf-8", css.trimStart());
export const icon: Asset = asset("icon", "svg", "image/svg+xml", svg);
/** All that the http room serves for the pages, each immutable. */
export const ASSETS: readonly Asset[] = [stylesheet, icon];
/** The policy under which every page works: no script runs at all, pictures may come from the sources' hosts. */
export const CONTENT_SECURITY_POLICY =
  "default-src 'none'; style-src 'self'; img-src 'self' https: http:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
