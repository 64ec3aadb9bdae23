// What is given to whom and what for, in the words of the version that is in force where the application goes
// (GET /api/setup, /api/consent/VERSION): at home, or in the other province.
//
//   const consent = useConsent(session)    {house, version: "" while unknown, error, again()}
//   <${Consent} enterprise ...${consent}/>

import { getJson } from "../shared/api.js";
import { ListState, html, useLoad, useStore } from "../shared/components.js";
import { houseOf } from "../shared/far.js";
import { locale, t } from "../shared/i18n.js";
import { app, consentVersion, loadSetup } from "./app.js";

const PARTS = ["recipient", "purpose", "kinds", "keeping", "rights", "contact"];

const NOTHING = Promise.resolve(null);

export function useConsent(session) {
  useStore(app.setup);
  const house = houseOf(session);
  const { data, error, again } = useLoad(() => (house ? getJson(`${house}/api/setup`) : NOTHING), [house]);
  if (house === "") return { house, version: consentVersion(), again: loadSetup };
  return { house, version: (data && data.consent) || "", error, again };
}

export function Consent({ enterprise, house, version, error, again }) {
  const { data } = useLoad(() => (version ? getJson(`${house}/api/consent/${encodeURIComponent(version)}`) : NOTHING), [version]);
  const words = data && data.version === version && (data.words[locale()] || data.words["zh-CN"]);
  const fill = (text) =>
    text.replace("{enterprise}", enterprise).replace("{contact}", (data && data.contact) || t("apply.consent_contact"));
  if (!version) return html`<${ListState} state=${error ? "error" : "loading"} error=${error} onRetry=${again} lines=${2} />`;
  return html`<div class="consent" data-test="apply-consent" data-version=${version}>
    <p>${words ? fill(words.short) : t("apply.consent", { enterprise })}</p>
    ${words &&
    html`<details data-test="consent-more">
      <summary>${t("apply.consent_more")}</summary>
      ${PARTS.map((part) => html`<p key=${part}>${fill(words[part])}</p>`)}
    </details>`}
  </div>`;
}
