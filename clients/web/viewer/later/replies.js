// How an enterprise answers those who apply, computed from its applications: on a position's sheet and page.

import { getJson } from "../../shared/api.js";
import { html, useLoad } from "../../shared/components.js";
import { houseOf } from "../../shared/far.js";
import { t } from "../../shared/i18n.js";

/** Fewer say nothing about an enterprise. */
const LEAST = 3;

export function Replies({ enterprise, session }) {
  const house = houseOf(session);
  const ask = () => (house === null ? Promise.resolve(null) : getJson(`${house}/api/enterprises/${encodeURIComponent(enterprise)}`));
  const { data } = useLoad(ask, [enterprise, house]);
  const { received = 0, answered = 0, mean_ms = 0 } = (data && data.replies) || {};
  if (received < LEAST) return null;
  return html`<p class="quiet small" data-test="replies">${t("replies.rate", { rate: Math.round((answered / received) * 100), time: spoken(mean_ms) })}</p>`;
}

function spoken(ms) {
  const hours = ms / 3_600_000;
  if (hours < 1) return t("replies.minutes", { n: Math.max(1, Math.round(ms / 60_000)) });
  if (hours < 48) return t("replies.hours", { n: Math.round(hours) });
  return t("replies.days", { n: Math.round(hours / 24) });
}
