// The receipt as a picture: number, position, enterprise. No name, no phone: pictures are passed on.

import { t } from "../../shared/i18n.js";

const WIDTH = 640;
const LINE = 44;
const FONT = '"PingFang SC", "HarmonyOS Sans SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif';

/** A PNG as a data: address; "" where the browser draws none. */
export function receiptImage({ position, receipt }) {
  const canvas = document.createElement("canvas");
  const pen = canvas.getContext("2d");
  if (!pen) return "";
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(name).trim();
  const lines = [
    ...cut(pen, position.title, 34, "600").map((text) => ({ text, size: 34, weight: "600", ink: "--ink" })),
    ...cut(pen, position.enterprise_name || "", 26, "400").map((text) => ({ text, size: 26, weight: "400", ink: "--ink-2" })),
    { text: t("after.image_save"), size: 24, weight: "400", ink: "--ink-2" },
  ];
  canvas.width = WIDTH;
  canvas.height = 230 + lines.length * LINE;
  pen.fillStyle = colour("--surface");
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.fillStyle = colour("--safe");
  pen.fillRect(0, 0, WIDTH, 12);
  write(pen, t("after.image_title"), 70, 28, "600", colour("--safe"));
  write(pen, receipt, 140, 52, "600", colour("--ink"));
  lines.forEach((line, n) => write(pen, line.text, 210 + n * LINE, line.size, line.weight, colour(line.ink)));
  try {
    return canvas.toDataURL("image/png");
  } catch {
    return "";
  }
}

function write(pen, text, y, size, weight, ink) {
  pen.font = `${weight} ${size}px ${FONT}`;
  pen.fillStyle = ink;
  pen.fillText(text, 40, y);
}

/** At most two lines; Chinese breaks anywhere. */
function cut(pen, text, size, weight) {
  pen.font = `${weight} ${size}px ${FONT}`;
  const lines = [""];
  for (const sign of text) {
    if (pen.measureText(lines[lines.length - 1] + sign).width > WIDTH - 80) {
      if (lines.length === 2) {
        lines[1] = `${[...lines[1]].slice(0, -1).join("")}…`;
        break;
      }
      lines.push("");
    }
    lines[lines.length - 1] += sign;
  }
  return lines.filter(Boolean);
}
