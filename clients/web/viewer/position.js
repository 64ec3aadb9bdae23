// One position under its own address: `/position/ID`, or `/VENUE/NUMBER` as it is spoken in a hall.

import { Button, Chip, ListState, html, useEffect, useLoad, useMemo, useStore } from "../shared/components.js";
import { t } from "../shared/i18n.js";
import { activeFor, app } from "./app.js";
import { ApplyButton, Chips, Facts, Pay } from "./card.js";
import { Later } from "./later.js";
import { ReportButton } from "./report.js";
import { linkTo, openSheet } from "./route.js";
import { Where } from "./search.js";
import { shareOfPosition } from "./share.js";
import { loadPosition, takeWarm } from "./warm.js";
import { onAir, takesApplications } from "./stage.js";

/** @param {string} address below /api/: positions/ID or venues/VENUE/NUMBER */
export function PositionPage({ address }) {
  const { state, data, error, again } = useLoad(() => loadPosition(address), [address], useMemo(() => takeWarm(address), [address]));
  useEffect(() => {
    if (data) document.title = `${data.position.title} · ${data.position.enterprise_name || t("portal.title")}`;
  }, [data]);
  return html`<div class="room-wait position">
    <header class="bar-top">
      <${Button} kind="plain" ...${linkTo("/")} aria-label=${t("room.all")} data-test="back"><span aria-hidden="true">‹</span> ${t("room.all_short")}<//>
      <div class="bar-top__words"></div>
      <${Button} kind="quiet" class="mine-button" onClick=${() => openSheet({ kind: "mine" })} data-test="my-applications-open">${t("mine.title")}<//>
    </header>
    <main id="main" class="position__main" tabindex="-1">
      <${ListState} state=${state} error=${error} onRetry=${again} lines=${9}>${data && html`<${Position} found=${data} />`}<//>
    </main>
  </div>`;
}

/** The hall a position is applied to in: the one of the address, else the best. */
function hallOf(found) {
  const spots = found.spots || [];
  if (found.session) return spots.find((spot) => spot.session === found.session) || null;
  return spots[0] || null;
}

function Position({ found }) {
  const { position } = found;
  const { applications } = useStore(app.mine);
  const spot = hallOf(found);
  const number = found.number || (spot && spot.number);
  const session = spot && { id: spot.session, state: spot.state, venue_name: spot.venue_name };
  const slot = { number, position };
  return html`<article class="stack" data-test="position-page" data-position=${position.id}>
    <div class="line line--apart">
      <span class="line">
        ${spot && spot.explained && html`<${Chip} tone="now">${t("card.explaining")}<//>`}
        ${number && html`<span class="strong num">${t("card.number", { n: number })}</span>`}
      </span>
      <span class="quiet small num">${t("card.openings", { n: position.openings, count: position.openings })}</span>
    </div>
    <h1 class="position__title" data-test="position-title">${position.title}</h1>
    <p class="quiet">${position.enterprise_name || t("fact.missing")}</p>
    <${Later} load=${() => import("./later/replies.js")} part="Replies" enterprise=${position.enterprise} />
    <${Pay} position=${position} />
    <${Chips} position=${position} />
    ${found.removed && html`<p class="form-error" data-test="position-removed">${t("position.removed", { n: number })}</p>`}
    ${session
      ? html`<a class="hall-link" ...${linkTo(`/room/${encodeURIComponent(session.id)}`)} data-test="to-hall"><${Where} spot=${spot} /><span class="strong">${t(onAir(session) ? "position.watch" : "position.hall")}</span></a>`
      : html`<p class="quiet small">${t("find.no_hall")}</p>`}
    <${Facts} position=${position} />
    <div class="line line--apart"><${Button} kind="quiet" onClick=${() => openSheet({ kind: "share", what: shareOfPosition(position, spot) })} data-test="share-open">${t("share.title")}<//>${session && html`<${ReportButton} slot=${slot} session=${session.id} />`}</div>
    ${position.synthetic && html`<p class="quiet small">${t("position.synthetic")}</p>`}
    ${session &&
    !found.removed &&
    html`<div class="position__do now-card__do">
      <${ApplyButton} slot=${slot} session=${session} />
      ${activeFor(applications, position.id) &&
      takesApplications(session) &&
      !position.closed &&
      html`<${Button} kind="plain" onClick=${() => openSheet({ kind: "apply", slot, session: session.id, family: true })} data-test="apply-again">${t("apply.for_another")}<//>`}
    </div>`}
  </article>`;
}
