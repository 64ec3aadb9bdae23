// Chat of a room: the last lines, quick questions, one input.

import { Button, Chip, html, toast, useEffect, useRef, useState } from "../shared/components.js";
import { has, refusalText, t } from "../shared/i18n.js";
import { makeKey } from "../shared/outbox.js";
import { LIMITS } from "../shared/protocol.js";
import { app } from "./app.js";
import { stateOf, talking } from "./stage.js";

const QUICK = ["chat.quick_live", "chat.quick_bus", "chat.quick_night", "chat.quick_pay"];
/** Nearer than this to the end counts as reading the newest. */
const NEAR_PX = 60;

/** Two neighbours: the lines, and the foot with `beside` and the input. */
export function Chat({ session, lines, card, beside }) {
  const [text, setText] = useState("");
  const [busy, setBusy] = useState(false);
  const box = useRef(null);
  const atEnd = useRef(true);
  const key = useRef(null);
  const open = talking(session);

  useEffect(() => {
    if (atEnd.current && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [lines]);

  // The keyboard, the offline bar and a longer card take room from the lines: whoever read the newest stays there.
  useEffect(() => {
    if (typeof ResizeObserver === "undefined") return undefined;
    const watch = new ResizeObserver(() => {
      if (atEnd.current && box.current) box.current.scrollTop = box.current.scrollHeight;
    });
    watch.observe(box.current);
    return () => watch.disconnect();
  }, []);

  function onScroll({ currentTarget }) {
    atEnd.current = currentTarget.scrollHeight - currentTarget.scrollTop - currentTarget.clientHeight < NEAR_PX;
  }

  async function say(words) {
    const clean = words.trim();
    if (!clean || busy) return;
    // The same line tried again is the same command: its key stays until it is answered.
    if (!key.current || key.current.words !== clean) key.current = { words: clean, key: makeKey() };
    setBusy(true);
    try {
      await app.link.send({ t: "say", session: session.id, text: clean, key: key.current.key });
      key.current = null;
      atEnd.current = true;
      setText((now) => (now.trim() === clean ? "" : now));
    } catch (error) {
      toast(refusalText(error), { tone: "look" });
      if (!error.temporary) key.current = null;
    } finally {
      setBusy(false);
    }
  }

  function onSubmit(event) {
    event.preventDefault();
    say(text);
  }

  const quick = (name) => (card ? t("chat.about", { n: card.number, words: t(name) }) : t(name));

  return html`
    <section class="chat" aria-label=${t("tab.chat")}>
      <ol class="chat__lines" ref=${box} onScroll=${onScroll} role="log" aria-live="off" tabindex="0" aria-label=${t("chat.lines")}>
        ${lines.map((line) => html`<${Line} key=${line.offset} line=${line} />`)}
        ${!lines.length && html`<li class="quiet small">${t(open ? "chat.empty" : "chat.closed")}</li>`}
      </ol>
      ${open &&
      html`<div class="chat__quick">
        ${QUICK.map(
          (name) => html`<${Button} key=${name} small kind="quiet" onClick=${() => say(quick(name))} data-test="chat-quick">${t(name)}<//>`,
        )}
      </div>`}
    </section>
    <div class="chat__foot">
      ${beside}
      <form class="chat__form" onSubmit=${onSubmit}>
        <label class="sr-only" for="chat-input">${t("chat.label")}</label>
        <input
          id="chat-input"
          class="input"
          value=${text}
          onInput=${(event) => setText(event.currentTarget.value)}
          maxlength=${LIMITS.TEXT_LIMIT}
          placeholder=${t(open ? "chat.placeholder" : stateOf(session) === "ended" ? "chat.ended" : "chat.closed")}
          enterkeyhint="send"
          autocomplete="off"
          disabled=${!open}
          data-test="chat-input"
        />
        <${Button} type="submit" kind="main" disabled=${!open || !text.trim()} busy=${busy} data-test="chat-send">${t("do.send")}<//>
      </form>
    </div>
  `;
}

function Line({ line }) {
  const role = line.role && has(`role.${line.role}`) ? t(`role.${line.role}`) : "";
  return html`<li class="chat__line" data-test="chat-line" data-author=${line.author}>
    ${role && html`<${Chip} tone="action">${role}<//> `}
    <span class="quiet">${line.name || t("chat.somebody", { tag: String(line.author || "").slice(-4) })}${t("list.colon")}</span>${line.text}
  </li>`;
}
