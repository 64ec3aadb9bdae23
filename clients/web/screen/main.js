// `/screen`: the operator's branch as a wall (dark, no scroll) or as a page of work with tabs (work.js).

import { Button, Field, ListState, OfflineBar, html, useEffect, useMemo, useNow, useState, useStore } from "../shared/components.js";
import { t } from "../shared/i18n.js";
import { Who, startStaffPage } from "../shared/signin.js";
import { openBoard } from "./board.js";
import { Cartogram } from "./cartogram.js";
import { Rooms } from "./rooms.js";
import { Totals } from "./totals.js";
import { filled } from "./tree.js";
import { TABS, Work } from "./work.js";

const WALL = "(min-width: 1200px) and (min-height: 640px)";

function App({ link, account, who, scopes }) {
  const roots = useMemo(() => [...new Set(scopes.map((grant) => grant.scope))], []);
  const [root, setRoot] = useState(roots[0]);
  return html`<${Board} key=${root} ...${{ link, account, who, roots, root }} onRoot=${setRoot} />`;
}

function Board({ link, account, who, roots, root, onRoot }) {
  const board = useMemo(() => openBoard({ link, root }), []);
  useEffect(() => board.close, []);
  const state = useStore(board.store.watch, board.store.state);
  const wide = useMedia(WALL);
  const [wanted, setWanted] = useState(placeOf);
  useEffect(() => {
    const follow = () => setWanted(placeOf());
    addEventListener("hashchange", follow);
    return () => removeEventListener("hashchange", follow);
  }, []);
  const mode = wide && wanted === "wall" ? "wall" : "table";
  const tab = wanted === "wall" ? TABS[0].name : wanted;
  const choose = (next) => {
    history.replaceState(history.state, "", next === "wall" ? location.pathname : `#${next}`);
    setWanted(next);
  };
  const region = state.regions.find((one) => one.code === root);

  const phase = state.phase === "refused" ? "error" : state.phase;
  const head = html`<header class="screen__head">
    <h1 class="screen__name">${region ? region.name : t("screen.title")}</h1>
    <${Clock} link=${link} state=${state} />
    <div class="screen__tools">
      ${roots.length > 1 &&
      html`<${Field} as="select" label=${t("screen.region")} hideLabel value=${root} onInput=${onRoot}>
        ${roots.map((code) => html`<option key=${code} value=${code} selected=${code === root}>${nameOf(state.regions, code)}</option>`)}
      <//>`}
      ${wide &&
      html`<div class="line" role="group" aria-label=${t("screen.mode")}>
        ${["wall", "table"].map(
          (name) => html`<${Button} key=${name} small aria-pressed=${String(mode === name)} onClick=${() => choose(name === "table" ? tab : name)} data-test="mode-${name}">${t(`screen.${name}`)}<//>`,
        )}
      </div>`}
      <${Who} who=${who} account=${account} />
    </div>
  </header>`;
  if (mode === "table") {
    return html`<div class="screen screen--table" data-stale=${state.stale ? "yes" : "no"}>
      <${OfflineBar} link=${link} />
      ${head}
      <main><${Work} tab=${tab} onTab=${choose} ...${{ link, account, who, root, board, state, phase }} /></main>
    </div>`;
  }
  return html`<div class="screen screen--wall" data-stale=${state.stale ? "yes" : "no"}>
    <${OfflineBar} link=${link} />
    ${head}
    <${ListState} state=${phase} error=${state.error} onRetry=${state.phase === "error" ? board.load : undefined} lines=${8}>
      <main class="screen__body">
        <${Totals} numbers=${filled(state.numbers.get(root))} sessions=${state.sessions} />
        <${Cartogram} ...${state} />
        <${Rooms} ...${state} />
      </main>
    <//>
  </div>`;
}

/** The wall, or the tab of the work that the address names. */
function placeOf() {
  const named = location.hash.slice(1);
  return TABS.some((tab) => tab.name === named) ? named : "wall";
}

function nameOf(regions, code) {
  const region = regions.find((one) => one.code === code);
  return region ? region.name : code;
}

function useMedia(query) {
  const list = useMemo(() => matchMedia(query), [query]);
  const [yes, setYes] = useState(list.matches);
  useEffect(() => {
    const look = () => setYes(list.matches);
    list.addEventListener("change", look);
    return () => list.removeEventListener("change", look);
  }, [list]);
  return yes;
}

const two = (n) => String(n).padStart(2, "0");

export function clockOf(at_ms) {
  const at = new Date(at_ms);
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

/** When the numbers were true, and whether they still move. */
function Clock({ link, state }) {
  const { phase } = useStore(link.watch, link.state);
  useNow(1000);
  if (state.at_ms === null) return null;
  const clock = clockOf(state.at_ms);
  const stale = state.stale || phase === "offline" || phase === "stopped";
  if (stale) return html`<p class="clock clock--stale" role="alert" data-test="stale">${t("screen.stale", { clock })}</p>`;
  return html`<p class="clock" data-test="as-of" data-at=${state.at_ms}>
    <span class="quiet">${t("screen.as_of")}</span> <span class="num strong">${clock}</span>
    <span class="clock__how">${t(phase === "polling" ? "screen.slow" : "screen.fresh")}</span>
  </p>`;
}

startStaffPage(document.getElementById("page"), { page: "screen", roles: ["operator", "admin"], App });
