// Right column: chat in large type with a line to say, and the applications that arrive (positions only, no people).

import { useAttempt } from "../shared/attempt.js";
import { Button, Chip, Field, html, useEffect, useLayoutEffect, useMemo, useNow, useRef, useState } from "../shared/components.js";
import { formatCount, formatWhen } from "../shared/format.js";
import { t } from "../shared/i18n.js";
import { LIMITS } from "../shared/protocol.js";
import { LineSheet } from "./moderation.js";
import { Questions, TalkTabs, Waiting, questionText } from "./questions.js";

const AT_END_PX = 48;
const ARRIVALS_SHOWN = 30;

export function Chat({ lines, slots, desk, tab, onTab, sessionId, link, ended, duties }) {
  const [picked, setPicked] = useState(null);
  const muted = useMemo(() => new Map(desk.mutes.map((one) => [one.author, one])), [desk.mutes]);
  const box = useRef(null);
  const [following, setFollowing] = useState(true);
  const newest = lines.length ? lines[lines.length - 1].offset : 0;

  const toEnd = () => {
    const list = box.current;
    if (list) list.scrollTop = list.scrollHeight;
  };
  useLayoutEffect(() => {
    if (following) toEnd();
  }, [newest, following]);
  // The column grows and shrinks with arrivals and with the window: stay at the end then too.
  useEffect(() => {
    if (!following || typeof ResizeObserver === "undefined") return undefined;
    const watch = new ResizeObserver(toEnd);
    if (!box.current) return undefined;
    watch.observe(box.current);
    return () => watch.disconnect();
  }, [following, tab]);

  const onScroll = () => {
    const list = box.current;
    setFollowing(list.scrollHeight - list.scrollTop - list.clientHeight < AT_END_PX);
  };
  return html`<div class="chat panel">
    <h2 class="sr-only">${t("host.chat")}</h2>
    <${TalkTabs} ...${{ tab, onTab, desk }} />
    ${tab === "questions" && html`<div class="chat__lines"><${Questions} ...${{ desk, slots, link, sessionId }} mayAnswer=${duties.has("answer")} /></div>`}
    ${tab === "waiting" && html`<div class="chat__lines"><${Waiting} ...${{ desk, link, sessionId }} /></div>`}
    ${tab === "chat" &&
    html`<div class="chat__lines" ref=${box} onScroll=${onScroll} tabindex="0" role="log" aria-live="off" aria-label=${t("host.chat")} data-test="host-chat">
      ${!lines.length && html`<p class="quiet chat__empty">${t("host.chat_empty")}</p>`}
      ${lines.map((line) =>
        line.t === "answered"
          ? html`<${Answer} key=${line.offset} line=${line} />`
          : html`<${Line} key=${line.offset} line=${line} mute=${muted.get(line.author)} onPick=${duties.has("moderate") && (() => setPicked(line))} />`,
      )}
    </div>`}
    ${tab === "chat" && !following && html`<${Button} kind="quiet" small class="chat__latest" onClick=${() => setFollowing(true)}>${t("host.chat_latest")}<//>`}
    ${picked && html`<${LineSheet} line=${picked} mute=${muted.get(picked.author)} ...${{ link, sessionId }} onClose=${() => setPicked(null)} />`}
    ${!ended && tab === "chat" && html`<${Say} sessionId=${sessionId} link=${link} onSaid=${() => setFollowing(true)} />`}
  </div>`;
}

function Answer({ line }) {
  return html`<p class="chat__line chat__line--staff" data-test="host-answer">
    <span class="chat__name small"><${Chip} tone="safe">${t("host.answered")}<//> ${line.number ? t("host.number_of", { n: line.number }) : ""} ${questionText(line)}</span>
    <span class="chat__text">${line.answer || t("host.answered_aloud")}</span>
  </p>`;
}

function Line({ line, mute, onPick }) {
  return html`<p class="chat__line ${line.role ? "chat__line--staff" : ""}" data-test="host-chat-line">
    <span class="chat__name small">
      ${line.name}${line.role && html` <${Chip} tone="action">${t(`host.role_${line.role}`)}<//>`}${line.caption && html` <${Chip}>${t("host.caption_chip")}<//>`}
      ${mute && html` <${Chip} tone="look">${t("host.muted")}<//>`}
      ${onPick && !line.role && html` <button type="button" class="chat__pick" aria-label=${t("host.line_do", { name: line.name, text: line.text })} onClick=${onPick} data-test="line-pick">${t("host.line_more")}</button>`}
    </span>
    <span class="chat__text">${line.text}</span>
  </p>`;
}

function Say({ sessionId, link, onSaid }) {
  const [text, setText] = useState("");
  const { busy, sentence, attempt } = useAttempt(link);
  const [caption, setCaption] = useState(false);

  function submit(event) {
    event.preventDefault();
    const said = text.trim();
    const done = () => {
      setText((now) => (now.trim() === said ? "" : now));
      onSaid();
    };
    if (said) attempt({ t: "say", session: sessionId, text: said, ...(caption ? { caption } : null) }, { done });
  }
  return html`<form class="chat__say" onSubmit=${submit}>
    <label class="choice small chat__caption">
      <input type="checkbox" checked=${caption} onChange=${(event) => setCaption(event.currentTarget.checked)} data-test="caption-on" />
      <span>${t("host.caption")} <span class="quiet">${t("host.caption_what", { n: LIMITS.CAPTION_LIMIT })}</span></span>
    </label>
    <${Field} label=${t(caption ? "host.caption_label" : "host.chat_label")} hideLabel placeholder=${t(caption ? "host.caption_label" : "host.chat_label")} value=${text} onInput=${setText} error=${sentence} maxlength=${caption ? LIMITS.CAPTION_LIMIT : LIMITS.TEXT_LIMIT} autocomplete="off" enterkeyhint="send" data-test="host-chat-input" />
    <${Button} kind="main" type="submit" busy=${busy} data-test="host-chat-send">${t("do.send")}<//>
  </form>`;
}

export function Arrivals({ tally, slots, link }) {
  const now = useNow(15_000, link.serverNow);
  const byId = useMemo(() => new Map((slots || []).map((slot) => [slot.position.id, slot])), [slots]);
  const nameOf = (position) => {
    const slot = byId.get(position);
    return slot ? t("host.arrival", { number: slot.number, title: slot.position.title }) : t("host.arrival_unknown");
  };
  return html`<div class="arrivals panel" data-test="host-applications">
    <h2 class="panel__title line line--apart">
      <span>${t("host.arrivals")}</span>
      <span class="num" data-test="host-applications-total">${t("host.arrivals_total", { n: formatCount(tally.total), count: tally.total })}</span>
    </h2>
    ${tally.arrivals.length
      ? html`<ul class="arrivals__list">
          ${tally.arrivals.slice(0, ARRIVALS_SHOWN).map(
            (one) => html`<li key=${one.offset} class="arrivals__one" data-test="host-application">
              <span class="arrivals__what">${nameOf(one.position)}</span>
              <span class="quiet small num">${formatWhen(one.at_ms, Math.max(now, one.at_ms))}</span>
            </li>`,
          )}
        </ul>`
      : html`<p class="quiet small arrivals__empty">${t("host.arrivals_empty")}</p>`}
  </div>`;
}
