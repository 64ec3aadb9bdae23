// How fast the way to the hub is, measured with a megabyte of nothing before a broadcast, and what follows from it.
//
//   const kbit = await measureUplink({ account, session, phone });     rejects with RefusalError
//   uplinkAdvice(kbit)   "good" | "fair" | "poor"        startRate(kbit)   the bitrate to begin with

import { RefusalError } from "./api.js";
import { RATES_KBIT, USUAL_KBIT } from "./recording.js";

const PIECE_BYTES = 32 * 1024;
const BYTES = 1024 * 1024 + PIECE_BYTES;
const WAITING_BYTES = 256 * 1024;
const WITHIN_MS = 10_000;
const LOOK_MS = 20;
/** Twice the picture and its sound: room for what else the hall's network does. */
const GOOD_KBIT = 1_800;
const FAIR_KBIT = 700;
const SHARE = 0.7;

export function uplinkAdvice(kbit) {
  if (kbit >= GOOD_KBIT) return "good";
  return kbit >= FAIR_KBIT ? "fair" : "poor";
}

export function startRate(kbit) {
  return RATES_KBIT.find((rate) => rate <= USUAL_KBIT && rate <= kbit * SHARE) || RATES_KBIT[RATES_KBIT.length - 1];
}

export async function measureUplink({ account, session, phone = false }) {
  const token = await account.ready();
  const ws = new WebSocket(mediaAddress(session));
  let timer = 0;
  try {
    return await new Promise((resolve, reject) => {
      timer = setTimeout(reject, WITHIN_MS, new RefusalError("no_answer", { temporary: true }));
      ws.onopen = () => {
        ws.send(JSON.stringify({ t: "broadcast", token, session, source: "probe-probe", phone, probe: true }));
        pour(ws);
      };
      ws.onmessage = ({ data }) => {
        const message = JSON.parse(data);
        if (message.t === "probed") resolve(message.kbit_s);
        else reject(RefusalError.of(message));
      };
      ws.onclose = () => reject(new RefusalError("offline", { temporary: true }));
    });
  } finally {
    clearTimeout(timer);
    ws.onclose = null;
    ws.close();
  }
}

/** Bytes that no proxy can squeeze, as fast as they go and no faster. */
function pour(ws) {
  const piece = crypto.getRandomValues(new Uint8Array(PIECE_BYTES));
  let left = BYTES;
  const more = () => {
    if (ws.readyState !== 1) return;
    while (left > 0 && ws.bufferedAmount < WAITING_BYTES) {
      ws.send(piece);
      left -= PIECE_BYTES;
    }
    if (left > 0) setTimeout(more, LOOK_MS);
  };
  more();
}

export function mediaAddress(session) {
  return `${location.protocol === "https:" ? "wss:" : "ws:"}//${location.host}/media?session=${encodeURIComponent(session)}`;
}
