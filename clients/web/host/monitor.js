// Left column: the picture's place, the way to the hub, go live and end, and the card that is shown now.

import { Button, Chip, html, useEffect, useMemo, useNow, useState, useStore } from "../shared/components.js";
import { formatDuration, payBand, payBase, roomChip } from "../shared/format.js";
import { t } from "../shared/i18n.js";
import { Air } from "./air.js";
import { createBroadcast } from "../shared/broadcast.js";
import { Broadcast } from "./broadcast_view.js";
import { LiveMonitor } from "./live_monitor.js";
import { isRehearsal, stateOf } from "./stage.js";

export function Monitor({ stage, numbers, link, sessionId, card, air, why, duties, onRehearsal, account }) {
  return html`<section class="host__monitor" aria-label=${t("host.monitor")}>
    <${Picture} stage=${stage} air=${air} />
    ${sendsHere(stage) && html`<${Sending} ...${{ link, account, sessionId, air, duties }} />`}
    <${Health} link=${link} tookMs=${card.tookMs} />
    ${duties.has("air") && html`<${Air} ...${{ stage, numbers, link, sessionId, why, onRehearsal }} />`}
    ${stage.session.state !== "ended" && html`<${Current} ...${{ stage, link, card, air }} />`}
  </section>`;
}

/** The picture is sent from this page, or could be. */
function sendsHere({ session, picture }) {
  return picture.kind === "here" && stateOf(session) !== "ended";
}

function Sending({ link, account, sessionId, air, duties }) {
  const cast = useMemo(() => createBroadcast({ account, sessionId, now: link.serverNow }), []);
  const { stream } = useStore(cast.store.watch, cast.store.state);
  useEffect(() => cast.close, []);
  const own = Boolean(stream);
  // One picture at a time: the own camera, or on wish what viewers get of it.
  const [swapped, setSwapped] = useState(false);
  const live =
    air && html`<${LiveMonitor} key=${own} ...${{ account, sessionId, link, own, swapped }} onSwap=${setSwapped} source=${cast.source} mayStop=${duties.has("picture")} />`;
  const broadcast = duties.has("picture") && html`<${Broadcast} ...${{ cast, air, account, sessionId }} covered=${air && swapped} />`;
  return own && !swapped ? html`${broadcast}${live}` : html`${live}${broadcast}`;
}

const PICTURE_WORDS = { here: "host.monitor_soon", elsewhere: "host.picture_now_elsewhere", none: "host.picture_now_none" };

function Picture({ stage, air }) {
  const chip = roomChip(stage.session.state);
  return html`<figure class="picture theme-dark">
    <span class="picture__state"><${Chip} tone=${chip.tone} data-test="host-state" data-state=${stage.session.state || "scheduled"}>${chip.text}<//></span>
    <figcaption>
      ${stateOf(stage.session) === "ended"
        ? html`<p class="strong">${t(endedWords(stage.session))}</p>`
        : html`<p class="strong">${t(PICTURE_WORDS[stage.picture.kind])}</p>
            ${air && !isRehearsal(stage.session) && html`<p class="small quiet">${t("host.monitor_meanwhile")}</p>`}`}
    </figcaption>
  </figure>`;
}

function endedWords(session) {
  if (session.cut_off) return "host.cut_off";
  return isRehearsal(session) ? "host.rehearsal_over" : "host.ended";
}

function Health({ link, tookMs }) {
  const { phase } = useStore(link.watch, link.state);
  return html`<p class="health health--${phase} small" role="status" data-test="host-health" data-phase=${phase}>
    <span class="health__dot" aria-hidden="true"></span>
    <span>${t(`host.link_${phase}`)}</span>
    ${phase === "open" && tookMs !== null && html`<span class="quiet num">${t("host.link_answer", { n: tookMs })}</span>`}
  </p>`;
}

function Current({ stage, link, card, air }) {
  const shown = stage.card;
  if (!shown) {
    return html`<div class="current current--none panel" data-test="current-none">
      <p class="strong">${t("host.now_none")}</p>
      <p class="quiet small">${t(air ? "host.now_none_live" : "host.now_none_before")}</p>
      ${air && html`<${CardButtons} card=${card} />`}
    </div>`;
  }
  const { number, position } = shown;
  return html`<div class="current panel" data-test="current-card" data-position=${position.id} data-number=${number}>
    <p class="line line--apart">
      <${Chip} tone="now">${t("host.now")}<//>
      ${stage.shownAt_ms !== null && html`<${Since} at_ms=${stage.shownAt_ms} link=${link} />`}
    </p>
    <p class="current__title"><span class="num">${number}</span> ${position.title}</p>
    <p class="current__firm small quiet">${position.enterprise_name}</p>
    <dl class="current__pay num">
      <dt class="small quiet">${t("fact.base")}</dt>
      <dd>${payBase(position) || t("fact.missing")}</dd>
      <dt class="small quiet">${t("fact.band")}</dt>
      <dd class="strong">${payBand(position) || t("fact.missing")}</dd>
    </dl>
    <${CardButtons} card=${card} shown=${true} />
  </div>`;
}

/** The current card in one line, where the monitor is on another tab: what is shown, for how long, and undo. */
export function Strip({ stage, link, card }) {
  const { number, position } = stage.card;
  return html`<div class="strip" data-test="current-strip">
    <p class="strip__what"><span class="num">${number}</span> ${position.title}</p>
    ${stage.shownAt_ms !== null && html`<${Since} at_ms=${stage.shownAt_ms} link=${link} name="strip-since" />`}
    <${Button} small busy=${card.busy === "undo"} onClick=${card.undo} data-test="strip-undo">${t("host.undo")}<//>
  </div>`;
}

function CardButtons({ card, shown }) {
  return html`<div class="startstop__pair">
    <${Button} busy=${card.busy === "undo"} title=${t("host.undo_hint")} onClick=${card.undo} data-test="undo-card">${t("host.undo")}<//>
    <${Button} busy=${card.busy === "hide"} disabled=${!shown} title=${t("host.hide_hint")} onClick=${card.hide} data-test="hide-card">${t("host.hide")}<//>
  </div>`;
}

function Since({ at_ms, link, name = "current-since" }) {
  const now = useNow(1000, link.serverNow);
  return html`<span class="current__since num" data-test=${name}>${t("host.now_for", { clock: formatDuration(now - at_ms) })}</span>`;
}
