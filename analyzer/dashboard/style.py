"""The style of what markup.py makes: the colours of the HTML report, light and dark as Streamlit's theme says."""

from __future__ import annotations

STYLE = """
.pp {
  --panel: light-dark(#f5f6f8, #1d2127); --line: light-dark(#d0d5db, #3a414a);
  --text: light-dark(#1b1f24, #e6e8eb); --muted: light-dark(#57606a, #a9b1bb); --link: light-dark(#0b4fb3, #9ec1ff);
  --on-strong: light-dark(#ffffff, #14171c); --found: light-dark(#ffe58a, #6b5600);
  --near: light-dark(#e2f3e4, #1d3a26); --near-edge: light-dark(#2e7d46, #6fbf86);
  color: var(--text); overflow-wrap: break-word;
  & .endorses { --tint: light-dark(#dbeafe, #16305c); --strong: light-dark(#1d4ed8, #93c5fd); --edge: solid; }
  & .criticises { --tint: light-dark(#ffe3c7, #4d2a08); --strong: light-dark(#9a4a00, #fdba74); --edge: dashed; }
  & .mentions { --tint: light-dark(#e8eaed, #33383f); --strong: light-dark(#4b5563, #c3c9d1); --edge: dotted; }
  & .raises { --tint: light-dark(#eadcf8, #3b1f5c); --strong: light-dark(#6b21a8, #d8b4fe); --edge: double; }
  & .rejects { --tint: light-dark(#cdeeea, #0c413d); --strong: light-dark(#0b5f5a, #5eead4); --edge: groove; }
  & a { color: var(--link); }
  & a:focus-visible, & summary:focus-visible, & [data-press]:focus-visible {
    outline: 3px solid var(--link); outline-offset: 2px;
  }
  & h2 { font-size: 1.3rem; padding: 0; margin: .2rem 0 .3rem; scroll-margin-top: 4.5rem; }
  & h3 { font-size: 1.05rem; padding: 0; margin: 1.4rem 0 .5rem; }
  & p { margin: .3rem 0; } & ul { padding-left: 1.2rem; margin: .3rem 0; }
  & .muted { color: var(--muted); font-size: .88rem; font-weight: 400; }
  & .vh { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
  & table { border-collapse: collapse; width: 100%; font-size: .93rem; color: inherit; }
  & th, & td { text-align: left; vertical-align: top; padding: .5rem .6rem; }
  & th, & td { border: 0; border-bottom: 1px solid var(--line); }
  & thead th { color: var(--muted); font-weight: 600; font-size: .83rem; }
  & tbody th { font-weight: 600; min-width: 9rem; }
  & .wide { overflow-x: auto; }
  & .halves { table-layout: fixed; } & .about { font-weight: 400; font-size: .92rem; }
  & td[data-label="Best quotation"] { overflow-wrap: anywhere; min-width: 15rem; }
  & .quotation { color: inherit; text-decoration: underline dotted var(--muted); }
  & .status { white-space: nowrap; border: 1px solid var(--line); border-radius: 4px; padding: 0 .4em; }
  & .status { font-size: .85rem; font-weight: 400; }
  & .legend { display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; font-size: .9rem; }
  & .swatch { display: inline-block; width: .8em; height: .8em; border: 1px solid #8a939e; margin-right: .4em; }
  & .stance { color: var(--strong); font-weight: 600; }
  & .omitted { columns: 18rem; }
  & .gaps { list-style: none; padding: 0; }
  & .gaps > li { border-left: 4px solid var(--line); padding: .1rem 0 .1rem .9rem; margin: .9rem 0; }
  & .chip {
    display: inline-block; background: var(--strong); color: var(--on-strong); border-radius: 999px; padding: 0 .55em;
    font: .78rem/1.5 system-ui, sans-serif; text-decoration: none; white-space: nowrap; position: relative;
  }
  & .chips .chip { margin-left: .25em; }
  & .para { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 20rem); gap: 0 2rem; }
  & .text, & .card { overflow-wrap: anywhere; }
  & .text, & blockquote { font-family: Georgia, "Noto Serif", serif; }
  & .text { margin: 0 0 1rem; max-width: 44rem; font-size: 1.06rem; line-height: 1.7; }
  & .passed-over { color: var(--muted); font-size: .9rem; white-space: pre-line; }
  & .s { background: var(--tint); border-bottom: 3px var(--edge) var(--strong); padding: .1em 0; }
  & .s u, & .words u { text-decoration: underline 2px var(--strong); text-underline-offset: .2em; font-weight: 600; }
  & mark, & .found { background: var(--found); color: inherit; border-radius: 2px; }
  & .near { background: var(--near); }
  & article .near, & article .near .s { box-shadow: 0 -2px 0 var(--near-edge); } /* stances have the ground there */
  & .shades > * { padding: 0 .4em; }
  & .contents button {
    font: inherit; color: var(--link); background: none; border: 0; padding: 0; text-align: start; cursor: pointer;
    text-decoration: underline;
  }
  & .contents table { font-size: .88rem; } & .contents tbody th { font-weight: 400; width: 70%; }
  & .contents td { font-variant-numeric: tabular-nums; } & .contents [data-label="date"] { white-space: nowrap; }
  & .contents td, & .contents tbody th { padding: .3rem .5rem; } & .contents thead th { padding: .3rem .5rem; }
  & .facet h3 { margin: .8rem 0 .1rem; } & .facet ul { list-style: none; padding: 0; font-size: .9rem; }
  & .facet li { display: flex; justify-content: space-between; gap: .8rem; }
  & .card {
    background: var(--panel); border-left: 4px var(--edge, solid) var(--strong, var(--line)); border-radius: 4px;
    margin: 0 0 .4rem; padding: .35rem .7rem; font-size: .92rem;
  }
  & .card summary { cursor: pointer; }
  & .verbs button {
    font: inherit; font-size: .85rem; color: inherit; background: none; border: 1px solid var(--muted); cursor: pointer;
    border-radius: 4px; padding: .1rem .5rem; margin: .2rem .4rem .2rem 0;
  }
  & .verbs button:hover { border-color: var(--link); color: var(--link); }
  & .verbs button:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
  & .card.struck summary, & s .chip { text-decoration: line-through; }
  & .card.struck { border-left-color: var(--line); border-left-style: solid; color: var(--muted); }
  & .s.struck { border-bottom: 1px dotted var(--muted); } & s .chip { opacity: .6; }
  & .reviewed { border: 1px solid var(--muted); border-radius: 4px; padding: 0 .35em; font-size: .8rem; }
  & .mark { color: var(--strong); }
  & blockquote { margin: .4rem 0; padding: 0; border: 0; font-size: 1rem; line-height: 1.55; color: inherit; }
  & .card dl { margin: .5rem 0; } & .card dd { margin: 0 0 .35rem; }
  & .card dt { color: var(--muted); font-size: .83rem; }
  & .ways a { margin-right: 1rem; }
  & :target { outline: 3px solid var(--link); outline-offset: 3px; border-radius: 3px; }
}
@media (max-width: 60rem) { .pp .para { display: block; } .pp .notes { margin: -.4rem 0 1.4rem; } }
@media (max-width: 44rem) {
  .pp thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .pp table, .pp tbody, .pp tr, .pp td, .pp tbody th { display: block; width: auto; }
  .pp tr { border-bottom: 2px solid var(--line); padding: .5rem 0; }
  .pp td, .pp tbody th { border: 0; padding: .15rem 0; }
  .pp td { display: grid; grid-template-columns: 7.5rem minmax(0, 1fr); gap: .5rem; }
  .pp .contents tbody th { width: auto; } .pp .contents td { display: inline-flex; margin-right: 1.1rem; }
  .pp td::before { content: attr(data-label); color: var(--muted); font-size: .83rem; }
}
@media (min-width: 60rem) { [data-testid="stMainBlockContainer"] { padding: 3.5rem 3rem; } }
@media (min-width: 44rem) { /* on a telephone it would hide half of the text */
  [data-testid="stLayoutWrapper"]:has(> .st-key-reading-bar) { position: sticky; top: 3.75rem; z-index: 5; }
}
.st-key-reading-bar { gap: .3rem; }
.st-key-reading-bar { background: light-dark(#ffffff, #14171c); padding: .4rem 0; width: 100%; }
[data-testid="stVegaLiteChart"] { overflow-x: auto; max-width: 100%; }
/* The CSV of a chart's own table is not safe from formulas; the pages offer one that is. */
button[aria-label^="Show data"] { display: none; }
"""
