// Asking somebody to join: in which role, where, who, and the number the code will go to.

import { Button, Field, Sheet, html, useEffect, useLoad, useState } from "../shared/components.js";
import { refusalText, t } from "../shared/i18n.js";
import { perform } from "../shared/perform.js";

const ROLES = ["hr", "specialist", "host", "assistant", "operator"];
const KINDS = { host: "session", assistant: "session", hr: "enterprise", specialist: "enterprise", operator: "region", admin: "region" };

export function InviteForm({ link, root, admin, onClose, onDone }) {
  const [form, setForm] = useState({ role: "hr", scope: "", name: "", phone: "" });
  const [words, setWords] = useState("");
  const [asked, setAsked] = useState("");
  const [error, setError] = useState(null);
  const [busy, setBusy] = useState(false);
  const kind = KINDS[form.role];
  useEffect(() => {
    const timer = setTimeout(() => setAsked(words.trim()), 250);
    return () => clearTimeout(timer);
  }, [words]);
  const found = useLoad(() => link.send({ t: "list_scopes", region: root, role: form.role, words: asked }), [root, form.role, asked]);
  const scopes = (found.data && found.data.scopes) || [];
  const scope = scopes.some((one) => one.id === form.scope) ? form.scope : scopes.length === 1 ? scopes[0].id : "";
  const change = (field) => (value) => setForm((old) => ({ ...old, [field]: value }));

  async function submit(event) {
    event.preventDefault();
    if (busy) return;
    setError(null);
    setBusy(true);
    try {
      const made = await perform(link, { t: "invite", role: form.role, scope, name: form.name.trim(), phone: form.phone });
      onDone(made.invitation);
    } catch (refused) {
      setBusy(false);
      setError(refused);
    }
  }

  const fault = (code) => (error && error.code === code ? (code === "phone_invalid" ? t("screen.phone_wrong") : refusalText(error)) : "");
  const other = error && !["phone_invalid", "name_invalid"].includes(error.code);
  return html`<${Sheet} title=${t("screen.invite")} onClose=${onClose} first="select" data-test="invite-sheet">
    <form class="stack" onSubmit=${submit} novalidate>
      <${Field} as="select" label=${t("screen.invite_role")} value=${form.role} onInput=${change("role")} data-test="invite-role">
        ${(admin ? [...ROLES, "admin"] : ROLES).map((role) => html`<option key=${role} value=${role}>${t(`screen.role_${role}`)}</option>`)}
      <//>
      <${Field} label=${t("screen.invite_find")} hint=${found.data && found.data.more ? t("screen.invite_find_more") : undefined} value=${words} onInput=${setWords} maxlength="40" autocomplete="off" data-test="invite-find" />
      <${Field} as="select" label=${t(`screen.invite_${kind}`)} value=${scope} onInput=${change("scope")} data-test="invite-scope">
        <option value="" selected=${!scope}>${t(scopes.length ? "screen.invite_choose" : "screen.invite_no_scope")}</option>
        ${scopes.map((one) => html`<option key=${one.id} value=${one.id} selected=${one.id === scope}>${one.title}</option>`)}
      <//>
      <${Field} label=${t("screen.invite_name")} value=${form.name} onInput=${change("name")} maxlength="20" autocomplete="off" error=${fault("name_invalid")} data-test="invite-name" />
      <${Field}
        label=${t("screen.invite_phone")}
        hint=${t("screen.invite_phone_hint")}
        type="tel"
        inputmode="tel"
        value=${form.phone}
        onInput=${change("phone")}
        maxlength="24"
        autocomplete="off"
        error=${fault("phone_invalid")}
        data-test="invite-phone"
      />
      ${other && html`<p class="door__error" role="alert">${refusalText(error)}</p>`}
      <${Button} kind="main" wide type="submit" busy=${busy} disabled=${!scope} data-test="invite-send">${t("screen.invite_make")}<//>
    </form>
  <//>`;
}
