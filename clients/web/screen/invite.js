// Asking somebody to join: in which role and where; who, and the number the code will go to, as everywhere.

import { Field, Sheet, html, useEffect, useLoad, useState } from "../shared/components.js";
import { t } from "../shared/i18n.js";
import { InvitedForm } from "../shared/invitation.js";

const ROLES = ["hr", "specialist", "host", "assistant", "operator"];
const KINDS = { host: "session", assistant: "session", hr: "enterprise", specialist: "enterprise", operator: "region", admin: "region" };

export function InviteForm({ link, root, admin, onClose, onDone }) {
  const [role, setRole] = useState("hr");
  const [chosen, setChosen] = useState("");
  const [words, setWords] = useState("");
  const [asked, setAsked] = useState("");
  const kind = KINDS[role];
  useEffect(() => {
    const timer = setTimeout(() => setAsked(words.trim()), 250);
    return () => clearTimeout(timer);
  }, [words]);
  const found = useLoad(() => link.send({ t: "list_scopes", region: root, role, words: asked }), [root, role, asked]);
  const scopes = (found.data && found.data.scopes) || [];
  const scope = scopes.some((one) => one.id === chosen) ? chosen : scopes.length === 1 ? scopes[0].id : "";

  return html`<${Sheet} title=${t("screen.invite")} onClose=${onClose} first="select" data-test="invite-sheet">
    <${InvitedForm} link=${link} role=${role} scope=${scope} onMade=${onDone}>
      <${Field} as="select" label=${t("screen.invite_role")} value=${role} onInput=${setRole} data-test="invite-role">
        ${(admin ? [...ROLES, "admin"] : ROLES).map((one) => html`<option key=${one} value=${one}>${t(`screen.role_${one}`)}</option>`)}
      <//>
      <${Field} label=${t("screen.invite_find")} hint=${found.data && found.data.more ? t("screen.invite_find_more") : undefined} value=${words} onInput=${setWords} maxlength="40" autocomplete="off" data-test="invite-find" />
      <${Field} as="select" label=${t(`screen.invite_${kind}`)} value=${scope} onInput=${setChosen} data-test="invite-scope">
        <option value="" selected=${!scope}>${t(scopes.length ? "screen.invite_choose" : "screen.invite_no_scope")}</option>
        ${scopes.map((one) => html`<option key=${one.id} value=${one.id} selected=${one.id === scope}>${one.title}</option>`)}
      <//>
    <//>
  <//>`;
}
