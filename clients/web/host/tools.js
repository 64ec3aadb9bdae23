// What stands beside the cards: the pinned notice, where the picture is, who may write. Each a sheet of its own.

import { useAttempt } from "../shared/attempt.js";
import { Button, Field, ListState, Sheet, html, useLoad, useState } from "../shared/components.js";
import { t } from "../shared/i18n.js";
import { LIMITS } from "../shared/protocol.js";
import { isRehearsal } from "../shared/session.js";
import { StreamingSheet } from "./streaming.js";

/** One command of a sheet: `send` closes it when it was done, else there is a sentence. */
function useSending({ link, sessionId, onClose }) {
  const { busy, sentence, attempt } = useAttempt(link);
  const send = (command) => attempt({ ...command, session: sessionId }, { as: command.t, close: onClose });
  return { busy, sentence, send };
}

function Radio({ name, value, checked, onPick, children }) {
  return html`<label class="choice">
    <input type="radio" name=${name} value=${value} checked=${checked} onChange=${() => onPick(value)} data-test="${name}-${value}" />
    <span>${children}</span>
  </label>`;
}

export function NoticeSheet({ stage, onClose, ...where }) {
  const [text, setText] = useState(stage.notice);
  const { busy, sentence, send } = useSending({ ...where, onClose });
  function submit(event) {
    event.preventDefault();
    if (text.trim()) send({ t: "pin_notice", text: text.trim() });
  }
  return html`<${Sheet} title=${t("host.notice")} onClose=${onClose} first="input" data-test="notice-sheet">
    <form class="stack" onSubmit=${submit}>
      <${Field} label=${t("host.notice_label", { n: LIMITS.NOTICE_LIMIT })} value=${text} onInput=${setText} error=${sentence} maxlength=${LIMITS.NOTICE_LIMIT} autocomplete="off" data-test="notice-input" />
      <div class="line">
        <${Button} kind="main" type="submit" busy=${busy === "pin_notice"} disabled=${!text.trim() || Boolean(busy)} data-test="notice-pin">${t("host.notice_set")}<//>
        ${stage.notice && html`<${Button} busy=${busy === "clear_notice"} disabled=${Boolean(busy)} onClick=${() => send({ t: "clear_notice" })} data-test="notice-clear">${t("host.notice_clear")}<//>`}
      </div>
    </form>
  <//>`;
}

const PICTURES = ["here", "elsewhere", "none"];

export function PictureSheet({ stage, onClose, ...where }) {
  const [kind, setKind] = useState(stage.picture.kind);
  const [url, setUrl] = useState(stage.picture.url);
  const { busy, sentence, send } = useSending({ ...where, onClose });
  function submit(event) {
    event.preventDefault();
    send({ t: "set_picture", kind, ...(kind === "elsewhere" ? { url: url.trim() } : null) });
  }
  return html`<${Sheet} title=${t("host.picture")} onClose=${onClose} first="input:checked" data-test="picture-sheet">
    <form class="stack" onSubmit=${submit}>
      <fieldset class="stack">
        <legend class="quiet small">${t("host.picture_what")}</legend>
        ${PICTURES.map((name) => html`<${Radio} key=${name} name="picture" value=${name} checked=${kind === name} onPick=${setKind}>${t(`host.picture_${name}`)}<//>`)}
      </fieldset>
      ${kind === "elsewhere" && html`<p class="quiet small">${t("host.picture_unrecorded")}</p>`}
      ${kind === "elsewhere" && html`<${Field} label=${t("host.picture_url")} value=${url} onInput=${setUrl} error=${sentence} inputmode="url" autocomplete="off" placeholder="https://" data-test="picture-url" />`}
      ${kind !== "elsewhere" && sentence && html`<p class="field__error" role="alert">${sentence}</p>`}
      <${Button} kind="main" type="submit" busy=${Boolean(busy)} data-test="picture-save">${t("host.save")}<//>
    </form>
  <//>`;
}

const MODES = ["confirmed", "approved", "off"];
const SLOW_S = [0, 5, 10, 30, 60];

export function TalkSheet({ stage, onClose, ...where }) {
  const [mode, setMode] = useState(stage.talk.mode);
  const [slow_s, setSlow] = useState(stage.talk.slow_s);
  const { busy, sentence, send } = useSending({ ...where, onClose });
  function submit(event) {
    event.preventDefault();
    send({ t: "set_talk", mode, slow_s });
  }
  return html`<${Sheet} title=${t("host.talk")} onClose=${onClose} first="input:checked" data-test="talk-sheet">
    <form class="stack" onSubmit=${submit}>
      <fieldset class="stack">
        <legend class="sr-only">${t("host.talk")}</legend>
        ${MODES.map((name) => html`<${Radio} key=${name} name="talk" value=${name} checked=${mode === name} onPick=${setMode}>${t(`host.talk_${name}`)}<//>`)}
      </fieldset>
      <${Field} as="select" label=${t("host.talk_slow")} value=${String(slow_s)} onInput=${(value) => setSlow(Number(value))} disabled=${mode === "off"} data-test="talk-slow">
        ${SLOW_S.map((n) => html`<option key=${n} value=${n} selected=${n === slow_s}>${n ? t("host.talk_slow_s", { n }) : t("host.talk_slow_off")}</option>`)}
      <//>
      ${sentence && html`<p class="field__error" role="alert">${sentence}</p>`}
      <${Button} kind="main" type="submit" busy=${Boolean(busy)} data-test="talk-save">${t("host.save")}<//>
    </form>
  <//>`;
}

export function AssistantsSheet({ onClose, link, sessionId }) {
  const { state, data, error, again } = useLoad(() => link.send({ t: "list_assistants", session: sessionId }), [sessionId]);
  const { busy, sentence, attempt } = useAttempt(link);
  const dismiss = ({ person }) => attempt({ t: "dismiss_assistant", session: sessionId, person }, { as: person, done: again });
  const people = (data && data.assistants) || [];
  const shown = state === "ready" && !people.length ? "empty" : state;
  return html`<${Sheet} title=${t("host.assistants")} onClose=${onClose} data-test="assistants-sheet">
    <p class="quiet small">${t("host.assistants_what")}</p>
    <${ListState} state=${shown} error=${error} onRetry=${again} empty=${{ text: t("host.assistants_none") }}>
      <ul class="stack">
        ${people.map(
          (one) => html`<li key=${one.person} class="line line--apart" data-test="assistant">
            <span class="strong">${one.name}</span>
            <${Button} small kind="stop" busy=${busy === one.person} onClick=${() => dismiss(one)} data-test="assistant-dismiss">${t("host.assistant_dismiss")}<//>
          </li>`,
        )}
      </ul>
    <//>
    ${sentence && html`<p class="field__error" role="alert">${sentence}</p>`}
  <//>`;
}

const SHEETS = { notice: NoticeSheet, picture: PictureSheet, streaming: StreamingSheet, talk: TalkSheet, assistants: AssistantsSheet };

/** `duties` are those of who is looking (shared/duties.js): what one may not do is not offered. */
export function Tools({ stage, link, sessionId, duties, account }) {
  const [open, setOpen] = useState(null);
  const Open = open && SHEETS[open];
  const offered = Object.keys(SHEETS).filter((name) => duties.has(name));
  return html`<div class="tools" role="group" aria-label=${t("host.tools")}>
    <p class="tools__notice ${stage.notice ? "strong" : "quiet"}" data-test="host-notice">
      <span class="small quiet">${t("host.notice")}${t("list.colon")}</span>${stage.notice || t("host.notice_none")}
    </p>
    ${offered.map((name) => html`<${Button} key=${name} small kind="quiet" onClick=${() => setOpen(name)} data-test="tool-${name}">${t(`host.${name}`)}<//>`)}
    ${!isRehearsal(stage.session) &&
    html`<${Button} small kind="quiet" href=${`/print/room/${encodeURIComponent(stage.session.id)}`} target="_blank" rel="noopener" data-test="print-paper">${t("host.paper")}<//>`}
    ${Open && html`<${Open} ...${{ stage, link, sessionId, account, rehearsal: isRehearsal(stage.session) }} onClose=${() => setOpen(null)} />`}
  </div>`;
}
