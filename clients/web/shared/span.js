// How long something has lasted, as one says it across a room: 20 秒, 3 分钟, 2 小时.

import { t } from "../shared/i18n.js";

export function formatSpan(ms) {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 90) return t("wait.seconds", { n: seconds });
  if (seconds < 5_400) return t("wait.minutes", { n: Math.round(seconds / 60) });
  return t("wait.hours", { n: Math.round(seconds / 3_600) });
}
