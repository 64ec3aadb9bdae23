// The tabs of `/desk`, in their order. A new one is a line here, its words (`desk.tab_NAME`), and a component.
//
//   name        stands in the address: /desk#NAME
//   roles       who has it
//   View        gets {link, who, enterprise, firms}; `firms` is firms.js's: names and waiting counts of all enterprises
//   everyFirm   it is about all enterprises of the person: no choice of one above it

import { Inbox } from "./inbox_view.js";

export const TABS = [
  { name: "inbox", roles: ["hr", "specialist"], View: Inbox },
];

/** The tabs of somebody with these grants. */
export function tabsOf(grants, tabs = TABS) {
  const held = new Set(grants.map((grant) => grant.role));
  return tabs.filter((tab) => tab.roles.some((role) => held.has(role)));
}

/** The tab an address names (`#positions`, `#positions/…`); the first one for anything else, such as `#a=ID`. */
export function tabAt(hash, tabs) {
  const name = hash.replace(/^#/, "").split("/")[0];
  return tabs.find((tab) => tab.name === name) || tabs[0];
}
