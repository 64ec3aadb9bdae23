// The tabs of `/desk`, in their order. A new one is a line here, its words (`desk.tab_NAME`), and a component.
//
//   name        stands in the address: /desk#NAME
//   roles       who has it
//   View        gets {link, who, account, enterprise, firms, onChoose(enterprise, tab)}; firms: see firms.js
//   everyFirm   it is about all enterprises of the person: no choice of one above it

import { Inbox } from "./inbox_view.js";
import { MyFirms } from "./my_firms.js";
import { Positions } from "./positions.js";

export const TABS = [
  { name: "firms", roles: ["specialist"], View: MyFirms, everyFirm: true },
  { name: "inbox", roles: ["hr", "specialist"], View: Inbox },
  { name: "positions", roles: ["hr", "specialist"], View: Positions },
];

/** The tabs of somebody with these grants. */
export function tabsOf(grants, tabs = TABS) {
  const held = new Set(grants.map((grant) => grant.role));
  return tabs.filter((tab) => tab.roles.some((role) => held.has(role)));
}

/** The tab an address names (`#positions`, `#positions/…`; `#a=ID` is the inbox's); the first one for anything else. */
export function tabAt(hash, tabs) {
  const name = hash.startsWith("#a=") ? "inbox" : hash.replace(/^#/, "").split("/")[0];
  return tabs.find((tab) => tab.name === name) || tabs[0];
}
