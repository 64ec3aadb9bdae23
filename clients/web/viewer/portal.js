// The portal: all halls, the live ones first; filter by region; 我的投递; 大字 on the first screen.

import {
  BigTypeSwitch,
  Button,
  Chip,
  Field,
  ListState,
  LocaleSwitch,
  html,
  useAgain,
  useEffect,
  useLoad,
  useMemo,
  useState,
  useStore,
} from "../shared/components.js";
import { formatCount, formatWhen, payBand, roomChip } from "../shared/format.js";
import { t } from "../shared/i18n.js";
import { app, hearLaunch } from "./app.js";
import { isAsked, readAsked, searchOf } from "./asked.js";
import { Later } from "./later.js";
import { linkTo, openSheet, replaceSearch, route } from "./route.js";
import { Found, SearchBox, useFound } from "./search.js";
import { loadPortal, takeWarm } from "./warm.js";
import { stateOf } from "./stage.js";
import { branchOf, choices, namesOf, sortRooms, statesOf, withStates } from "./regions.js";

const REFRESH_MS = 30_000;
/** All who look at the portal hear of a change at once; they ask again within this time, not together, and not before
    the answer they had is old (the hub gives the same one for a second). */
const SPREAD_MS = 3_000;
const ANSWER_OLD_MS = 1_200;
/** Fewer online than this says little; then visits are shown (LOOK). */
const FEW_ONLINE = 20;

export function Portal() {
  const { state, data, error, again } = useLoad(loadPortal, [], useMemo(() => takeWarm("portal"), []));
  const setup = useStore(app.setup).value;
  const { applications } = useStore(app.mine);
  const [region, setRegion] = useState("");
  const states = useFresh(again, (setup && setup.region) || (data && data.fair && data.fair.region));

  const regions = data ? data.regions : [];
  const rooms = useMemo(() => sortRooms(withStates((data && data.sessions) || [], states)), [data, states]);
  const shown = region ? rooms.filter((room) => branchOf(regions, room.session.region).includes(region)) : rooms;
  const live = shown.filter((room) => stateOf(room.session) === "live").length;

  const { search } = useStore(route);
  const asked = useMemo(() => readAsked(search), [search]);
  const looking = isAsked(asked);
  const found = useFound(asked, looking);
  const ask = (next) => replaceSearch(searchOf(next));

  const halls = html`<div class="portal__halls">
    <${Field}
      as="select"
      label=${t("portal.region")}
      value=${region}
      onInput=${setRegion}
      data-test="region-filter"
    >
      <option value="">${data ? t("portal.everywhere", { n: rooms.length }) : t("portal.everywhere_plain")}</option>
      ${choices(regions, rooms).map(
        (group) => html`<optgroup key=${group.code} label=${group.name}>
          ${group.options.map(
            (one) => html`<option key=${one.code} value=${one.code}>${one.name}（${one.rooms}）</option>`,
          )}
        </optgroup>`,
      )}
    <//>
    ${state === "ready" &&
    html`<p class="quiet small num" data-test="live-count">
      ${live ? t("portal.live_count", { n: live, count: live }) : t("portal.none_live")}
    </p>`}
    <${ListState}
      state=${state === "ready" && !shown.length ? "empty" : state}
      error=${error}
      onRetry=${again}
      lines=${8}
      empty=${{
        text: t("portal.empty"),
        action: region && html`<${Button} kind="quiet" onClick=${() => setRegion("")}>${t("portal.see_all")}<//>`,
      }}
    >
      <ul class="rows rooms">
        ${shown.map((room) => html`<${Row} key=${room.session.id} room=${room} regions=${regions} />`)}
      </ul>
    <//>
    ${setup && setup.provinces.length > 0 && html`<${Later} load=${() => import("./later/provinces.js")} part="Provinces" />`}
  </div>`;

  return html`<div class="portal">
    <header class="top">
      <div class="top__words">
        <h1 class="top__title">${(setup && setup.title) || t("portal.title")}</h1>
        ${data && data.fair && html`<p class="quiet small">${data.fair.title}</p>`}
      </div>
      <div class="line">
        <${BigTypeSwitch} />
        <${LocaleSwitch} />
        <${Button} kind="quiet" onClick=${() => openSheet({ kind: "mine" })} data-test="my-applications-open">
          ${applications.length ? t("mine.open_n", { n: applications.length }) : t("mine.title")}
        <//>
      </div>
    </header>
    <main id="main" class="portal__main" tabindex="-1">
      <${SearchBox} asked=${asked} onAsk=${ask} found=${looking && found.counts ? found : null} regions=${regions} />
      ${looking ? html`<${Found} asked=${asked} onAsk=${ask} found=${found} />` : halls}
    </main>
    <${Foot} setup=${setup} />
  </div>`;
}

/** A row: still, hall and county, what is being explained, how many watch. */
function Row({ room, regions }) {
  const { session, numbers, card } = room;
  const state = stateOf(session);
  const chip = roomChip(state);
  const where = namesOf(regions, session.region).join(" ");
  return html`<li>
    <a class="room-row" ...${linkTo(`/room/${encodeURIComponent(session.id)}`)} data-test="room-row" data-session=${session.id} data-state=${state}>
      <${Still} session=${session} />
      <span class="room-row__words">
        <span class="room-row__title strong">${session.venue_name || session.title}</span>
        <span class="quiet small">${where}</span>
        ${card
          ? html`<span class="room-row__card small">
              <span class="now-word">${t("card.explaining")}</span>
              ${t("card.numbered", { n: card.number, title: card.position.title })}${" "}
              ${payBand(card.position) && html`<span class="nowrap strong num">${payBand(card.position)}</span>`}
            </span>`
          : html`<span class="room-row__card quiet small">${quietLine(session)}</span>`}
        <span class="line small">
          <${Chip} tone=${chip.tone}>${chip.text}<//>
          <span class="quiet num">${watching(numbers || {}, room.visits)}</span>
        </span>
      </span>
    </a>
  </li>`;
}

function quietLine(session) {
  if (stateOf(session) === "ended") return t("portal.ended");
  if (stateOf(session) !== "scheduled") return t("portal.between");
  const now = app.link.serverNow();
  if (!session.starts_at_ms || session.starts_at_ms <= now) return t("portal.waiting");
  return t("portal.starts", { when: formatWhen(session.starts_at_ms, now) });
}

/** Online, or visits where few are online, or nothing where nothing is known. */
export function watching(numbers, visits) {
  if ((numbers.online || 0) >= FEW_ONLINE) return t("room.online", { n: formatCount(numbers.online) });
  if (visits) return t("room.visits", { n: formatCount(visits), count: visits });
  return "";
}

/** Until pictures come: a quiet tile, no made-up picture. */
function Still({ session }) {
  return html`<span class=${`still still--${stateOf(session)}`} aria-hidden="true">
    <svg viewBox="0 0 64 36" class="still__mark"><rect x="21" y="11" width="15" height="14" rx="3" /><path d="M38 16l6-4v12l-6-4z" /></svg>
  </span>`;
}

function Foot({ setup }) {
  if (!setup) return null;
  return html`<footer class="foot quiet small">
    ${setup.demo && html`<p data-test="demo-note">${t("foot.demo")}</p>`}
    ${setup.licence && html`<p>${t("foot.licence", setup.licence)}</p>`}
    <p>${t("foot.free")}</p>
  </footer>`;
}

/** Ask again when a room of the province changes, and every half minute while somebody looks. */
function useFresh(again, province) {
  const [states, setStates] = useState({});
  useEffect(() => {
    let planned = null;
    const soon = () => {
      if (planned) return;
      planned = setTimeout(() => {
        planned = null;
        again();
      }, ANSWER_OLD_MS + Math.random() * SPREAD_MS);
    };
    const entry = ({ body }) => {
      if (body.t === "launched") hearLaunch(body.launch);
      if (body.t !== "room_changed") return;
      setStates((old) => ({ ...old, [body.session]: body.state }));
      soon();
    };
    const reset = (snapshot) => {
      if (!snapshot) return;
      setStates(statesOf(snapshot.sessions));
      hearLaunch(snapshot.launch);
    };
    const leave = province ? app.link.join(`area/${province}`, { entry, reset }) : null;
    return () => {
      clearTimeout(planned);
      if (leave) leave();
    };
  }, [province]);
  useAgain(again, REFRESH_MS, [province]);
  return states;
}
