// Numbers, times and the facts of a position as people say them. Pure, except setBigType.
//
//   formatCount(12345)                    "1.2万" (en: "12.3k")
//   formatWhen(at_ms, now_ms)             刚刚 · 5 分钟前 · 10:32 · 昨天 10:32 · 11月3日 10:32 (Beijing time)
//   formatDuration(ms)                    "1:02:03"
//   payBase(position) payBand(position)   底薪 and 综合 apart; "未填写" and 面议 where that is so
//   chipsOf(position, most)               the short facts that fit on a card, benefits first
//   factsOf(position)                     [{label, value, missing}] for all facts, missing ones shown as missing
//   statusTone(status)                    "safe" | "look" | "action" | "" for a step of an application
//   roomChip(state)                       {tone, text} for a session's state
//   setBigType(on) bigType()              大字, kept on this device

import { keep } from "./keep.js";
import { locale, t } from "./i18n.js";

/** Chinese counts in 万 and 亿, English in k and M; below 10,000 (1,000) in full. Truncated, so never more than true. */
export function formatCount(value) {
  const n = Math.max(0, Math.trunc(Number(value) || 0));
  const short = (unit, name) => {
    const tenths = Math.floor((n * 10) / unit) / 10;
    return `${tenths >= 100 ? Math.floor(tenths) : tenths}${name}`;
  };
  if (locale() === "en") {
    if (n >= 1_000_000) return short(1_000_000, "M");
    if (n >= 10_000) return short(1_000, "k");
    return n.toLocaleString("en");
  }
  if (n >= 100_000_000) return short(100_000_000, "亿");
  if (n >= 10_000) return short(10_000, "万");
  return String(n);
}

/** The whole country keeps Beijing time, and a fair's times are its hall's, whatever the device is set to. */
const BEIJING_MS = 8 * 3_600_000;
const two = (n) => String(n).padStart(2, "0");

/** Both in ms; now_ms is the hub's clock (link.serverNow()). */
export function formatWhen(atMs, nowMs) {
  const passed = nowMs - atMs;
  const at = new Date(atMs + BEIJING_MS);
  const now = new Date(nowMs + BEIJING_MS);
  const clock = `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}`;
  if (passed >= 0 && passed < 60_000) return t("when.just_now");
  if (passed >= 0 && passed < 3_600_000) {
    const count = Math.floor(passed / 60_000);
    return t("when.minutes_ago", { n: count, count });
  }
  const dayOf = (date) => Math.floor(date.getTime() / 86_400_000);
  const days = dayOf(at) - dayOf(now);
  if (days === 0) return clock;
  if (days === -1) return t("when.yesterday", { clock });
  if (days === 1) return t(at.getUTCHours() < 12 ? "when.tomorrow_morning" : "when.tomorrow", { clock });
  const month = t("when.months").split(" ")[at.getUTCMonth()];
  const params = { year: at.getUTCFullYear(), month, day: at.getUTCDate(), clock };
  return t(at.getUTCFullYear() === now.getUTCFullYear() ? "when.day" : "when.day_of_year", params);
}

export function formatDuration(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

const yuan = (n) => n.toLocaleString("en");
// Piecework is counted by the piece and named by the month: its band is what a month brings.
const unitOf = (position) => t(position.pay_unit === "hour" ? "pay.hour" : "pay.month");

/** 底薪 or null when it was not filled in. */
export function payBase(position) {
  return position.base_yuan == null ? null : t("pay.amount", { n: yuan(position.base_yuan), unit: unitOf(position) });
}

/** 综合 band, 面议, or null when it was not filled in. */
export function payBand(position) {
  const pay = bandOf(position);
  return pay && position.pay_unit === "piece" && position.pay_min_yuan != null ? t("pay.by_piece", { pay }) : pay;
}

function bandOf(position) {
  const { pay_min_yuan: low, pay_max_yuan: high } = position;
  const unit = unitOf(position);
  if (low != null && high != null && low !== high) return t("pay.band", { low: yuan(low), high: yuan(high), unit });
  if (low != null && high != null) return t("pay.amount", { n: yuan(low), unit });
  if (low != null) return t("pay.from", { n: yuan(low), unit });
  if (high != null) return t("pay.up_to", { n: yuan(high), unit });
  return position.pay_negotiable ? t("pay.negotiable") : null;
}

const ANYTHING = "不限"; // says nothing without its label

/** Short facts for a card: what most people ask first (住, 车, 班), in the enterprise's own words. */
export function chipsOf(position, most = 3) {
  const wanted = /住|宿|餐|吃|班车|接送|车|五险|保险|dorm|meal|bus|insur/i;
  const benefits = [...(position.benefits || [])].sort((a, b) => Number(wanted.test(b)) - Number(wanted.test(a)));
  const facts = [benefits[0], position.shift, ...benefits.slice(1), position.education, position.rest];
  const short = facts.filter((fact) => fact && fact.length <= 12 && fact !== ANYTHING);
  return [...new Set(short)].slice(0, most);
}

/** All facts in reading order. `missing` ones carry the words for 未填写. */
export function factsOf(position) {
  const fact = (name, value) => ({
    name,
    label: t(`fact.${name}`),
    value: value || t("fact.missing"),
    missing: !value,
  });
  return [
    fact("base", payBase(position)),
    fact("band", payBand(position)),
    fact("place", position.place),
    fact("shift", position.shift),
    fact("rest", position.rest),
    fact("employment_type", position.employment_type),
    fact("education", position.education),
    fact("benefits", (position.benefits || []).join(t("list.comma"))),
    fact("duties", position.duties),
    fact("requirements", position.requirements),
  ];
}

const TONES = {
  applied: "action",
  viewed: "action",
  contacted: "action",
  interview: "look",
  intent: "safe",
  hired: "safe",
  at_work: "safe",
};

export function statusTone(status) {
  return TONES[status] || "";
}

export function statusText(status) {
  return t(`status.${status}`);
}

export function roomChip(state) {
  const tone = { live: "now", interrupted: "look" }[state] || "";
  return { tone, text: t(`session.${state || "scheduled"}`) };
}

export function bigType() {
  return Boolean(keep.get("big_type"));
}

export function setBigType(on) {
  keep.set("big_type", Boolean(on));
  document.documentElement.classList.toggle("big-type", Boolean(on));
}
