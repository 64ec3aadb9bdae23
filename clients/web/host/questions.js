// Questions, grouped with their counts; lines that wait for approval.

import { useAttempt } from "../shared/attempt.js";
import { Button, Chip, Field, html, useMemo, useState } from "../shared/components.js";
import { formatCount } from "../shared/format.js";
import { has, t } from "../shared/i18n.js";
import { LIMITS } from "../shared/protocol.js";
import { openQuestions } from "./desk.js";

export function Questions({ desk, slots, link, sessionId, mayAnswer }) {
  const groups = useMemo(() => openQuestions(desk.questions), [desk.questions]);
  const byId = useMemo(() => new Map((slots || []).map((slot) => [slot.position.id, slot])), [slots]);
  const [open, setOpen] = useState("");
  if (!groups.length) return html`<p class="quiet chat__empty" data-test="questions-empty">${t("host.questions_empty")}</p>`;
  return html`<ul class="asked" data-test="questions">
    ${groups.map((group) => {
      const key = `${group.position} ${group.topic}`;
      const toggle = () => setOpen(open === key ? "" : key);
      return html`<${Group} key=${key} ...${{ group, slot: byId.get(group.position), link, sessionId, mayAnswer }} open=${open === key} onToggle=${toggle} onClose=${() => setOpen((now) => (now === key ? "" : now))} />`;
    })}
  </ul>`;
}

export function questionText({ topic, text }) {
  return text || (has(`ask.${topic}`) ? t(`ask.${topic}`) : topic);
}

function Group({ group, slot, link, sessionId, mayAnswer, open, onToggle, onClose }) {
  const [text, setText] = useState("");
  const { busy, sentence, attempt } = useAttempt(link);
  const answer = (words, how) =>
    attempt({ t: "answer_question", session: sessionId, position: group.position, topic: group.topic, text: words }, { as: how, close: onClose });
  function submit(event) {
    event.preventDefault();
    if (text.trim()) answer(text.trim(), "text");
  }
  return html`<li class="asked__one ${group.answered ? "asked__one--done" : ""}" data-test="question" data-topic=${group.topic} data-position=${group.position} data-count=${group.count}>
    <div class="asked__line">
      <span class="asked__count num strong" aria-label=${t("host.asked_by", { n: group.count, count: group.count })}>${formatCount(group.count)}</span>
      <span class="asked__text">
        ${slot && html`<span class="num quiet">${t("host.number_of", { n: slot.number })}</span> `}${questionText(group)}
        ${group.answered && html`<span class="small quiet"> · ${group.answer || t("host.answered_aloud")}</span>`}
      </span>
      ${mayAnswer && html`<${Button} small kind="quiet" aria-expanded=${String(open)} onClick=${onToggle} data-test="answer-open">${t(group.answered ? "host.answer_again" : "host.answer")}<//>`}
    </div>
    ${open &&
    html`<form class="asked__form" onSubmit=${submit} ref=${(form) => form && !form.dataset.seen && focusFirst(form)}>
      <${Field} label=${t("host.answer_label")} hideLabel placeholder=${t("host.answer_label")} value=${text} onInput=${setText} error=${sentence} maxlength=${LIMITS.TEXT_LIMIT} autocomplete="off" enterkeyhint="send" data-test="answer-input" />
      <div class="startstop__pair">
        <${Button} kind="main" type="submit" busy=${busy === "text"} disabled=${!text.trim()} data-test="answer-send">${t("host.answer_send")}<//>
        <${Button} busy=${busy === "aloud"} onClick=${() => answer("", "aloud")} data-test="answer-aloud">${t("host.answered_aloud")}<//>
      </div>
    </form>`}
  </li>`;
}

/** The field that was asked for has the keyboard, once. */
function focusFirst(form) {
  form.dataset.seen = "yes";
  const input = form.querySelector("input");
  if (input) input.focus();
}

export function Waiting({ desk, link, sessionId }) {
  const { busy, sentence, attempt } = useAttempt(link);
  const settle = ({ id }, command) => attempt({ t: command, session: sessionId, line: id }, { as: id });
  if (!desk.waiting.length) return html`<p class="quiet chat__empty" data-test="waiting-empty">${t("host.waiting_empty")}</p>`;
  return html`<ul class="asked" data-test="waiting">
    ${sentence && html`<li class="field__error" role="alert">${sentence}</li>`}
    ${desk.waiting.map(
      (line) => html`<li key=${line.id} class="asked__one" data-test="waiting-line">
        <p><span class="small quiet">${line.name}</span> ${line.text}</p>
        <div class="startstop__pair">
          <${Button} small kind="main" busy=${busy === line.id} onClick=${() => settle(line, "pass_line")} data-test="line-pass">${t("host.pass")}<//>
          <${Button} small busy=${busy === line.id} onClick=${() => settle(line, "drop_line")} data-test="line-drop">${t("host.drop")}<//>
        </div>
      </li>`,
    )}
  </ul>`;
}

/** The tabs of the right column. */
export function TalkTabs({ tab, onTab, desk }) {
  const open = desk.questions.filter((one) => one.topic !== "explain" && !one.answered && one.count > 0).length;
  const counts = { chat: 0, questions: open, waiting: desk.waiting.length };
  const names = ["chat", "questions", ...(desk.waiting.length || tab === "waiting" ? ["waiting"] : [])];
  return html`<div class="talk-tabs" role="group" aria-label=${t("host.tab_chat")}>
    ${names.map(
      (name) => html`<${Button} key=${name} small kind="plain" aria-pressed=${String(tab === name)} onClick=${() => onTab(name)} data-test="talk-${name}">
        ${t(`host.talk_tab_${name}`)}${counts[name] > 0 && html` <${Chip} tone=${name === "waiting" ? "look" : "action"} class="num">${counts[name]}<//>`}
      <//>`,
    )}
  </div>`;
}
