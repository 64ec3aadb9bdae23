// `/screen`: the operator's branch as a wall (dark, no scroll) or as a table with drill-down.

import { Button, Field, ListState, OfflineBar, html, useEffect, useMemo, useNow, useState, useStore } from "../shared/components.js";
import { t } from "../shared/i18n.js";
import { Who, startStaffPage } from "../shared/signin.js";
import { openBoard } from "./board.js";
import { Cartogram } from "./cartogram.js";
import { Rooms } from "./rooms.js";
import { Tree } from "./tree_view.js";
import { NUMBER_NAMES, exact, filled } from "./tree.js";

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
  const [wanted, setWanted] = useState(location.hash === "#table" ? "table" : "wall");
  const mode = wide ? wanted : "table";
  const choose = (next) => {
    history.replaceState(history.state, "", next === "table" ? "#table" : location.pathname);
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
          (name) => html`<${Button} key=${name} small aria-pressed=${String(mode === name)} onClick=${() => choose(name)} data-test="mode-${name}">${t(`screen.${name}`)}<//>`,
        )}
      </div>`}
      <${Who} who=${who} account=${account} />
    </div>
  </header>`;
  const own = filled(state.numbers.get(root));
  return html`<div class="screen screen--${mode}" data-stale=${state.stale ? "yes" : "no"}>
    <${OfflineBar} link=${link} />
    ${head}
    <${ListState} state=${phase} error=${state.error} onRetry=${state.phase === "error" ? board.load : undefined} lines=${8}>
      <main class="screen__body">
        <${Totals} numbers=${own} sessions=${state.sessions} />
        ${mode === "wall" ? html`<${Cartogram} ...${state} />` : html`<${Tree} root=${root} regions=${state.regions} numbers=${state.numbers} />`}
        <${Rooms} ...${state} />
      </main>
    <//>
  </div>`;
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

/** Large numbers; hover, focus or tap gives the definition. */
function Totals({ numbers, sessions }) {
  const [open, setOpen] = useState(null);
  return html`<section class="totals" aria-label=${t("screen.title")}>
    ${NUMBER_NAMES.map(
      (name) => html`<button
        key=${name}
        type="button"
        class="total total--${name}"
        aria-expanded=${String(open === name)}
        aria-describedby="what-${name}"
        onClick=${() => setOpen(open === name ? null : name)}
        data-test="total-button-${name}"
      >
        <span class="total__label">${t(`screen.${name}`)}</span>
        <span class="total__value num" data-test="total-${name}" data-value=${numbers[name]}>${exact(numbers[name])}</span>
        ${name === "live" && html`<span class="total__of small quiet num">${t("screen.halls_of", { live: numbers.live, all: sessions.size })}</span>`}
        <span class="total__what small" id="what-${name}" role="tooltip">${t(`screen.${name}_what`)}</span>
      </button>`,
    )}
  </section>`;
}

startStaffPage(document.getElementById("page"), { page: "screen", roles: ["operator", "admin"], App });
