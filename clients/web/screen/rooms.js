// The rooms on air, most viewers first, each a link to what its viewers see.

import { Button, Chip, html, useMemo, useState } from "../shared/components.js";
import { formatCount, roomChip } from "../shared/format.js";
import { t } from "../shared/i18n.js";
import { CutOffSheet } from "./cut_off.js";
import { childrenOf, exact, ownNumbers } from "./tree.js";

const ON_AIR = new Set(["live", "interrupted"]);
const SORT_EVERY_MS = 10_000; // the numbers move every second, the rows must stay under the eye

/** With `link` (at work, not on the wall) a room can be cut off from here. */
export function Rooms({ sessions, regions, numbers, at_ms, link }) {
  const [cutting, setCutting] = useState(null);
  const below = useMemo(() => childrenOf(regions), [regions]);
  const names = useMemo(() => new Map(regions.map((region) => [region.code, region.name])), [regions]);
  const ownOf = (session) => ownNumbers(numbers, below, session.region);
  const order = useMemo(
    () =>
      [...sessions.values()]
        .filter((session) => ON_AIR.has(session.state))
        .map((session) => ({ session, online: ownOf(session).online }))
        .sort((a, b) => b.online - a.online || (a.session.id < b.session.id ? -1 : 1)),
    [sessions, below, Math.floor(at_ms / SORT_EVERY_MS)],
  );
  const rooms = order.map(({ session }) => ({ session, own: ownOf(session) }));
  return html`<section class="rooms panel" aria-labelledby="rooms-title">
    <h2 class="panel__title" id="rooms-title">${t("screen.rooms")} <span class="quiet small">${t("screen.rooms_by")}</span></h2>
    ${!rooms.length && html`<p class="state" data-test="rooms-empty">${t("screen.rooms_empty")}</p>`}
    <ol class="rooms__list">
      ${rooms.map(({ session, own }) => {
        const chip = roomChip(session.state);
        const figures = { online: exact(own.online), applications: exact(own.applications), count: own.applications };
        return html`<li key=${session.id} data-test="live-room" data-session=${session.id}>
          <a class="room" href="/room/${encodeURIComponent(session.id)}" target="_blank" rel="noopener" title=${t("screen.room_open")}>
            <span class="room__name">${session.venue_name || session.title}</span>
            <${Chip} tone=${chip.tone}>${chip.text}<//>
            <span class="room__numbers small quiet num">${names.get(session.region) || ""} · ${t("screen.room_numbers", figures)}</span>
          </a>
          ${link && html`<${Button} small kind="plain" class="room__cut" aria-label="${t("screen.cut_short")} ${session.venue_name || session.title}" onClick=${() => setCutting(session)} data-test="room-cut">${t("screen.cut_short")}<//>`}
        </li>`;
      })}
    </ol>
    ${cutting && html`<${CutOffSheet} session=${cutting} link=${link} onClose=${() => setCutting(null)} />`}
  </section>`;
}
