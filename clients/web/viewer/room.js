// A room: picture, the position being explained, chat; from 1024 px the picture left and tabs right.

import {
  Button,
  Chip,
  ListState,
  announce,
  html,
  useEffect,
  useMemo,
  useRef,
  useState,
  useStore,
} from "../shared/components.js";
import { roomChip } from "../shared/format.js";
import { t } from "../shared/i18n.js";
import { app, hearLaunch } from "./app.js";
import { CurrentCard } from "./card.js";
import { Chat } from "./chat.js";
import { openRoom } from "./follow.js";
import { Mine } from "./later.js";
import { watching } from "./portal.js";
import { linkTo, openSheet } from "./route.js";
import { shareOfRoom } from "./share.js";
import { ShelfList } from "./shelf.js";
import { RoomContext } from "./context.js";
import { isRehearsal, stateOf, talking } from "./stage.js";

const WIDE = "(min-width: 1024px)";

export function Room({ session }) {
  const room = useMemo(() => openRoom(app.link, session, hearLaunch), [session]);
  useEffect(() => () => room.close(), [room]);
  useEffect(() => {
    RoomContext.set({ room, session });
    return () => RoomContext.set({ room: null, session: null });
  }, [room]);
  const view = useStore(room.store);
  const wide = useMedia(WIDE);
  useTelling(view);

  if (view.phase !== "ready") {
    return html`<div class="room-wait">
      <header class="bar-top">
        <${Button} kind="plain" ...${linkTo("/")} data-test="back">${t("room.all")}<//>
      </header>
      <main id="main" tabindex="-1">
        <${ListState} state=${view.phase} error=${view.error} onRetry=${room.reload} />
      </main>
    </div>`;
  }
  const { stage, lines, numbers, visits } = view;
  const head = html`<${Head} session=${stage.session} numbers=${numbers} visits=${visits} wide=${wide} />`;
  const picture = html`<${Picture} stage=${stage} live=${view.live} said=${view.caption} slots=${view.slots} /><${Notice} text=${stage.notice} />`;
  const card = html`<${CurrentCard} stage=${stage} />`;
  const chat = (beside) =>
    html`<${Chat} session=${stage.session} lines=${lines} card=${stage.card} talk=${stage.talk} beside=${beside} />`;

  if (wide) {
    return html`<main id="main" class="room room--wide" data-test="room" tabindex="-1">
      <div class="room__left">${head}${picture}${card}</div>
      <${Tabs} view=${view} chat=${chat()} room=${room} />
    </main>`;
  }
  const count = view.slots ? view.slots.length : null;
  const shelf = html`<${Button} class="shelf-button" onClick=${() => openSheet({ kind: "shelf" })} data-test="shelf-open">
    ${t("shelf.title")}${count !== null && html`<span class="num shelf-button__count" data-test="shelf-count">${count}</span>`}
  <//>`;
  return html`<main id="main" class="room" data-test="room" tabindex="-1">${head}${picture}${card}${chat(shelf)}</main>`;
}

function Head({ session, numbers, visits, wide }) {
  const { applications } = useStore(app.mine);
  return html`<header class="bar-top">
    <${Button} kind="plain" ...${linkTo("/")} aria-label=${t("room.all")} data-test="back"><span aria-hidden="true">‹</span> ${t("room.all_short")}<//>
    <div class="bar-top__words">
      <h1 class="bar-top__title" data-test="room-title">${session.venue_name || session.title}</h1>
      <p class="quiet small num" data-test="online">${watching(numbers, visits) || session.title}</p>
    </div>
    ${!wide &&
    html`<${Button} kind="quiet" class="mine-button" onClick=${() => openSheet({ kind: "mine" })} data-test="my-applications-open">
      ${applications.length ? t("mine.open_n", { n: applications.length }) : t("mine.title")}
    <//>`}
  </header>`;
}

/** The player comes with the first picture: a room without one does not load it. */
function useLate(load, wanted) {
  const [part, setPart] = useState(null);
  useEffect(() => {
    let mine = wanted;
    if (wanted) load().then((found) => mine && setPart(() => found), () => undefined);
    return () => {
      mine = false;
    };
  }, [wanted]);
  return part;
}

function Notice({ text }) {
  if (!text) return null;
  return html`<p class="notice" role="status" data-test="notice"><${Chip} tone="look">${t("room.notice")}<//> <span>${text}</span></p>`;
}

/** What is true of the picture. Where it is matters only while the session is on air. */
function pictureWords({ session, picture }) {
  const state = stateOf(session);
  if (isRehearsal(session)) return t(state === "ended" ? "picture.rehearsal_ended" : "picture.rehearsal");
  if (state === "ended" && session.cut_off) return t("picture.cut_off");
  if (state === "live" && picture.kind === "none") return t("picture.none");
  if (state === "live" && picture.kind === "elsewhere") return t("picture.elsewhere", { where: platformOf(picture.url) });
  return t(`picture.${state}`);
}

function platformOf(url) {
  return t(/douyin\.com\//.test(url) ? "picture.douyin" : "picture.wechat");
}

/** The place of the picture, and the truth about it. */
function Picture({ stage, live, said, slots }) {
  const { session, picture } = stage;
  const state = stateOf(session);
  const chip = roomChip(state);
  const plays = Boolean(live && picture.kind === "here" && talking(session));
  const over = state === "ended" && !session.cut_off && !isRehearsal(session);
  const Player = useLate(() => import("../picture/parts.js").then((found) => found.player()), plays);
  const Again = useLate(() => import("../picture/parts.js").then((found) => found.replay()), over);
  const share =
    !isRehearsal(session) &&
    html`<${Button} kind="plain" small class="picture__share" onClick=${() => openSheet({ kind: "share", what: shareOfRoom(session) })} data-test="share-room">${t("share.title")}<//>`;
  if (plays) {
    return html`<section class="picture picture--live theme-dark" aria-label=${t("room.picture")} data-test="picture" data-state=${state} data-kind="here">
      <span class="picture__state"><${Chip} tone=${chip.tone} data-test="session-state">${chip.text}<//></span>
      ${share}
      ${Player && html`<${Player} session=${session.id} live=${live} card=${stage.card} said=${said} now=${app.link.serverNow} />`}
    </section>`;
  }
  // Another province's word is not looked through by ours: no other scheme than that of a page.
  const elsewhere = picture.kind === "elsewhere" && ["live", "scheduled"].includes(state) && /^https:/.test(picture.url);
  const flat = picture.kind === "none" && state === "live";
  return html`<section class=${`picture theme-dark${flat ? " picture--flat" : ""}`} aria-label=${t("room.picture")} data-test="picture" data-state=${state} data-kind=${picture.kind}>
    <span class="picture__state"><${Chip} tone=${chip.tone} data-test="session-state">${chip.text}<//></span>
    ${share}
    <svg viewBox="0 0 64 36" class="picture__mark" aria-hidden="true"><rect x="21" y="11" width="15" height="14" rx="3" /><path d="M38 16l6-4v12l-6-4z" /></svg>
    <p class="picture__words" data-test="picture-words">${pictureWords(stage)}</p>
    ${elsewhere &&
    html`<${Button} kind="main" href=${picture.url} target="_blank" rel="noopener noreferrer" data-test="picture-open">${t("picture.open", { where: platformOf(picture.url) })}<//>
      <p class="picture__words small">${t("picture.open_note")}</p>`}
  </section>
  ${over && Again && html`<${Again} session=${session.id} slots=${slots} />`}`;
}

const TABS = ["shelf", "chat", "mine"];

function Tabs({ view, chat, room }) {
  const [tab, setTab] = useState("shelf");
  const { applications } = useStore(app.mine);
  const list = useRef(null);
  const count = { shelf: view.slots && view.slots.length, mine: applications.length || null };

  function onKeyDown(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const next = TABS[(TABS.indexOf(tab) + step + TABS.length) % TABS.length];
    setTab(next);
    list.current.querySelector(`#tab-${next}`).focus();
  }

  const body = {
    shelf: () =>
      html`<${ShelfList} view=${view} onRetry=${room.reload} />`,
    chat: () => chat,
    mine: () => html`<${Mine} />`,
  };
  return html`<div class="room__right">
    <div class="tabs" role="tablist" aria-label=${t("room.parts")} ref=${list} onKeyDown=${onKeyDown}>
      ${TABS.map(
        (name) => html`<button
          key=${name}
          type="button"
          class="tab"
          role="tab"
          id=${`tab-${name}`}
          aria-selected=${String(tab === name)}
          aria-controls="tab-panel"
          tabindex=${tab === name ? 0 : -1}
          onClick=${() => setTab(name)}
          data-test=${`tab-${name}`}
        >
          ${t(`tab.${name}`)}${count[name] ? html` <span class="num quiet">${count[name]}</span>` : ""}
        </button>`,
      )}
    </div>
    <div class="tab-panel" id="tab-panel" role="tabpanel" aria-labelledby=${`tab-${tab}`} data-tab=${tab}>${body[tab]()}</div>
  </div>`;
}

/** Title of the page, and a word for screen readers when another position is explained or the state changes. */
function useTelling({ phase, stage }) {
  const { session, card } = stage;
  const told = useRef({ card: undefined, state: undefined });
  useEffect(() => {
    if (phase !== "ready") return;
    document.title = `${session.venue_name || session.title} · ${t("portal.title")}`;
    const now = { card: card ? `${card.number}:${card.position.id}` : "", state: stateOf(session), notice: stage.notice };
    const before = told.current;
    told.current = now;
    if (before.state === undefined) return;
    if (before.state !== now.state) announce(`${t(`session.${now.state}`)}。${pictureWords(stage)}`);
    if (before.notice !== now.notice && now.notice) announce(`${t("room.notice")}${t("list.colon")}${now.notice}`);
    if (before.card !== now.card && card) {
      announce(t("card.announce", { n: card.number, title: card.position.title }));
    }
  });
}

function useMedia(query) {
  const [match, setMatch] = useState(() => matchMedia(query).matches);
  useEffect(() => {
    const media = matchMedia(query);
    const look = () => setMatch(media.matches);
    // iOS 13 and some WeChat browsers know only addListener.
    if (media.addEventListener) media.addEventListener("change", look);
    else media.addListener(look);
    return () => (media.removeEventListener ? media.removeEventListener("change", look) : media.removeListener(look));
  }, [query]);
  return match;
}
