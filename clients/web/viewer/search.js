// Looking for a position: the search box and the filters under it, and what was found as rows.
//
//   <${SearchBox} asked onAsk counts/>    asked: asked.js; onAsk(asked) changes the address
//   <${Found} asked onAsk/>               rows, more of them, and the four states

import {
  Button,
  Chip,
  Field,
  ListState,
  Sheet,
  announce,
  html,
  useAgain,
  useEffect,
  useRef,
  useState,
} from "../shared/components.js";
import { getJson } from "../shared/api.js";
import { chipsOf, formatCount } from "../shared/format.js";
import { t } from "../shared/i18n.js";
import { keep } from "../shared/keep.js";
import { FLAGS, NOTHING_ASKED, WORDS_LIMIT, bestSpot, choicesMade, pathOf, searchOf, withFlag } from "./asked.js";
import { Pay } from "./card.js";
import { linkTo } from "./route.js";

const TYPED_MS = 350;
/** Marks of 讲解中 grow old; a first page that is looked at is asked for again this often. */
const REFRESH_MS = 20_000;

export function SearchBox({ asked, onAsk, found, regions }) {
  const [words, setWords] = useState(asked.q);
  const [choosing, setChoosing] = useState(false);
  const typed = useRef(null);
  // The address may change by the back button.
  useEffect(() => setWords(asked.q), [asked.q]);
  useEffect(() => () => clearTimeout(typed.current), []);

  function ask(q, now) {
    setWords(q);
    clearTimeout(typed.current);
    const go = () => onAsk({ ...asked, q });
    if (now) go();
    else typed.current = setTimeout(go, TYPED_MS);
  }

  function open() {
    // What can be chosen, and how much each leaves, comes with an answer.
    if (!found) onAsk({ ...asked, all: true });
    setChoosing(true);
  }

  const counts = found && found.counts;
  const made = choicesMade(asked);
  return html`<div class="search" role="search">
    <form
      class="search__form"
      action="/"
      onSubmit=${(event) => {
        event.preventDefault();
        ask(words, true);
        event.currentTarget.querySelector("input").blur();
      }}
    >
      <label class="sr-only" for="search-words">${t("find.label")}</label>
      <input
        id="search-words"
        class="input"
        type="search"
        name="q"
        enterkeyhint="search"
        autocomplete="off"
        maxlength=${WORDS_LIMIT}
        placeholder=${t("find.placeholder")}
        value=${words}
        onInput=${(event) => !event.isComposing && ask(event.currentTarget.value, false)}
        onCompositionEnd=${(event) => ask(event.currentTarget.value, false)}
        data-test="search-words"
      />
      <${Button} kind="main" type="submit" data-test="search-go">${t("find.go")}<//>
    </form>
    <div class="search__chips" role="group" aria-label=${t("find.filters")}>
      <${Button} small aria-pressed=${String(made > 0)} aria-haspopup="dialog" onClick=${open} data-test="search-filters"
        >${made ? t("find.more_n", { n: made }) : t("find.more")}<//
      >
      ${FLAGS.map((flag) => {
        const on = asked.flags.includes(flag);
        return html`<${Button} key=${flag} small aria-pressed=${String(on)} onClick=${() => onAsk(withFlag(asked, flag))} data-test=${`flag-${flag}`}
          >${t(`find.flag.${flag}`)}${counts && html`<span class="num quiet small">${formatCount(counts.flags[flag] || 0)}</span>`}<//
        >`;
      })}
    </div>
    ${choosing && html`<${Choices} asked=${asked} onAsk=${onAsk} found=${found} regions=${regions} onClose=${() => setChoosing(false)} />`}
  </div>`;
}

/** Region, pay and education: each with how many it would leave. */
function Choices({ asked, onAsk, found, regions, onClose }) {
  const counts = found && found.counts;
  const choose = (name) => (value) => {
    if (name === "region" && value) keep.set("near", value);
    onAsk({ ...asked, [name]: value, all: true });
  };
  const number = (n) => (counts ? t("find.option_n", { n }) : "");
  const option = (value, words, n) => html`<option key=${value} value=${value} disabled=${counts && !n && value !== asked.region}>${words}${number(n)}</option>`;
  const steps = (name) =>
    ["base", "pay"].includes(name) &&
    Object.entries((counts && counts[name]) || {}).map(([step, n]) => option(step, t("find.at_least", { n: Number(step).toLocaleString("en") }), n));
  const select = (name, label, hint, options) => html`<${Field} as="select" label=${label} hint=${hint} value=${asked[name]} onInput=${choose(name)} data-test=${`choose-${name}`}>
    <option value="">${t("find.any")}</option>
    ${options}
  <//>`;
  const known = (counts && counts.regions) || {};
  const inOrder = regions.filter((region) => known[region.code] !== undefined || region.code === asked.region);
  return html`<${Sheet}
    title=${t("find.filters")}
    onClose=${onClose}
    data-test="choices-sheet"
    footer=${html`<div class="now-card__do">
      <${Button} kind="main" onClick=${onClose} data-test="choices-done">${found ? t("find.see_n", { n: found.total, count: found.total }) : t("find.see")}<//>
      <${Button} onClick=${() => onAsk({ ...NOTHING_ASKED, q: asked.q, all: true })}>${t("find.clear")}<//>
    </div>`}
  >
    <div class="stack">
      ${select("region", t("find.region"), null, inOrder.map((region) => option(region.code, indented(region), known[region.code] || 0)))}
      ${select("base", t("find.base"), t("find.base_hint"), steps("base"))}
      ${select("pay", t("find.pay"), t("find.pay_hint"), steps("pay"))}
      ${select(
        "education",
        t("find.education"),
        t("find.education_hint"),
        Object.entries((counts && counts.education) || {}).map(([rung, n]) => option(rung, t(`find.education.${rung}`), n)),
      )}
    </div>
  <//>`;
}

const indented = (region) => ({ city: "　", county: "　　" })[region.level] + region.name;

/** What the hub is asked: also to put first what is near the place that was chosen last on this device. */
function asQuestion(asked, after) {
  const given = new URLSearchParams(searchOf(asked));
  const near = keep.get("near");
  if (near && !asked.region) given.set("near", near);
  if (after) given.set("after", after);
  return `?${given}`;
}

/** {state, total, positions, counts, after, error, again, more, adding} of what is asked; the old stays while the new comes. */
export function useFound(asked, on) {
  const address = searchOf(asked);
  const [value, setValue] = useState({ state: "loading", positions: [], adding: false });
  const [round, setRound] = useState(0);
  const now = useRef("");
  now.current = address;

  useEffect(() => {
    if (!on) return undefined;
    let mine = true;
    setValue((old) => ({ ...old, state: old.counts ? "changing" : "loading", error: null }));
    getJson(`/api/positions${asQuestion(asked)}`).then(
      (found) => mine && setValue({ ...found, state: "ready", adding: false }),
      (error) => mine && setValue((old) => ({ ...old, state: "error", error })),
    );
    return () => {
      mine = false;
    };
  }, [address, on, round]);

  const again = () => setRound((n) => n + 1);
  useAgain(again, on && !value.pages ? REFRESH_MS : 0, [address]);

  async function more() {
    if (value.adding || !value.after) return;
    setValue((old) => ({ ...old, adding: true }));
    try {
      const found = await getJson(`/api/positions${asQuestion(asked, value.after)}`);
      if (now.current !== address) return;
      setValue((old) => {
        const here = new Set(old.positions.map((hit) => hit.position.id));
        const fresh = found.positions.filter((hit) => !here.has(hit.position.id));
        return { ...old, positions: [...old.positions, ...fresh], after: found.after, adding: false, pages: (old.pages || 1) + 1 };
      });
    } catch (error) {
      if (now.current === address) setValue((old) => ({ ...old, adding: false, moreError: error }));
    }
  }
  return { ...value, more, again };
}

export function Found({ asked, onAsk, found }) {
  const { state, total, positions, error } = found;
  const told = useRef(null);
  useEffect(() => {
    if (state !== "ready" || told.current === total) return;
    told.current = total;
    announce(t("find.total", { n: total, count: total }));
  }, [state, total]);
  const nothing = state === "ready" && !positions.length;
  const empty = {
    text: t("find.nothing"),
    action: html`<div class="line">
      ${(asked.flags.length > 0 || choicesMade(asked) > 0) &&
      html`<${Button} kind="quiet" onClick=${() => onAsk({ ...NOTHING_ASKED, q: asked.q, all: true })} data-test="found-clear">${t("find.drop_filters")}<//>`}
      <${Button} kind="quiet" onClick=${() => onAsk({ ...NOTHING_ASKED, all: true })} data-test="found-all">${t("find.all")}<//>
    </div>`,
  };
  return html`<section aria-label=${t("find.found")} class="stack" data-test="found" data-state=${state}>
    <div class="line line--apart">
      <p class="quiet small num" data-test="found-total">${total === undefined ? "" : t("find.total", { n: total, count: total })}</p>
      <${Button} kind="plain" small onClick=${() => onAsk(NOTHING_ASKED)} data-test="found-back">${t("find.back")}<//>
    </div>
    <${ListState} state=${nothing ? "empty" : state === "changing" ? "ready" : state} error=${error} onRetry=${found.again} empty=${empty} lines=${9}>
      <ol class=${`rows found${state === "changing" ? " found--old" : ""}`}>
        ${positions.map((hit) => html`<${Row} key=${hit.position.id} hit=${hit} />`)}
      </ol>
      ${found.after &&
      html`<${Button} wide busy=${found.adding} onClick=${found.more} data-test="found-more">${t("find.next")}<//>`}
      ${found.moreError && html`<p class="form-error" role="alert">${t("find.more_failed")}</p>`}
    <//>
  </section>`;
}

function Row({ hit }) {
  const { position } = hit;
  const spot = bestSpot(hit);
  return html`<li class=${`found-row${spot && spot.explained ? " found-row--now" : ""}`}>
    <a class="found-row__link" ...${linkTo(pathOf(hit))} data-test="found-row" data-position=${position.id} data-explained=${String(Boolean(spot && spot.explained))}>
      <span class="line line--apart">
        <span class="line"><strong class="found-row__title">${position.title}</strong>${spot && spot.explained && html`<${Chip} tone="now">${t("card.explaining")}<//>`}</span>
        <span class="quiet small num nowrap">${t("card.openings", { n: position.openings, count: position.openings })}</span>
      </span>
      <${Pay} position=${position} />
      <span class="quiet small">${position.enterprise_name || t("fact.missing")} · ${position.place || t("fact.missing")}</span>
      <span class="line">${chipsOf(position).map((chip) => html`<${Chip} key=${chip}>${chip}<//>`)}</span>
      <${Where} spot=${spot} />
    </a>
  </li>`;
}

/** In which hall it can be met, in one line. */
export function Where({ spot }) {
  if (!spot) return html`<span class="quiet small">${t("find.no_hall")}</span>`;
  const words = { hall: spot.venue_name, n: spot.number };
  if (spot.explained) {
    return html`<span class="small now-word">${t("find.where_now", words)}</span>`;
  }
  const state = spot.state || "scheduled";
  const live = state === "live" || state === "interrupted";
  return html`<span class="small quiet">${t(live ? "find.where_live" : state === "ended" ? "find.where_ended" : "find.where", words)}</span>`;
}
