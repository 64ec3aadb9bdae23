// A phone number is shown to be one's own by a code: offered on the receipt, asked for before free chat where the room
// wants it, and the way to 我的投递 on another phone. Skipping is always fine.
//
//   <${ConfirmSheet}/>                            drawn by sheets.js, after openConfirm (confirming.js)
//   <${ConfirmOffer} phone session confirmed/>            the same as a card, on the receipt
//   <${CodeForm} phone session onDone atOnce/>    ask, name, ask again; where that session is at home, else in our province

import { Button, Field, Sheet, announce, html, useEffect, useLoad, useNow, useRef, useState, useStore } from "../shared/components.js";
import { getJson } from "../shared/api.js";
import { houseOf } from "../shared/far.js";
import { refusalText, t } from "../shared/i18n.js";
import { perform } from "../shared/perform.js";
import { LIMITS } from "../shared/protocol.js";
import { app, refreshMine } from "./app.js";
import { codesOffered, wanted } from "./confirming.js";
import { linkOf } from "./later/far_applications.js";
import { phoneOf } from "./phone.js";
import { closeSheet } from "./route.js";

export function ConfirmSheet() {
  const { why, session, done } = wanted;
  const [typed, setTyped] = useState(wanted.phone);
  const [phone, setPhone] = useState(phoneOf(wanted.phone));
  const [error, setError] = useState("");

  function submit(event) {
    event.preventDefault();
    const digits = phoneOf(typed);
    if (!digits) return setError(t(typed.trim() ? "apply.phone_wrong" : "confirm.phone_missing"));
    setError("");
    return setPhone(digits);
  }

  function finish() {
    closeSheet();
    if (done) done();
  }

  return html`<${Sheet} title=${t(`confirm.${why}_title`)} onClose=${closeSheet} first="input" data-test="confirm-sheet">
    <div class="stack">
      <p>${t(`confirm.${why}`)}</p>
      ${phone
        ? html`<p class="line line--apart">
              <span class="num strong">${phone}</span>
              <${Button} kind="plain" onClick=${() => setPhone("")}>${t("confirm.other_phone")}<//>
            </p>
            <${CodeForm} key=${phone} phone=${phone} session=${session} atOnce onDone=${finish} />`
        : html`<form class="stack" onSubmit=${submit} novalidate>
            <${Field}
              label=${t("apply.phone")}
              name="phone"
              type="tel"
              inputmode="tel"
              autocomplete="tel"
              maxlength="24"
              value=${typed}
              onInput=${setTyped}
              error=${error}
              data-test="confirm-phone"
            />
            <${Button} kind="main" wide type="submit" data-test="confirm-ask">${t("confirm.ask")}<//>
          </form>`}
      <${Button} wide kind="plain" onClick=${closeSheet} data-test="confirm-skip">${t("confirm.skip")}<//>
    </div>
  <//>`;
}

export function ConfirmOffer({ phone, session, confirmed }) {
  const own = useStore(app.setup).value;
  const house = houseOf(session);
  const there = useLoad(() => (house ? getJson(`${house}/api/setup`) : Promise.resolve(null)), [house]).data;
  const [done, setDone] = useState(false);
  if (!phone || !codesOffered(house ? there : own) || (confirmed && !done)) return null;
  return html`<section class="card stack" data-test="confirm-offer">
    ${done
      ? html`<p class="receipt__done" data-test="confirm-done">${t("confirm.done")}</p>`
      : html`<div>
            <h3>${t("confirm.offer_title")}</h3>
            <p class="quiet small">${t("confirm.offer")}</p>
          </div>
          <${CodeForm} phone=${phone} session=${session} onDone=${() => setDone(true)} />`}
  </section>`;
}

/** Ask, name, ask again. `atOnce` asks as soon as it is drawn: the person has pressed for it already. */
export function CodeForm({ phone, session, onDone, atOnce = false }) {
  const [code, setCode] = useState("");
  const [phase, setPhase] = useState("idle"); // idle, asking, asked, naming
  const [againAt, setAgainAt] = useState(0);
  const [error, setError] = useState("");
  const [shown, setShown] = useState("");
  const [aloud, setAloud] = useState(false);
  useNow(1000);
  const box = useRef(null);
  // By the clock itself: the one that draws is up to a second late.
  const wait = Math.ceil((againAt - Date.now()) / 1000);
  const asked = phase === "asked" || phase === "naming";

  async function ask() {
    setError("");
    setCode("");
    setPhase("asking");
    try {
      const sent = await perform(linkOf(session), { t: "ask_code", phone });
      setAgainAt(Date.now() + sent.again_after_ms);
      setShown(sent.code || "");
      setAloud(Boolean(sent.aloud));
      setPhase("asked");
      announce(t("confirm.sent"));
    } catch (refused) {
      setError(refusalText(refused));
      if (refused.params && refused.params.retry_ms) setAgainAt(Date.now() + Number(refused.params.retry_ms));
      // A code may be on its way from before: it can still be named.
      setPhase(refused.code === "code_too_often" ? "asked" : "idle");
    }
  }

  async function name(digits) {
    setError("");
    setPhase("naming");
    try {
      await perform(linkOf(session), { t: "confirm_code", phone, code: digits });
    } catch (refused) {
      // Used: it was this person's, and the answer was lost on the way.
      if (refused.code !== "code_used") {
        setPhase("asked");
        setCode("");
        setError(refusalText(refused));
        return;
      }
    }
    announce(t("confirm.done"));
    refreshMine();
    onDone();
  }

  useEffect(() => {
    if (atOnce) ask();
  }, []);
  useEffect(() => {
    if (asked && box.current) box.current.querySelector("input").focus();
  }, [asked]);

  function typed(text) {
    setCode(text);
    const digits = text.replace(/[０-９]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 0xfee0)).replace(/\D/g, "");
    if (digits.length === LIMITS.CODE_DIGITS && phase === "asked") name(digits);
  }

  if (!asked) {
    return html`<div class="stack">
      <p class="form-error" role="alert" data-test="code-error">${error}</p>
      <${Button} wide kind=${atOnce ? "main" : undefined} busy=${phase === "asking"} onClick=${ask} data-test="code-ask">${t("confirm.ask")}<//>
    </div>`;
  }
  return html`<form class="stack" ref=${box} onSubmit=${(event) => (event.preventDefault(), name(code))} novalidate>
    ${aloud && html`<p class="quiet small" data-test="code-aloud">${t("confirm.aloud")}</p>`}
    ${shown && html`<p class="quiet small" data-test="code-shown">${t("confirm.demo", { code: shown })}</p>`}
    <${Field}
      label=${t("confirm.code")}
      hint=${t("confirm.code_hint")}
      name="code"
      class="code-input num"
      inputmode="numeric"
      autocomplete="one-time-code"
      maxlength="12"
      value=${code}
      onInput=${typed}
      error=${error}
      disabled=${phase === "naming"}
      data-test="code-input"
    />
    <${Button} wide kind="plain" disabled=${wait > 0} onClick=${ask} data-test="code-again"
      >${wait > 0 ? t("confirm.again_in", { n: wait }) : t("confirm.again")}<//
    >
  </form>`;
}
