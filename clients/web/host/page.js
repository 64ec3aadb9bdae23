// The host's page: head with the numbers, monitor and current card, rundown, chat and arrivals; on a phone, tabs.

import { perform } from "../shared/perform.js";
import {
  Button,
  ListState,
  OfflineBar,
  announce,
  html,
  useCallback,
  useEffect,
  useMemo,
  useNow,
  useRef,
  useState,
  useStore,
} from "../shared/components.js";
import { formatCount, formatDuration } from "../shared/format.js";
import { locale, refusalText, t } from "../shared/i18n.js";
import { dutiesIn } from "../shared/duties.js";
import { Who } from "../shared/signin.js";
import { Arrivals, Chat } from "./chat.js";
import { Monitor, Strip } from "./monitor.js";
import { Rundown } from "./rundown_view.js";
import { START, isWriting, ownsEnter, press, typing } from "./rundown.js";
import { isRehearsal, onAir, talking } from "./stage.js";
import { perMinute } from "./tally.js";
import { Tools } from "./tools.js";

const REFUSAL_STAYS_MS = 12_000;
const TABS = ["rundown", "chat", "monitor"];
/** Sent from anywhere on the page; digits and arrows too, unless somebody writes. */
const PAGE_KEYS = /^([0-9０-９]|ArrowUp|ArrowDown|Enter|Escape|Backspace|[zZhH])$/;

export function HostPage({ room, sessionId, onOther, onRehearsal, link, account, who }) {
  const state = useStore(room.store.watch, room.store.state);
  const [tab, setTab] = useState("rundown");
  const [talk, setTalk] = useState("chat");
  const [wanted, setWanted] = useState("");
  const onTalk = (name) => {
    setTalk(name);
    setWanted(name);
  };
  // A key that opens a panel takes the focus there: to the first question, to the last line.
  useEffect(() => {
    if (!wanted) return;
    setWanted("");
    const found = document.querySelectorAll(wanted === "questions" ? '[data-test="answer-open"]' : '[data-test="line-pick"]');
    const there = (wanted === "questions" ? found[0] : found[found.length - 1]) || document.querySelector(`[data-test="talk-${wanted}"]`);
    if (there) there.focus();
  }, [wanted]);
  const card = useCardCommands({ link, room, sessionId, onTalk });
  const { stage } = state;
  const air = talking(stage.session);
  const duties = useMemo(() => dutiesIn(who.grants, sessionId), [who, sessionId]);
  const rundown = useRundown(state, card);
  const loaded = Boolean(state.slots);

  // Opened in the middle of a broadcast, the rundown stands where the broadcast stands.
  useEffect(() => {
    const shown = loaded && stage.card && stage.card.position.id;
    const at = shown ? state.slots.findIndex((slot) => slot.position.id === shown) : -1;
    if (at >= 0) card.stand(at);
  }, [loaded]);

  // A rehearsal this page remembers may be long gone.
  const lost = state.phase === "refused" && sessionId.includes("~");
  useEffect(() => {
    if (lost) onRehearsal(null);
  }, [lost]);

  if (state.phase === "refused") {
    return html`<main class="door"><div class="door__box card stack">
      <${ListState} state="error" error=${state.error} onRetry=${onOther || undefined} />
      <${Who} who=${who} account=${account} />
    </div></main>`;
  }
  if (state.phase === "loading") {
    return html`<div><${OfflineBar} link=${link} />
      <p class="sr-only" role="status">${t("host.loading")}</p><${ListState} state="loading" lines=${8} /></div>`;
  }
  return html`<div class="host ${isRehearsal(stage.session) ? "host--rehearsal" : ""}" data-tab=${tab}>
    <div class="host__head">
      <${OfflineBar} link=${link} />
      <${Head} ...${{ stage, numbers: state.numbers, tally: state.tally, link, who, account, onOther }} />
      <${Tools} ...${{ stage, link, sessionId, duties, account }} />
    </div>
    <nav class="host__tabs" aria-label=${t("host.tabs")}>
      ${TABS.map(
        (name) => html`<${Button} key=${name} kind="plain" aria-pressed=${String(tab === name)} onClick=${() => setTab(name)} data-test="tab-${name}"
          >${t(`host.tab_${name}`)}<//
        >`,
      )}
    </nav>
    <${Monitor} ...${{ stage, numbers: state.numbers && { ...state.numbers, applications: state.tally.total }, link, sessionId, card, air, why: state.why, duties, onRehearsal, account }} />
    ${stage.card && html`<${Strip} stage=${stage} link=${link} card=${card} />`}
    ${rundown}
    <section class="host__talk">
      <${Chat} lines=${state.chat} ended=${stage.session.state === "ended"} onTab=${setTalk} ...${{ slots: state.slots, desk: state.desk, tab: talk, sessionId, link, duties }} />
      <${Arrivals} tally=${state.tally} slots=${state.slots} link=${link} />
    </section>
  </div>`;
}

/** The rundown is drawn anew only when something of it changed: a county's shelf has 362 rows at most. */
function useRundown(state, card) {
  const { slots, slotsError, stage, tally, desk } = state;
  const { keys, busy, sentence, setTyped, pick, show, fill, retry } = card;
  return useMemo(
    () => html`<${Rundown} ...${{ slots, slotsError, stage, tally, questions: desk.questions, keys, busy, sentence, setTyped, pick, show, fill, retry }} />`,
    [slots, slotsError, stage, tally.arrivals, desk.questions, keys, busy, sentence, locale()],
  );
}

/** Show, undo, hide: by button and by key; a refusal becomes a sentence that stays a while. */
const TALK_KEYS = { q: "questions", c: "chat" };

function useCardCommands({ link, room, sessionId, onTalk }) {
  const [keys, setKeys] = useState(START);
  const [busy, setBusy] = useState(null);
  const [sentence, setSentence] = useState(null);
  const [tookMs, setTookMs] = useState(null);
  const now = useRef({});
  now.current = { keys, busy };
  const underWay = useRef(null);
  const waits = useRef(false);

  const say = useCallback((text) => {
    setSentence({ text });
    announce(text);
  }, []);
  useEffect(() => {
    if (!sentence) return undefined;
    const timer = setTimeout(() => setSentence(null), REFUSAL_STAYS_MS);
    return () => clearTimeout(timer);
  }, [sentence]);

  const run = useCallback(async (what, command) => {
    // The same again while it is under way is a double press; something else (Z right after Enter) waits its turn.
    if (now.current.busy === what || waits.current) return;
    if (now.current.busy) {
      waits.current = true;
      await underWay.current;
      waits.current = false;
    }
    let ended;
    underWay.current = new Promise((resolve) => (ended = resolve));
    now.current.busy = what;
    setBusy(what);
    setSentence(null);
    const begun = performance.now();
    try {
      // A position is closed wherever it is offered; everything else is about this session.
      await perform(link, command.t === "close_position" ? command : { ...command, session: sessionId });
      setTookMs(Math.round(performance.now() - begun));
    } catch (error) {
      say(refusalText(error));
    } finally {
      now.current.busy = null;
      setBusy(null);
      ended();
    }
  }, []);

  const actions = useMemo(() => {
    const undo = () => run("undo", { t: "undo_card" });
    const show = (slot) => run(`show ${slot.position.id}`, { t: "show_card", position: slot.position.id });
    const hide = () => run("hide", { t: "hide_card" });
    const fill = (slot) => {
      const { id, closed } = slot.position;
      return run(`fill ${id}`, { t: "close_position", position: id, closed: !closed });
    };
    const slots = () => room.store.state.slots || [];
    const pressed = (key) => {
      const { state, ask } = press(now.current.keys, key, slots());
      now.current.keys = state;
      setKeys(state);
      if (!ask) return;
      if (ask.what === "show") show(ask.slot);
      if (ask.what === "undo") undo();
      if (ask.what === "hide") hide();
      if (ask.what === "unknown") {
        // While the shelf is still on its way nobody can say that it lacks a number.
        say(room.store.state.slots ? t("host.number_unknown", { number: ask.number }) : t("host.shelf_coming"));
      }
    };
    const setTyped = (text) => setKeys((was) => typing(was, text, slots()));
    const pick = (cursor) => setKeys({ typed: "", cursor });
    const stand = (cursor) => setKeys((was) => (was.typed ? was : { ...was, cursor }));
    return { show, undo, hide, fill, pressed, setTyped, pick, stand, retry: room.reload };
  }, []);

  useEffect(() => {
    const listen = (event) => {
      const panel = TALK_KEYS[event.key.toLowerCase()];
      if (panel && !event.ctrlKey && !event.metaKey && !event.altKey && !isWriting(event) && !sheetOpen()) {
        event.preventDefault();
        onTalk(panel);
        return;
      }
      const key = keyFor(event, now.current.keys);
      if (!key) return;
      event.preventDefault();
      if (event.repeat && !/^Arrow/.test(key)) return;
      actions.pressed(key);
      holdFocus(key);
    };
    document.addEventListener("keydown", listen);
    return () => document.removeEventListener("keydown", listen);
  }, []);

  return { ...actions, keys, busy, sentence, tookMs, say };
}

/** The key if it is meant for the rundown, else "". The number box is the rundown's own, all other fields are not. */
function keyFor(event, keys) {
  const { key } = event;
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || !PAGE_KEYS.test(key)) return "";
  if (sheetOpen()) return "";
  if (event.target === numberBox()) {
    const composing = event.isComposing || event.keyCode === 229;
    return !composing && /^(Arrow|Enter|Escape|[zZhH]$)/.test(key) ? key : "";
  }
  if (isWriting(event)) return "";
  // A number that was typed wins over the button that was clicked last; with none, Enter is that button's.
  return ownsEnter(event) && !keys.typed ? "" : key;
}

function sheetOpen() {
  return document.documentElement.classList.contains("sheet-open");
}

function numberBox() {
  return document.querySelector('[data-test="number-input"]');
}

/** Digits and arrows take the focus into the box, so that Enter cannot press a button; done, shortcuts live again. */
function holdFocus(key) {
  const box = numberBox();
  if (!box) return;
  if (/^[0-9０-９]$|^Arrow|^Backspace$/.test(key)) box.focus({ preventScroll: true });
  if (key === "Enter" || key === "Escape") box.blur();
}

function Head({ stage, numbers, tally, link, who, account, onOther }) {
  const nowMs = useNow(1000, link.serverNow);
  const { session } = stage;
  const air = onAir(session);
  const since = session.live_at_ms;
  const until = session.state === "ended" ? session.ended_at_ms : nowMs;
  const count = (name) => (numbers ? formatCount(numbers[name]) : "–");
  return html`<header class="head">
    <div class="head__title">
      <h1 class="head__name" title=${session.title}>${session.title}</h1>
      <div class="line head__tools">
        ${onOther && html`<${Button} kind="plain" small onClick=${onOther} data-test="other-session">${t("host.switch")}<//>`}
        <${Who} who=${who} account=${account} />
      </div>
    </div>
    <dl class="head__numbers">
      <${Figure} name="on-air" label=${t("host.on_air")} tone=${air ? "now" : ""} value=${since && until ? formatDuration(until - since) : t(beforeAir(session))} />
      <${Figure} name="online" label=${t("host.online")} value=${count("online")} />
      <${Figure} name="applied" label=${t("host.applications")} value=${formatCount(tally.total)} />
      <${Figure} name="cards" label=${t("host.cards")} value=${count("cards")} />
      <${Figure} name="per-minute" label=${t("host.per_minute")} value=${formatCount(perMinute(tally.arrivals, nowMs))} />
    </dl>
  </header>`;
}

function beforeAir(session) {
  if (!isRehearsal(session)) return "host.not_live";
  return session.state === "ended" ? "host.rehearsal_done" : "host.rehearsing";
}

function Figure({ name, label, value, tone }) {
  return html`<div class="figure ${tone ? `figure--${tone}` : ""}">
    <dt>${label}</dt>
    <dd class="num" data-test="host-${name}">${value}</dd>
  </div>`;
}
