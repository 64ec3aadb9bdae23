// 开幕, for who stands on the stage: viewers see it in a moment, so the host hears of it before.

import { toast } from "../shared/components.js";
import { t } from "../shared/i18n.js";
import { LIMITS } from "../shared/protocol.js";

export function tellLaunch({ text, show_at_ms }, now) {
  const left = show_at_ms - now;
  if (left < -LIMITS.LAUNCH_SHOWN_S * 1000) return;
  const n = Math.max(0, Math.round(left / 1000));
  toast(n ? t("host.launch_in", { n, text, count: n }) : t("host.launch_now", { text }), { tone: "look", ms: 12_000 });
}
