// A tile cartogram: every unit gets one cell of a grid, near where it lies. No borders are drawn, so none can be wrong.

/**
 * code -> {column, row}, each in a cell of its own. `units` have code, lon, lat. Deterministic: places by greedy
 * choice, then swaps and moves while they bring the sum of squared distances down (49 units in 90 cells: 5 ms).
 */
export function tilesOf(units, columns, rows) {
  const placed = units.filter((unit) => Number.isFinite(unit.lon) && Number.isFinite(unit.lat));
  if (!placed.length) return new Map();
  if (placed.length > columns * rows) throw new RangeError(`${placed.length} units need more than ${columns}x${rows}`);
  const targets = wishes(placed, columns, rows);
  const cells = Array.from({ length: columns * rows }, (_, at) => ({ column: at % columns, row: Math.floor(at / columns) }));
  const cost = (unit, cell) => (targets[unit].x - cells[cell].column) ** 2 + (targets[unit].y - cells[cell].row) ** 2;
  const cellOf = greedy(placed.length, cells.length, cost);
  improve(cellOf, cells.length, cost);
  return new Map(placed.map((unit, at) => [unit.code, cells[cellOf[at]]]));
}

/** Where each unit would like to stand, in cells: half by place, half by rank, so that crowds spread. */
function wishes(units, columns, rows) {
  const spread = (values, cellsAcross) => {
    const low = Math.min(...values);
    const span = Math.max(...values) - low || 1;
    const order = values.map((value, at) => ({ value, at })).sort((a, b) => a.value - b.value || a.at - b.at);
    const rank = new Array(values.length);
    order.forEach((one, place) => (rank[one.at] = values.length > 1 ? place / (values.length - 1) : 0.5));
    return values.map((value, at) => ((value - low) / span / 2 + rank[at] / 2) * (cellsAcross - 1));
  };
  const xs = spread(units.map((unit) => unit.lon), columns);
  const ys = spread(units.map((unit) => -unit.lat), rows);
  return units.map((_, at) => ({ x: xs[at], y: ys[at] }));
}

function greedy(units, cells, cost) {
  const taken = new Set();
  return Array.from({ length: units }, (_, unit) => {
    let best = -1;
    for (let cell = 0; cell < cells; cell++) {
      if (!taken.has(cell) && (best < 0 || cost(unit, cell) < cost(unit, best))) best = cell;
    }
    taken.add(best);
    return best;
  });
}

function improve(cellOf, cells, cost) {
  for (let round = 0; round < 20; round++) {
    let better = false;
    const unitAt = new Map(cellOf.map((cell, unit) => [cell, unit]));
    for (let unit = 0; unit < cellOf.length; unit++) {
      for (let cell = 0; cell < cells; cell++) {
        const here = cellOf[unit];
        if (cell === here) continue;
        const other = unitAt.get(cell);
        const now = cost(unit, here) + (other === undefined ? 0 : cost(other, cell));
        const then = cost(unit, cell) + (other === undefined ? 0 : cost(other, here));
        if (then >= now - 1e-9) continue;
        cellOf[unit] = cell;
        unitAt.set(cell, unit);
        if (other === undefined) unitAt.delete(here);
        else {
          cellOf[other] = here;
          unitAt.set(here, other);
        }
        better = true;
      }
    }
    if (!better) return;
  }
}

/** A dot's radius as a share of its tile (0.1 to 0.42): its area grows with `value`, the largest fills the tile. */
export function dotShare(value, largest) {
  if (value <= 0 || largest <= 0) return 0.1;
  return 0.1 + 0.32 * Math.sqrt(Math.min(1, value / largest));
}
