// The wall's centre: one tile a hall, near its place; the dot's area is people online, glowing when on air.

import { html, useMemo, useState } from "../shared/components.js";
import { t } from "../shared/i18n.js";
import { dotShare, tilesOf } from "./tiles.js";
import { childrenOf, exact, ownNumbers, shortNames } from "./tree.js";

const ON_AIR = new Set(["live", "interrupted"]);
const TILE = 100; // one tile in units of the drawing
const WIDEST = 0.47; // the largest dot with its glow ends above the name

export function Cartogram({ regions, numbers, sessions }) {
  const byRegion = useMemo(() => stateByRegion(sessions), [sessions]);
  const halls = useMemo(() => new Set([...sessions.values()].map((session) => session.region)), [sessions.size, regions]);
  const units = useMemo(() => regions.filter((region) => halls.has(region.code)), [regions, halls]);
  const grid = useMemo(() => gridFor(units), [units]);
  const names = useMemo(() => shortNames(units), [units]);
  const [pointed, setPointed] = useState(null);
  if (!grid.tiles.size) return html`<section class="map panel"><p class="state">${t("screen.map_empty")}</p></section>`;

  const below = childrenOf(regions);
  const own = new Map(units.map((unit) => [unit.code, ownNumbers(numbers, below, unit.code)]));
  const largest = Math.max(...[...own.values()].map((one) => one.online));
  const chosen = units.find((unit) => unit.code === pointed) || null;
  const words = (unit) => {
    const one = own.get(unit.code);
    const state = t(`session.${byRegion.get(unit.code) || "scheduled"}`);
    return t("screen.tile", { name: unit.name, state, online: exact(one.online), applications: exact(one.applications) });
  };
  return html`<section class="map panel" aria-label=${t("screen.map")}>
    <svg class="map__svg" viewBox="0 0 ${grid.columns * TILE} ${grid.rows * TILE}" role="list" aria-label=${t("screen.map")} data-test="cartogram">
      ${units.map((unit) => {
        const cell = grid.tiles.get(unit.code);
        if (!cell) return null;
        return html`<${Tile}
          key=${unit.code}
          unit=${unit}
          short=${names.get(unit.code)}
          cell=${cell}
          live=${ON_AIR.has(byRegion.get(unit.code))}
          share=${dotShare(own.get(unit.code).online, largest)}
          online=${own.get(unit.code).online}
          kin=${chosen !== null && cityOf(chosen) === cityOf(unit)}
          words=${words(unit)}
          onPoint=${setPointed}
        />`;
      })}
    </svg>
    <p class="map__words ${chosen ? "" : "quiet"}" data-test="map-words">${chosen ? words(chosen) : t("screen.map_what")}</p>
  </section>`;
}

function Tile({ unit, short, cell, live, share, online, kin, words, onPoint }) {
  const [x, y] = [cell.column * TILE, cell.row * TILE];
  const name = `tile ${live ? "tile--live" : ""} ${unit.level === "city" ? "tile--city" : ""} ${kin ? "tile--kin" : ""}`;
  return html`<g
    class=${name}
    role="listitem"
    tabindex="0"
    aria-label=${words}
    onMouseEnter=${() => onPoint(unit.code)}
    onMouseLeave=${() => onPoint(null)}
    onFocus=${() => onPoint(unit.code)}
    onBlur=${() => onPoint(null)}
    data-test="tile"
    data-region=${unit.code}
    data-live=${live ? "yes" : "no"}
  >
    <rect class="tile__ground" x=${x + 3} y=${y + 3} width=${TILE - 6} height=${TILE - 6} rx="10" />
    ${live && html`<circle class="tile__glow" cx=${x + TILE / 2} cy=${y + (live ? 29 : 32)} r=${share * TILE * WIDEST + 5} />`}
    <circle class="tile__dot" cx=${x + TILE / 2} cy=${y + (live ? 29 : 32)} r=${share * TILE * WIDEST} />
    <text class="tile__name" x=${x + TILE / 2} y=${y + (live ? 71 : 82)} text-anchor="middle">${short}</text>
    ${live && html`<text class="tile__online num" x=${x + TILE / 2} y=${y + 90} text-anchor="middle">${exact(online)}</text>`}
  </g>`;
}

function cityOf(unit) {
  return unit.level === "county" ? unit.parent : unit.code;
}

function stateByRegion(sessions) {
  const states = new Map();
  for (const session of sessions.values()) {
    if (!states.has(session.region) || ON_AIR.has(session.state)) states.set(session.region, session.state || "scheduled");
  }
  return states;
}

/** A grid about 1.2 times as wide as high with a fifth of its cells empty, so that the shape of the land shows. */
function gridFor(units) {
  const placed = units.filter((unit) => Number.isFinite(unit.lon) && Number.isFinite(unit.lat)).length;
  if (!placed) return { columns: 1, rows: 1, tiles: new Map() };
  const rows = Math.max(2, Math.round(Math.sqrt((placed * 1.25) / 1.2)));
  const columns = Math.max(2, Math.ceil((placed * 1.25) / rows));
  return { columns, rows, tiles: tilesOf(units, columns, rows) };
}
