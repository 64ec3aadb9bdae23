// An open invitation, large: its QR code to be scanned from this screen or pressed and kept, and its link.
//
//   <${InvitationSheet} link id onClose/>
//   <${InvitedForm} link role scope onMade/>         who is asked, and the number; what stands above comes as children
//   <${InviteHr} link enterprise title onClose/>     a specialist asks the HR of an own enterprise, then shows the code

import { useAttempt } from "./attempt.js";
import { Button, Field, ListState, Sheet, html, toast, useLoad, useMemo, useState } from "./components.js";
import { formatWhen } from "./format.js";
import { refusalText, t } from "./i18n.js";

export function InvitationSheet({ link, id, onClose }) {
  const found = useLoad(() => link.send({ t: "show_invitation", invitation: id }), [id]);
  const now = useMemo(() => Date.now(), []);
  const { invitation, link: address, qr } = found.data || {};
  async function copy() {
    try {
      await navigator.clipboard.writeText(address);
      toast(t("invitation.link_copied"), { tone: "safe" });
    } catch {
      toast(t("invitation.link_not_copied"), { tone: "look" });
    }
  }
  return html`<${Sheet} title=${t("invitation.title")} onClose=${onClose} data-test="invitation-sheet">
    <${ListState} state=${found.state} error=${found.error} onRetry=${found.again}>
      ${invitation &&
      html`<div class="stack">
        <p>${t("invitation.for", { name: invitation.name, role: t(`screen.role_${invitation.role}`), title: invitation.title })}</p>
        <img class="invitation__qr" src=${`data:image/svg+xml;charset=utf-8,${encodeURIComponent(qr)}`} alt=${t("invitation.qr_alt")} data-test="invitation-qr" />
        <p class="quiet small">${t("invitation.how", { phone: invitation.phone, when: formatWhen(invitation.expires_at_ms, now) })}</p>
        <input class="input invitation__link" readonly value=${address} aria-label=${t("invitation.link")} onFocus=${(event) => event.currentTarget.select()} data-test="invitation-link" />
        <${Button} wide onClick=${copy}>${t("invitation.link_copy")}<//>
      </div>`}
    <//>
  <//>`;
}

export function InviteHr({ link, enterprise, title, onClose }) {
  const [made, setMade] = useState("");
  if (made) return html`<${InvitationSheet} link=${link} id=${made} onClose=${onClose} />`;
  return html`<${Sheet} title=${t("invitation.hr", { title })} onClose=${onClose} first="input" data-test="invite-hr">
    <${InvitedForm} link=${link} role="hr" scope=${enterprise} onMade=${setMade} />
  <//>`;
}

/** Who is invited into a role, and the asking; `children` stand above. `onMade(id)` once the invitation is there. */
export function InvitedForm({ link, role, scope, onMade, children }) {
  const [name, setName] = useState("");
  const [phone, setPhone] = useState("");
  const { busy, error, attempt } = useAttempt(link);

  function submit(event) {
    event.preventDefault();
    attempt({ t: "invite", role, scope, name: name.trim(), phone }, { done: ({ invitation }) => onMade(invitation) });
  }

  const fault = (code, text) => (error && error.code === code ? text || refusalText(error) : "");
  const other = error && !["phone_invalid", "name_invalid"].includes(error.code);
  return html`<form class="stack" onSubmit=${submit} novalidate>
    ${children}
    <${Field} label=${t("invitation.name")} value=${name} onInput=${setName} maxlength="20" autocomplete="off" error=${fault("name_invalid")} data-test="invite-name" />
    <${Field}
      label=${t("invitation.phone")}
      hint=${t("invitation.phone_hint")}
      type="tel"
      inputmode="tel"
      value=${phone}
      onInput=${setPhone}
      maxlength="24"
      autocomplete="off"
      error=${fault("phone_invalid", t("invitation.phone_wrong"))}
      data-test="invite-phone"
    />
    ${other && html`<p class="door__error" role="alert">${refusalText(error)}</p>`}
    <${Button} kind="main" wide type="submit" busy=${busy} disabled=${!scope} data-test="invite-send">${t("invitation.make")}<//>
  </form>`;
}
