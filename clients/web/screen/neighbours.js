// Other provinces, as far as everybody may know: how many halls, how many on air, how many watch. Their reports, people and
// applications are their own operators'.

import { getJson } from "../shared/api.js";
import { Chip, html, useAgain, useLoad } from "../shared/components.js";
import { formatWhen } from "../shared/format.js";
import { t } from "../shared/i18n.js";
import { exact } from "./tree.js";

const AGAIN_MS = 15_000;

export function Neighbours({ link }) {
  const { data, again } = useLoad(() => getJson("/api/elsewhere"), []);
  useAgain(again, AGAIN_MS);
  const provinces = (data && data.provinces) || [];
  if (!provinces.length) return null;
  return html`<section class="panel rooms" aria-labelledby="neighbours-title" data-test="neighbours">
    <h2 class="panel__title" id="neighbours-title">${t("screen.neighbours")}</h2>
    <ol class="rooms__list">
      ${provinces.map(
        (one) => html`<li key=${one.code} data-test="neighbour" data-province=${one.code} data-reachable=${one.reachable ? "yes" : "no"}>
          <div class="room">
            <span class="room__name">${one.title}</span>
            ${!one.reachable && html`<${Chip} tone="look">${t("screen.neighbour_silent")}<//>`}
            <span class="room__numbers small quiet num">${words(one, link.serverNow())}</span>
          </div>
        </li>`,
      )}
    </ol>
  </section>`;
}

function words(one, now) {
  if (!one.known_at_ms) return "";
  const counts = t("screen.neighbour_numbers", { halls: exact(one.halls), live: exact(one.live), online: exact(one.online) });
  return one.reachable ? counts : `${counts} · ${formatWhen(one.known_at_ms, now)}`;
}
