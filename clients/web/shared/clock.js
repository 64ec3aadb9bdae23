// How far the hub's clock is ahead of ours. Pure: `now` and `sent` are our clock in ms, `stamp` is the hub's.
//
//   const clock = createClock();
//   clock.stamped(stamp, now)   the hub wrote `stamp` into what came now: it is at least that far ahead
//   clock.answered(sent, stamp, now)   it wrote `stamp` after what we sent then: it is at most that far ahead. `now`: when
//                               this was known to be so, for an answer that is told of later `sent` itself
//   clock.ahead(now)            the middle between the two; a slow way there and back changes nothing

const KEPT = 8;
/** Clocks of phones drift by up to so much a ms: old bounds are worth less. */
const DRIFT = 1e-4;
/** Both clocks are read in whole ms. */
const GRAIN_MS = 1;

export function createClock() {
  let least = [];
  let most = [];
  const highest = (now) => Math.max(...least.map(({ at, ahead }) => ahead - DRIFT * (now - at)));
  const lowest = (now) => Math.min(...most.map(({ at, ahead }) => ahead + DRIFT * (now - at)));

  /** Bounds that exclude each other: one of the clocks was put right. Only the latest counts. */
  function check(now) {
    if (highest(now) <= lowest(now)) return;
    [least, most] = [least, most].map((bounds) => bounds.filter(({ at }) => at === now));
  }

  return {
    stamped(stamp, now) {
      least = [...least, { at: now, ahead: stamp - now - GRAIN_MS }].slice(-KEPT);
      check(now);
    },
    answered(sent, stamp, now) {
      most = [...most, { at: now, ahead: stamp - sent + GRAIN_MS }].slice(-KEPT);
      check(now);
    },
    ahead(now) {
      if (!least.length) return most.length ? lowest(now) : 0;
      return most.length ? (highest(now) + lowest(now)) / 2 : highest(now);
    },
  };
}
