// A row of tabs and the panel of the chosen one (WAI-ARIA: role=tablist; arrow keys, Home and End move, Tab leaves).
//
//   <${Tabs} name="work" label=${t("screen.tabs")} tabs=${[{name, title, count}]} current=${name} onChoose=${(name) => ...}>panel<//>

import { html, useRef } from "./components.js";

const STEPS = { ArrowLeft: -1, ArrowRight: 1 };

/** The tab a key leads to from the one at `at`, or null where the key is none of ours. */
export function tabAfter(key, at, count) {
  if (key === "Home") return 0;
  if (key === "End") return count - 1;
  return key in STEPS ? (at + STEPS[key] + count) % count : null;
}

export function Tabs({ name, label, tabs, current, onChoose, children }) {
  const list = useRef(null);
  const onKeyDown = (event) => {
    const next = tabAfter(event.key, tabs.findIndex((tab) => tab.name === current), tabs.length);
    if (next === null || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    onChoose(tabs[next].name);
    list.current.children[next].focus();
  };
  return html`<div class="tabs">
    <div class="tabs__row" role="tablist" aria-label=${label} ref=${list} onKeyDown=${onKeyDown}>
      ${tabs.map(
        (tab) => html`<button
          key=${tab.name}
          type="button"
          class="tabs__tab"
          role="tab"
          id="${name}-tab-${tab.name}"
          aria-selected=${String(tab.name === current)}
          aria-controls="${name}-panel"
          tabindex=${tab.name === current ? 0 : -1}
          onClick=${() => onChoose(tab.name)}
          data-test="tab-${tab.name}"
        >
          ${tab.title}${tab.count ? html` <span class="tabs__count num">${tab.count}</span>` : ""}
        </button>`,
      )}
    </div>
    <div class="tabs__panel" role="tabpanel" id="${name}-panel" aria-labelledby="${name}-tab-${current}">${children}</div>
  </div>`;
}
