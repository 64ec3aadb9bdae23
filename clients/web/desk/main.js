// `/desk`: the enterprises of this person, and the tabs about one of them or about all.

import { Field, OfflineBar, html, useEffect, useMemo, useState } from "../shared/components.js";
import { t } from "../shared/i18n.js";
import { keep } from "../shared/keep.js";
import { Who, startStaffPage } from "../shared/signin.js";
import { Tabs } from "../shared/tabs.js";
import { shownFirms } from "./firm_order.js";
import { useFirms } from "./firms.js";
import { tabAt, tabsOf } from "./tabs.js";

const CHOSEN = "desk.enterprise";

function App({ link, account, who, scopes }) {
  const ids = useMemo(() => [...new Set(scopes.map((grant) => grant.scope))], []);
  const remembered = keep.get(CHOSEN);
  const [enterprise, setEnterprise] = useState(ids.includes(remembered) ? remembered : ids[0]);
  const firms = useFirms(ids, link);
  const tabs = useMemo(() => tabsOf(scopes), []);
  const [tab, goTo] = useTab(tabs);
  const choose = (id, name) => {
    keep.set(CHOSEN, id);
    setEnterprise(id);
    if (name) goTo(name);
    // The button that was pressed is gone: the keyboard goes on in the list, not at the top of the page.
    setTimeout(() => {
      const title = document.getElementById("list-title");
      if (title && document.activeElement === document.body) title.focus();
    });
  };
  const { View } = tab;
  const several = ids.length > 1 && !tab.everyFirm;
  const titles = tabs.map(({ name }) => ({ name, title: t(`desk.tab_${name}`) }));
  const view = html`<${View} key="${tab.name} ${tab.everyFirm ? "" : enterprise}" ...${{ link, who, account, enterprise, firms, onChoose: choose }} />`;
  return html`<div class="desk" data-tab=${tab.name}>
    <${OfflineBar} link=${link} />
    <header class="desk__head">
      <div class="desk__title">
        <h1 class=${several ? "sr-only" : "desk__name"} data-test="desk-enterprise-name">${(!tab.everyFirm && firms.names.get(enterprise)) || t("desk.title")}</h1>
        ${several ? html`<${ChooseFirm} firms=${firms} enterprise=${enterprise} onChoose=${choose} />` : ""}
        <${Who} who=${who} account=${account} />
      </div>
    </header>
    ${tabs.length > 1 ? html`<${Tabs} name="desk" label=${t("desk.tabs")} tabs=${titles} current=${tab.name} onChoose=${goTo}>${view}<//>` : view}
  </div>`;
}

/** In the order of 我的企业: who waits longest stands first. */
function ChooseFirm({ firms: { ids, list, names, waiting }, enterprise, onChoose }) {
  const order = list.length ? shownFirms(list, {}).map((firm) => firm.enterprise) : ids;
  return html`<${Field} as="select" label=${t("desk.enterprise")} hideLabel value=${enterprise} onInput=${(id) => onChoose(id)} data-test="desk-enterprise">
    ${order.map((id) => {
      const count = waiting.get(id);
      const words = names.get(id) || id;
      return html`<option key=${id} value=${id} selected=${id === enterprise}
        >${count ? t("desk.firm_waiting", { name: words, n: count, count }) : words}</option
      >`;
    })}
  <//>`;
}

/** The tab is in the address, so that a reload stays where it was. */
function useTab(tabs) {
  const [tab, setTab] = useState(() => tabAt(location.hash, tabs));
  useEffect(() => {
    const look = () => setTab(tabAt(location.hash, tabs));
    addEventListener("popstate", look);
    return () => removeEventListener("popstate", look);
  }, []);
  const goTo = (name) => {
    history.replaceState(null, "", name === tabs[0].name ? location.pathname : `#${name}`);
    setTab(tabAt(`#${name}`, tabs));
  };
  return [tab, goTo];
}

startStaffPage(document.getElementById("page"), { page: "desk", roles: ["hr", "specialist"], App });
