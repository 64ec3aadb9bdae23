// Other provinces, as far as everybody may know: how many halls, how many on air, how many watch. Their reports, people and
// applications are their own operators'.

import { getJson } from "../shared/api.js";
import { Chip, html, useAgain, useLoad } from "../shared/components.js";
import { formatWhen } from "../shared/format.js";
import { t } from "../shared/i18n.js";
import { exact } from "./tree.js";

const AGAIN_MS = 15_000;

export function Provinces({ link }) {
  const { data, again } = useLoad(() => getJson("/api/provinces"), []);
  useAgain(again, AGAIN_MS);
  const provinces = (data && data.provinces) || [];
  if (!provinces.length) return null;
  return html`<section class="panel rooms" aria-labelledby="provinces-title" data-test="provinces">
    <h2 class="panel__title" id="provinces-title">${t("screen.provinces")}</h2>
    <ol class="rooms__list">
      ${provinces.map(
        (one) => html`<li key=${one.code} data-test="province" data-province=${one.code} data-reachable=${one.reachable ? "yes" : "no"}>
          <div class="room">
            <span class="room__name">${one.title}</span>
            ${!one.reachable && html`<${Chip} tone="look">${t("screen.province_silent")}<//>`}
            <span class="room__numbers small quiet num">${words(one, link.serverNow())}</span>
          </div>
        </li>`,
      )}
    </ol>
  </section>`;
}

function words(one, now) {
  if (!one.known_at_ms) return "";
  const counts = t("screen.province_numbers", { halls: exact(one.halls), live: exact(one.live), online: exact(one.online) });
  return one.reachable ? counts : `${counts} · ${formatWhen(one.known_at_ms, now)}`;
}
