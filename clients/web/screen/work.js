// The operators' work: tabs beside the wall. A tab is one line in TABS; the address remembers it (`/screen#review`).
//
// A tab's Component gets {link, account, who, root, board, state, phase}: `root` is the region whose branch is worked on,
// `state` and `phase` are the board's (board.js), with the regions of the branch among them. `title` is a key of the locales.

import { ListState, html } from "../shared/components.js";
import { t } from "../shared/i18n.js";
import { Tabs } from "../shared/tabs.js";
import { PictureWall } from "./picture_wall.js";
import { Recordings } from "./recordings.js";
import { Provinces } from "./provinces.js";
import { People } from "./people.js";
import { LaunchButton } from "./launch.js";
import { Importing } from "./importing.js";
import { Review } from "./review.js";
import { Reports } from "./reports.js";
import { Rooms } from "./rooms.js";
import { Streams } from "./streams.js";
import { Sources } from "./sources.js";
import { Totals } from "./totals.js";
import { filled } from "./tree.js";
import { Tree } from "./tree_view.js";

export const TABS = Object.freeze([
  { name: "table", title: "screen.tab_table", Component: Table },
  { name: "pictures", title: "screen.tab_pictures", Component: PictureWall },
  { name: "people", title: "screen.tab_people", Component: People },
  { name: "review", title: "screen.tab_review", Component: Review },
  { name: "import", title: "screen.tab_import", Component: Importing },
  { name: "sources", title: "screen.tab_sources", Component: Sources },
  { name: "reports", title: "screen.tab_reports", Component: Reports },
  { name: "streams", title: "screen.tab_streams", Component: Streams },
  { name: "recordings", title: "screen.tab_recordings", Component: Recordings },
]);

export function Work({ tab, onTab, ...rest }) {
  const { Component } = TABS.find(({ name }) => name === tab);
  const tabs = TABS.map(({ name, title }) => ({ name, title: t(title) }));
  return html`<${Tabs} name="work" label=${t("screen.tabs")} tabs=${tabs} current=${tab} onChoose=${onTab}>
    <${Component} key=${tab} ...${rest} />
  <//>`;
}

function Table({ link, root, board, state, phase }) {
  return html`<${ListState} state=${phase} error=${state.error} onRetry=${phase === "error" ? board.load : undefined} lines=${8}>
    <div class="screen__body">
      <${LaunchButton} ...${{ link, root }} name=${nameOf(state.regions, root)} sessions=${state.sessions} />
      <${Totals} numbers=${filled(state.numbers.get(root))} sessions=${state.sessions} />
      <${Tree} root=${root} regions=${state.regions} numbers=${state.numbers} />
      <div class="screen__side">
        <${Rooms} ...${state} link=${link} />
        <${Provinces} link=${link} />
      </div>
    </div>
  <//>`;
}

function nameOf(regions, code) {
  const region = regions.find((one) => one.code === code);
  return region ? region.name : code;
}
