// What is given to whom and what for, in the words of the version that is agreed to (GET /api/consent/VERSION).

import { getJson } from "../shared/api.js";
import { html, useLoad } from "../shared/components.js";
import { locale, t } from "../shared/i18n.js";

const PARTS = ["recipient", "purpose", "kinds", "keeping", "rights", "contact"];

export function Consent({ enterprise, version }) {
  const { data } = useLoad(() => (version ? getJson(`/api/consent/${encodeURIComponent(version)}`) : Promise.resolve(null)), [version]);
  const words = data && (data.words[locale()] || data.words["zh-CN"]);
  const fill = (text) =>
    text.replace("{enterprise}", enterprise).replace("{contact}", (data && data.contact) || t("apply.consent_contact"));
  return html`<div class="consent" data-test="apply-consent" data-version=${version}>
    <p>${words ? fill(words.short) : t("apply.consent", { enterprise })}</p>
    ${words &&
    html`<details data-test="consent-more">
      <summary>${t("apply.consent_more")}</summary>
      ${PARTS.map((part) => html`<p key=${part}>${fill(words[part])}</p>`)}
    </details>`}
  </div>`;
}
