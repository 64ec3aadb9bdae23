// One chat line under the host's hand: take it away, silence its author for a while, or let the author speak again.

import { useAttempt } from "../shared/attempt.js";
import { Button, Field, Sheet, html, useState } from "../shared/components.js";
import { formatWhen } from "../shared/format.js";
import { t } from "../shared/i18n.js";

const LENGTHS = ["ten_minutes", "session", "fair"];

export function LineSheet({ line, mute, link, sessionId, onClose }) {
  const [reason, setReason] = useState("");
  const { busy, sentence, attempt } = useAttempt(link);
  const send = (command, how) => attempt({ ...command, session: sessionId }, { as: how, close: onClose });
  const length = (name) => send({ t: "mute", author: line.author, length: name, ...(reason.trim() ? { reason: reason.trim() } : null) }, name);
  return html`<${Sheet} title=${t("host.line")} onClose=${onClose} data-test="line-sheet">
    <div class="stack">
      <blockquote class="panel line-quote"><span class="small quiet">${line.name}</span><br />${line.text}</blockquote>
      <${Button} wide kind="stop" busy=${busy === "remove"} onClick=${() => send({ t: "remove_line", offset: line.offset }, "remove")} data-test="line-remove">${t("host.line_remove")}<//>
      ${mute
        ? html`<p>${t("host.muted_now", { until: untilText(mute, link) })}${mute.reason && ` ${t("host.muted_because", { reason: mute.reason })}`}</p>
            ${mute.by_operator && html`<p data-test="mute-by-operator">${t("host.muted_by_operator")}</p>`}
            ${!mute.by_operator && html`<${Button} wide busy=${busy === "unmute"} onClick=${() => send({ t: "unmute", author: line.author }, "unmute")} data-test="line-unmute">${t("host.unmute")}<//>`}`
        : html`<${Field} label=${t("host.mute_reason")} value=${reason} onInput=${setReason} maxlength="50" autocomplete="off" data-test="mute-reason" />
            <div class="mute-lengths" role="group" aria-label=${t("host.mute")}>
              ${LENGTHS.map((name) => html`<${Button} key=${name} busy=${busy === name} onClick=${() => length(name)} data-test="mute-${name}">${t(`host.mute_${name}`)}<//>`)}
            </div>
            <p class="quiet small">${t("host.mute_what")}</p>`}
      ${sentence && html`<p class="field__error" role="alert">${sentence}</p>`}
    </div>
  <//>`;
}

function untilText(mute, link) {
  return mute.until_ms ? formatWhen(mute.until_ms, link.serverNow()) : t(`host.until_${mute.length}`);
}
