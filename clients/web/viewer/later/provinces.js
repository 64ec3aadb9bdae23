// The halls of other provinces on the portal: each province with its numbers, its halls when it is opened.

import { Chip, ListState, html, useAgain, useLoad, useState } from "../../shared/components.js";
import { getJson } from "../../shared/api.js";
import { formatCount, formatWhen, roomChip } from "../../shared/format.js";
import { t } from "../../shared/i18n.js";
import { app } from "../app.js";
import { addStyle } from "./style.js";
import { linkTo } from "../route.js";

addStyle(import.meta.url, "./provinces.css");

const AGAIN_MS = 30_000;

export function Provinces() {
  const { state, data, error, again } = useLoad(() => getJson("/api/provinces"), []);
  useAgain(again, AGAIN_MS);
  return html`<section class="provinces" aria-labelledby="provinces-title" data-test="provinces">
    <h2 class="provinces__title" id="provinces-title">${t("provinces.title")}</h2>
    <${ListState} state=${state} error=${error} onRetry=${again} lines=${2}>
      <ul class="stack">
        ${((data && data.provinces) || []).map((one) => html`<${Province} key=${one.code} one=${one} />`)}
      </ul>
    <//>
  </section>`;
}

function Province({ one }) {
  const [open, setOpen] = useState(false);
  const known = one.halls > 0;
  const head = html`<span class="provinces__head">
    <span class="strong">${one.title}</span>
    <span class="quiet small num">${words(one)}</span>
  </span>`;
  return html`<li class="card provinces__one" data-test="province" data-province=${one.code} data-reachable=${one.reachable ? "yes" : "no"}>
    ${known
      ? html`<details open=${open} onToggle=${(event) => setOpen(event.currentTarget.open)}>
          <summary class="provinces__open">${head}</summary>
          ${open && html`<${Halls} code=${one.code} />`}
        </details>`
      : html`<div class="provinces__open">${head}</div>`}
  </li>`;
}

/** What is known, and since when, where it is not of now. */
function words(one) {
  if (!one.halls) return t(one.reachable ? "provinces.none" : "provinces.silent");
  const counts = [t("provinces.halls", { n: one.halls, count: one.halls }), t("provinces.live", { n: one.live, count: one.live })];
  if (one.online) counts.push(t("room.online", { n: formatCount(one.online) }));
  const line = counts.join(" · ");
  if (one.reachable) return line;
  return `${line} · ${t("provinces.stale", { when: formatWhen(one.known_at_ms, app.link.serverNow()) })}`;
}

function Halls({ code }) {
  const { state, data, error, again } = useLoad(() => getJson(`/api/provinces/${code}`), []);
  useAgain(again, AGAIN_MS);
  const halls = (data && data.halls) || [];
  return html`<${ListState} state=${state === "ready" && !halls.length ? "empty" : state} error=${error} onRetry=${again} lines=${3} empty=${{ text: t("provinces.none") }}>
    <ul class="rows">
      ${halls.map(({ session, online }) => html`<${Hall} key=${session.id} session=${session} online=${online} />`)}
    </ul>
  <//>`;
}

function Hall({ session, online }) {
  const chip = roomChip(session.state || "scheduled");
  const when = !session.live_at_ms && session.starts_at_ms;
  return html`<li>
    <a class="provinces__hall" ...${linkTo(`/room/${encodeURIComponent(session.id)}`)} data-test="far-room" data-session=${session.id}>
      <span class="strong">${session.venue_name || session.title}</span>
      <span class="line small">
        <${Chip} tone=${chip.tone}>${chip.text}<//>
        <span class="quiet num">${online ? t("room.online", { n: formatCount(online) }) : when ? t("portal.starts", { when: formatWhen(when, app.link.serverNow()) }) : ""}</span>
      </span>
    </a>
  </li>`;
}
