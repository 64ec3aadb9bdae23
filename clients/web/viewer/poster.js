// A picture of a position or a hall to keep or pass on: title, pay, place, hall, time and a QR code, 750 x 1334.
//
//   lines(what)                    what stands on it, top to bottom: [{text, kind}]     pure
//   wrap(text, most, width)        a text in lines no wider than that                   pure
//   await drawPoster(canvas, what, code)   code: GET /api/qr?as=modules
//
// what = {kind: "position" | "room", path, title, enterprise, base, band, place, chips, hall, number, when, note}

import { t } from "../shared/i18n.js";

export const WIDE = 750;
export const HIGH = 1334;
const EDGE = 56;
const QR = 400;
const QUIET = 4;
const QUIET_EDGE = 24;

const KINDS = {
  site: { size: 30, gap: 16, colour: "--ink-on-action" },
  title: { size: 64, weight: 600, most: 3, gap: 14, colour: "--ink" },
  quiet: { size: 32, most: 2, gap: 10, colour: "--ink-2" },
  pay: { size: 46, weight: 600, most: 2, gap: 10, colour: "--ink" },
  text: { size: 36, most: 2, gap: 10, colour: "--ink" },
  now: { size: 36, weight: 600, most: 2, gap: 10, colour: "--now" },
};

export function lines(what) {
  const line = (kind, text) => (text ? [{ kind, text }] : []);
  const labelled = (name, value) => `${t(`fact.${name}`)} ${value || t("fact.missing")}`;
  const position = what.kind === "position";
  return [
    ...line("title", what.title),
    ...line("quiet", what.enterprise),
    ...(position ? [...line("pay", labelled("base", what.base)), ...line("pay", labelled("band", what.band))] : []),
    ...(position ? line("text", labelled("place", what.place)) : []),
    ...line("text", (what.chips || []).join("　")),
    ...line("now", what.hall && what.number ? t("poster.hall", { hall: what.hall, n: what.number }) : what.hall),
    ...line("quiet", what.when),
  ];
}

/** Chinese breaks anywhere; words of letters and numbers stay whole where they fit. */
export function wrap(text, most, width) {
  const found = [];
  let line = "";
  for (const piece of text.match(/[A-Za-z0-9.,–-]+|[\s\S]/gu) || []) {
    if (line && width(line + piece) > most) {
      found.push(line);
      line = piece.trimStart();
    } else {
      line += piece;
    }
  }
  return line ? [...found, line] : found;
}

function colourOf(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

export async function drawPoster(canvas, what, code) {
  canvas.width = WIDE;
  canvas.height = HIGH;
  const pen = canvas.getContext("2d");
  const font = getComputedStyle(document.body).fontFamily;
  const write = (words, kind, x, y) => {
    pen.font = `${kind.weight || 400} ${kind.size}px ${font}`;
    pen.fillStyle = colourOf(kind.colour);
    pen.fillText(words, x, y);
  };
  pen.textBaseline = "top";
  pen.fillStyle = colourOf("--surface");
  pen.fillRect(0, 0, WIDE, HIGH);
  pen.fillStyle = colourOf("--action");
  pen.fillRect(0, 0, WIDE, 96);
  write(what.site || t("portal.title"), KINDS.site, EDGE, 34);

  let y = 140;
  const floor = HIGH - QR - 190;
  for (const { kind, text } of lines(what)) {
    const how = KINDS[kind];
    pen.font = `${how.weight || 400} ${how.size}px ${font}`;
    const all = wrap(text, WIDE - 2 * EDGE, (words) => pen.measureText(words).width);
    const shown = all.slice(0, how.most || 1);
    if (shown.length < all.length) shown[shown.length - 1] = `${shown[shown.length - 1].slice(0, -1)}…`;
    for (const words of shown) {
      if (y + how.size > floor) break;
      write(words, how, EDGE, y);
      y += Math.round(how.size * 1.35);
    }
    y += how.gap;
  }
  drawCode(pen, code.rows, (WIDE - QR) / 2, HIGH - QR - 150);
  pen.textAlign = "center";
  const fitting = (words, size) => {
    pen.font = `400 ${size}px ${font}`;
    return { ...KINDS.quiet, size: Math.floor(size * Math.min(1, (WIDE - 2 * QUIET_EDGE) / pen.measureText(words).width)) };
  };
  const note = what.note || t("foot.free");
  write(t("poster.scan"), fitting(t("poster.scan"), KINDS.quiet.size), WIDE / 2, HIGH - 132);
  write(note, fitting(note, 26), WIDE / 2, HIGH - 76);
  pen.textAlign = "start";
}

function drawCode(pen, rows, left, top) {
  const unit = Math.floor(QR / (rows.length + 2 * QUIET));
  const start = (QR - unit * rows.length) / 2;
  // A code is read best dark on white, whatever the page's colours.
  pen.fillStyle = colourOf("--surface");
  pen.fillRect(left, top, QR, QR);
  pen.fillStyle = colourOf("--ink");
  rows.forEach((row, y) => {
    [...row].forEach((dark, x) => {
      if (dark === "1") pen.fillRect(left + start + x * unit, top + start + y * unit, unit, unit);
    });
  });
}
