// What waits on a session's desk: lines to be approved, questions with their counts, mutes. From `desk_is`, then after
// each entry of desk/. Pure.

export const EMPTY_DESK = Object.freeze({ offset: 0, waiting: [], questions: [], mutes: [] });

export function fromDesk(reply) {
  return { offset: reply.offset, waiting: reply.waiting || [], questions: reply.questions || [], mutes: reply.mutes || [] };
}

/** The desk after an entry; one that it knew already, or that is no business of it, changes nothing. */
export function afterDesk(desk, { body, offset, at_ms }) {
  if (offset <= desk.offset) return desk;
  switch (body.t) {
    case "line_waits":
      return { ...desk, offset, waiting: [...desk.waiting, { ...body.line, id: body.id, at_ms }] };
    case "line_settled":
      return { ...desk, offset, waiting: desk.waiting.filter((line) => line.id !== body.id) };
    case "muted":
      return { ...desk, offset, mutes: [{ ...body, at_ms }, ...desk.mutes.filter((one) => one.author !== body.author)] };
    case "unmuted":
      return { ...desk, offset, mutes: desk.mutes.filter((one) => one.author !== body.author) };
    case "question_asked":
      return { ...desk, offset, questions: withGroup(desk.questions, { ...body, last_at_ms: at_ms }) };
    case "answered":
      return { ...desk, offset, questions: withGroup(desk.questions, { ...body, answered: true }) };
    default:
      return desk;
  }
}

function withGroup(questions, change) {
  const same = (one) => one.topic === change.topic && one.position === change.position;
  const before = questions.find(same);
  const { t: _, ...fields } = change;
  return [{ count: 0, text: "", answer: "", ...before, ...fields }, ...questions.filter((one) => !same(one))];
}

/** Open ones first, most asked first; 求讲解 is a wish, not a question, and stands in the rundown. */
export function openQuestions(questions) {
  return questions
    .filter((one) => one.topic !== "explain" && one.count > 0)
    .sort((a, b) => Number(Boolean(a.answered)) - Number(Boolean(b.answered)) || b.count - a.count || b.last_at_ms - a.last_at_ms);
}

/** For each position: how many open questions' askers, and how many want it explained. */
export function askedAbout(questions) {
  const found = new Map();
  for (const { position, topic, count, answered } of questions) {
    const row = found.get(position) || { asked: 0, wanted: 0, topics: [] };
    if (topic === "explain") row.wanted = count;
    else if (!answered) {
      row.asked += count;
      row.topics.push({ topic, count });
    }
    found.set(position, row);
  }
  return found;
}
