// 画面墙: how every room on air looks, a small picture each, what is wrong first. 49 rooms cost one list and 49 stills of
// 10 kB in five seconds; a page nobody looks at asks for nothing.

import { useAlarm } from "../shared/alarm.js";
import { getJson } from "../shared/api.js";
import { Choice, ListState, html, useEffect, useMemo, useRef, useState } from "../shared/components.js";
import { t } from "../shared/i18n.js";
import { keep } from "../shared/keep.js";
import { formatSpan } from "../shared/span.js";
import { stillAddress } from "../picture/stills.js";
import { PictureView } from "./picture_view.js";

const EVERY_MS = 5_000;
const ICONS = { elsewhere: "○", none: "✕", gone: "✕", black: "■", frozen: "❄", silent: "✕♪", unrecorded: "○" };
/** What an operator does something about first. */
const ORDER = ["none", "gone", "black", "frozen", "silent", "unrecorded"];

/** Rooms that want somebody first, the gravest on top; else as they come, so that tiles keep their places. Pure. */
export function inOrder(tiles) {
  const rank = (tile) => Math.min(ORDER.length, ...(tile.alarms || []).map((alarm) => ORDER.indexOf(alarm.what)));
  return tiles.map((tile, place) => ({ tile, place })).sort((a, b) => rank(a.tile) - rank(b.tile) || a.place - b.place).map(({ tile }) => tile);
}

/** How all rooms are, as a word and its numbers: nothing is called fine that cannot be seen here. Pure. */
export function summary(tiles) {
  const all = tiles.length;
  const bad = tiles.filter((tile) => (tile.alarms || []).length).length;
  if (bad) return ["wall.bad", { n: bad, all, count: bad }];
  const seen = tiles.filter((tile) => tile.picture && tile.picture !== "paused").length;
  if (seen === all) return ["wall.good", { n: all, count: all }];
  return seen ? ["wall.good_some", { n: seen, all, rest: all - seen }] : ["wall.good_none", { n: all, count: all }];
}

/** Alarms that were not there before, by room and kind. Pure. */
export function newAlarms(before, tiles) {
  const now = tiles.flatMap((tile) => (tile.alarms || []).map((alarm) => `${tile.session} ${alarm.what}`));
  return { now, fresh: now.filter((one) => !before.includes(one)) };
}

export function PictureWall({ link, account, root, state: board }) {
  const wall = useWall(account, root);
  const [sound, setSound] = useState(keep.get("wall_sound") === true);
  const [open, setOpen] = useState("");
  const [fresh, setFresh] = useState("");
  const known = useRef(null);
  const names = useMemo(() => new Map(board.regions.map((region) => [region.code, region.name])), [board.regions]);

  useEffect(() => {
    if (!wall.tiles) return;
    const { now, fresh: told } = newAlarms(known.current || [], wall.tiles);
    known.current = now;
    // A word that changes each time, so that the same alarm sounds again later.
    setFresh(told.length ? `${told.join()} ${wall.at_ms}` : now.length ? (old) => old : "");
  }, [wall.at_ms]);
  useAlarm(sound ? fresh : "");

  const tiles = wall.tiles ? inOrder(wall.tiles) : [];
  const bad = tiles.filter((tile) => (tile.alarms || []).length).length;
  const opened = tiles.find((tile) => tile.session === open);
  const phase = wall.tiles ? (tiles.length ? "ready" : "empty") : wall.error ? "error" : "loading";
  return html`<section class="pictures stack" data-test="picture-wall">
    <header class="line line--apart">
      <p role="status" class=${bad ? "strong" : "quiet"} data-test="wall-count" data-bad=${bad}>${wall.stale ? t("wall.stale") : tiles.length ? t(...summary(tiles)) : ""}</p>
      <${Choice} label=${t("wall.sound")} checked=${sound} onChange=${(yes) => {
        setSound(yes);
        keep.set("wall_sound", yes);
      }} data-test="wall-sound" />
    </header>
    <${ListState} state=${phase} error=${wall.error} onRetry=${wall.again} lines=${6} empty=${{ text: t("wall.empty") }}>
      <ul class="pictures__grid">
        ${tiles.map((tile) => html`<${Tile} key=${tile.session} ...${{ tile, names }} at_ms=${wall.at_ms} onOpen=${() => setOpen(tile.session)} />`)}
      </ul>
    <//>
    ${opened && html`<${PictureView} ...${{ tile: opened, account, link }} onClose=${() => setOpen("")} words=${wordsOf(opened, wall.at_ms)} />`}
  </section>`;
}

function Tile({ tile, names, at_ms, onOpen }) {
  const alarms = tile.alarms || [];
  const words = wordsOf(tile, at_ms);
  return html`<li class=${`tile-picture${alarms.length ? " tile-picture--bad" : ""}`} data-test="wall-tile" data-session=${tile.session} data-alarms=${alarms.map((one) => one.what).join(" ")}>
    <button type="button" class="tile-picture__open" onClick=${onOpen} data-test="wall-open">
      <span class="tile-picture__frame">
        ${tile.still > 0
          ? html`<img src=${stillAddress(tile.session, tile.still, 1)} alt="" loading="lazy" decoding="async" />`
          : html`<span class="tile-picture__none" aria-hidden="true">${t("wall.no_still")}</span>`}
      </span>
      <span class="tile-picture__name">${tile.title}</span>
      <span class="tile-picture__where quiet small">${names.get(tile.region) || ""}</span>
      ${words.map(
        (word, n) => html`<span key=${n} class=${`small ${alarms.length ? "tile-picture__alarm" : "quiet"}`} data-test="wall-alarm"><span aria-hidden="true">${ICONS[alarms[n] ? alarms[n].what : "elsewhere"]}</span> ${word}</span>`,
      )}
      ${!words.length && html`<span class="tile-picture__fine small">${t(tile.picture === "paused" ? "wall.paused" : "wall.fine")}</span>`}
    </button>
  </li>`;
}

/** What is wrong with a room, in words with how long it has been so; a room without a picture here is told too. */
function wordsOf(tile, at_ms) {
  const alarms = (tile.alarms || []).map((alarm) => t(`wall.${alarm.what}`, { since: formatSpan(at_ms - alarm.since_ms) }));
  return alarms.length || tile.picture ? alarms : [t("wall.elsewhere")];
}

/** The newest list, asked for every five seconds while somebody looks. */
function useWall(account, root) {
  const [wall, setWall] = useState({ tiles: null, error: null, at_ms: 0, stale: false });
  const [round, setRound] = useState(0);
  useEffect(() => {
    let mine = true;
    let asking = false;
    async function ask() {
      if (asking || document.hidden) return;
      asking = true;
      try {
        const found = await getJson(`/api/wall?region=${encodeURIComponent(root)}`, { token: await account.ready() });
        if (mine) setWall({ tiles: found.tiles, at_ms: found.at_ms, error: null, stale: false });
      } catch (error) {
        if (mine) setWall((old) => ({ ...old, error, stale: Boolean(old.tiles) }));
      } finally {
        asking = false;
      }
    }
    ask();
    const timer = setInterval(ask, EVERY_MS);
    document.addEventListener("visibilitychange", ask);
    return () => {
      mine = false;
      clearInterval(timer);
      document.removeEventListener("visibilitychange", ask);
    };
  }, [root, round]);
  return { ...wall, again: () => setRound((n) => n + 1) };
}
