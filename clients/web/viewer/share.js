// Passing a position or a hall on: a poster to long-press, the address to copy, the phone's own way to send it.
//
//   shareOfPosition(position, spot)   shareOfRoom(session)   what openSheet({kind: "share", what}) takes

import { ListState, Sheet, html, useLoad } from "../shared/components.js";
import { chipsOf, formatWhen, payBand, payBase } from "../shared/format.js";
import { t } from "../shared/i18n.js";
import { app } from "./app.js";
import { closeSheet } from "./route.js";

const siteTitle = () => (app.setup.state.value && app.setup.state.value.title) || t("portal.title");

export function shareOfPosition(position, spot) {
  return {
    kind: "position",
    site: siteTitle(),
    path: spot ? `/${encodeURIComponent(spot.venue)}/${spot.number}` : `/position/${encodeURIComponent(position.id)}`,
    title: position.title,
    enterprise: position.enterprise_name,
    base: payBase(position),
    band: payBand(position),
    place: position.place,
    chips: chipsOf(position, 4),
    note: position.synthetic ? t("position.synthetic") : "",
    hall: spot && spot.venue_name,
    number: spot && spot.number,
  };
}

export function shareOfRoom(session) {
  const now = app.link.serverNow();
  return {
    kind: "room",
    site: siteTitle(),
    path: `/room/${encodeURIComponent(session.id)}`,
    title: session.venue_name || session.title,
    enterprise: session.title,
    when: session.starts_at_ms ? t("portal.starts", { when: formatWhen(session.starts_at_ms, now) }) : "",
  };
}

export function ShareSheet({ what }) {
  const { state, data, error, again } = useLoad(() => import("./poster_sheet.js"), []);
  return html`<${Sheet} title=${t("share.title")} onClose=${closeSheet} data-test="share-sheet">
    <${ListState} state=${state} error=${error} onRetry=${again} lines=${9}>${data && html`<${data.Poster} what=${what} />`}<//>
  <//>`;
}
