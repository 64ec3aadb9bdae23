// Which quick questions a position asks for: what its words say nothing of (server/core/questions.py; tests/web/fold.mjs
// holds the two together). And what the page knows of the answers.

export const QUICK = [
  { topic: "night", facts: ["shift"], words: ["夜班", "白班", "倒班"] },
  { topic: "housing", facts: [], words: ["包住", "住宿", "宿舍", "房补"] },
  { topic: "bus", facts: [], words: ["班车", "通勤", "接送"] },
  { topic: "payday", facts: [], words: ["发薪", "发工资", "号发"] },
  { topic: "probation", facts: [], words: ["试用"] },
  { topic: "meals", facts: [], words: ["包吃", "餐", "食堂", "管饭", "伙食"] },
  { topic: "base", facts: ["base_yuan"], words: ["底薪"] },
  { topic: "couple", facts: [], words: ["夫妻"] },
  { topic: "insurance", facts: [], words: ["五险", "社保", "保险"] },
  { topic: "rest", facts: ["rest"], words: ["单休", "双休", "月休", "上六休一"] },
  { topic: "age", facts: [], words: ["周岁", "岁"] },
];

/** The topics the position says nothing of, what most people ask first. */
export function quickOf(position) {
  const own = ["duties", "requirements", "shift", "rest", "employment_type"].map((name) => position[name] || "");
  const said = [...(position.benefits || []), ...own].join(" ");
  return QUICK.filter(
    ({ facts, words }) => !facts.some((fact) => position[fact]) && !words.some((word) => said.includes(word)),
  ).map(({ topic }) => topic);
}

/** What was answered about a position: with the card, and heard in the chat since. The newest of a topic counts. */
export function answersOf(card, lines, positionId) {
  const known = new Map();
  for (const one of (card && card.position.id === positionId && card.answers) || []) known.set(one.topic, one);
  for (const line of lines) {
    if (line.t === "answered" && line.position === positionId && line.answer) known.set(line.topic, line);
  }
  return known;
}
