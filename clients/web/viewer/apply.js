// Applying: the second tap, and the receipt.
//
// The command goes into the outbox before it is sent, so that nothing typed is lost to a dead line or a closed page;
// name and phone leave this device with the answer. Only while the page is open are they remembered for the next
// position.

import { Button, Choice, Field, Sheet, announce, html, useEffect, useRef, useState } from "../shared/components.js";
import { getJson } from "../shared/api.js";
import { payBand } from "../shared/format.js";
import { refusalText, t } from "../shared/i18n.js";
import { LIMITS } from "../shared/protocol.js";
import { app, openKeys } from "./app.js";
import { Consent, useConsent } from "./consent.js";
import { Later } from "./later.js";
import { CodeForm } from "./confirming.js";
import { phoneOf } from "./phone.js";
import { remembered } from "./remembered.js";
import { closeAllSheets, closeSheet, replaceSheet } from "./route.js";
import { sourceNow } from "./source.js";

/** After this long without an answer it is said that the application is kept and goes out by itself. */
const KEPT_AFTER_MS = 4_000;

export function ApplySheet({ slot, session, family = false }) {
  const [position, setPosition] = useState(slot.position);
  const changed = position !== slot.position;
  const enterprise = position.enterprise_name || t("apply.this_enterprise");
  const [form, setForm] = useState({ ...remembered, for_whom: "", family });
  const [errors, setErrors] = useState({});
  const [phase, setPhase] = useState("form"); // form, sending, kept, confirm (where a house wants the code before)
  const [refused, setRefused] = useState(null);
  const [lasting, setLasting] = useState(true);
  const key = useRef(null);
  const box = useRef(null);
  const consent = useConsent(session);
  const change = (field) => (value) => {
    setForm((old) => ({ ...old, [field]: value }));
    setErrors((old) => ({ ...old, [field]: "" }));
  };

  useEffect(
    () =>
      app.outbox.watch((event) => {
        if (event.item.key !== key.current) return;
        if (event.kind === "waiting") return setPhase("kept");
        if (event.kind === "answered") {
          remembered.name = form.name;
          remembered.phone = form.phone;
          announce(t(event.reply.already ? "receipt.already" : "receipt.title"));
          return replaceSheet({ kind: "receipt", slot: { ...slot, position }, session, reply: plain(event.reply) });
        }
        if (event.kind === "refused") failed(event.error);
        return undefined;
      }),
    [form],
  );
  useEffect(
    () => () => {
      if (key.current) openKeys.delete(key.current);
    },
    [],
  );

  useEffect(() => {
    if (phase !== "sending") return undefined;
    const timer = setTimeout(() => setPhase("kept"), KEPT_AFTER_MS);
    return () => clearTimeout(timer);
  }, [phase]);

  function failed(error) {
    setPhase("form");
    const text = refusalText(error);
    if (error.code === "phone_invalid") setErrors({ phone: text });
    else if (error.code === "name_invalid") setErrors({ name: text });
    else if (error.code === "phone_unconfirmed") setPhase("confirm");
    else setRefused(text);
    if (error.code === "consent_outdated") consent.again();
    if (error.code === "position_changed") askAgain();
  }

  /** What was read is not what is offered now: nothing was sent, the new facts are shown. */
  function askAgain() {
    getJson(`${consent.house}/api/positions/${encodeURIComponent(position.id)}`).then(
      (answer) => {
        setRefused(null);
        setPosition(answer.position);
        if (box.current) box.current.scrollIntoView();
      },
      () => undefined,
    );
  }

  function submit(event) {
    event.preventDefault();
    if (phase === "form") send();
  }

  function send() {
    const name = form.name.trim();
    const phone = phoneOf(form.phone);
    const wrong = {};
    if (!name || [...name].length > LIMITS.NAME_LIMIT) wrong.name = t("refusal.name_invalid", { limit: LIMITS.NAME_LIMIT });
    if (!phone) wrong.phone = t(form.phone.trim() ? "apply.phone_wrong" : "apply.phone_missing");
    setErrors(wrong);
    setRefused(null);
    if (wrong.name || wrong.phone) {
      box.current.querySelector(`[name="${wrong.name ? "name" : "phone"}"]`).focus();
      return;
    }
    setPhase(app.link.state.phase === "offline" ? "kept" : "sending");
    const command = {
      t: "apply",
      session,
      position: position.id,
      name,
      phone,
      consent: consent.version,
      age_confirmed: true,
      version: position.version || 1,
    };
    if (form.family && form.for_whom.trim()) command.for_whom = form.for_whom.trim();
    const source = sourceNow();
    if (source) command.source = source;
    const put = app.outbox.put(command, { title: position.title });
    key.current = put.key;
    openKeys.add(put.key);
    setLasting(put.lasting);
    app.waiting.set({ items: app.outbox.items });
  }

  if (phase === "kept") {
    return html`<${Sheet} title=${t("apply.kept_title")} onClose=${closeSheet} data-test="apply-kept">
      <div class="stack" role="status">
        <p>${t(lasting ? "apply.kept" : "apply.kept_page")}</p>
        <${Button} kind="main" wide onClick=${closeAllSheets}>${t("apply.go_on")}<//>
      </div>
    <//>`;
  }
  if (phase === "confirm") {
    return html`<${Sheet} title=${t("confirm.before_title")} onClose=${closeSheet} data-test="apply-confirm-phone">
      <div class="stack">
        <p>${t("confirm.before")}</p>
        <p class="num strong">${phoneOf(form.phone)}</p>
        <${CodeForm} phone=${phoneOf(form.phone)} session=${session} atOnce onDone=${send} />
        <${Button} wide kind="plain" onClick=${() => setPhase("form")}>${t("confirm.other_phone")}<//>
      </div>
    <//>`;
  }
  const sending = phase === "sending";
  return html`<${Sheet}
    title=${t("apply.to", { title: position.title })}
    onClose=${closeSheet}
    data-test="apply-sheet"
    footer=${html`<${Button} kind="main" wide type="submit" form="apply-form" busy=${sending} disabled=${!consent.version} data-test="apply-confirm"
      >${t(changed ? "apply.confirm_changed" : "apply.confirm", { years: LIMITS.MIN_AGE_YEARS })}<//
    >`}
  >
    <form id="apply-form" class="stack" ref=${box} onSubmit=${submit} novalidate>
      <p class="quiet small">${enterprise} · ${payBand(position) || `${t("fact.band")}${t("list.colon")}${t("fact.missing")}`}</p>
      <p class="form-error" role="alert" data-test="apply-error">${refused || ""}</p>
      ${changed && html`<${Later} load=${() => import("./later/changed.js")} part="Changed" before=${slot.position} now=${position} />`}
      <${Field}
        label=${t("apply.name")}
        hint=${t("apply.name_hint")}
        name="name"
        value=${form.name}
        onInput=${change("name")}
        error=${errors.name}
        autocomplete="name"
        maxlength="40"
        disabled=${sending}
        data-test="apply-name"
      />
      <${Field}
        label=${t("apply.phone")}
        name="phone"
        type="tel"
        inputmode="tel"
        value=${form.phone}
        onInput=${change("phone")}
        error=${errors.phone}
        autocomplete="tel"
        maxlength="24"
        disabled=${sending}
        data-test="apply-phone"
      />
      <${Consent} enterprise=${enterprise} ...${consent} />
      <div>
        <${Choice} label=${t("apply.family")} checked=${form.family} onChange=${change("family")} disabled=${sending} data-test="apply-family" />
        ${form.family &&
        html`<${Field}
          label=${t("apply.for_whom")}
          hint=${t("apply.for_whom_hint")}
          name="for_whom"
          value=${form.for_whom}
          onInput=${change("for_whom")}
          maxlength=${LIMITS.NAME_LIMIT}
          disabled=${sending}
          data-test="apply-for-whom"
        />`}
      </div>
    </form>
  <//>`;
}

/** What a history entry may keep. */
function plain({ receipt, application, already, status }) {
  return { receipt, application, already: Boolean(already), status };
}
