// The same answer to several, one after another. One that cannot be answered any more (taken back meanwhile) is passed
// over; where the way to the hub is gone, the rest is left.
//
//   await answerAll(rows, answer, {tell, pause})     {given, refused, error}      error: why the rest was left, or null

/** A little under what a connection may send. */
const EVERY_MS = 220;

export async function answerAll(rows, answer, { tell = () => undefined, pause = wait } = {}) {
  let given = 0;
  let refused = 0;
  for (const row of rows) {
    tell(given + refused);
    try {
      await answer(row);
      given += 1;
    } catch (error) {
      if (error.temporary) return { given, refused, error };
      refused += 1;
    }
    await pause(EVERY_MS);
  }
  return { given, refused, error: null };
}

function wait(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
