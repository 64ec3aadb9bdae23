// A mainland mobile number, however it was typed: the rule of server/core/rules.py normal_phone, so that a slip is
// said before anything is sent. The hub's word counts.

/** The 11 digits, or "" when it is none. */
export function phoneOf(text) {
  let digits = text
    .replace(/[０-９＋]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 0xfee0))
    .replace(/[ \-－—()（）\u00a0\u3000]/g, "");
  digits = digits.replace(/^\+86/, "").replace(/^0086/, "");
  if (/^86\d{11}$/.test(digits)) digits = digits.slice(2);
  return /^1[3-9]\d{9}$/.test(digits) ? digits : "";
}
