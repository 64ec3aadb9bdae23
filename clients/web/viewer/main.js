// The viewer page: `/` is the portal, `/room/SESSION` a room, `/position/ID` and `/VENUE/NUMBER` a position. Sheets lie
// over all.

import { OfflineBar, Toasts, html, startPage, useEffect, useLocale, useStore } from "../shared/components.js";
import { t } from "../shared/i18n.js";
import { app, startApp } from "./app.js";
import { Launch, fetchLaunch } from "./later.js";
import { Portal } from "./portal.js";
import { PositionPage } from "./position.js";
import { Room } from "./room.js";
import { openSheet, placeOf, route } from "./route.js";
import { Sheets } from "./sheets.js";
import { rememberSource } from "./source.js";
import { warmUp } from "./warm.js";

function Page() {
  useLocale();
  const { path } = useStore(route);
  const { items } = useStore(app.waiting);
  const launch = useStore(app.launch).value;
  const { session, position } = placeOf(path);
  const portal = !session && !position;

  useEffect(() => {
    if (portal) document.title = (app.setup.state.value && app.setup.state.value.title) || t("portal.title");
  }, [portal]);

  return html`<div class=${session ? "page page--room" : "page"}>
    <a class="skip" href="#main">${t("do.skip")}</a>
    <${OfflineBar} link=${app.link} waiting=${items.length} />
    ${session && html`<${Room} key=${session} session=${session} />`}
    ${position && html`<${PositionPage} key=${position} address=${position} />`}
    ${portal && html`<${Portal} />`}
    ${launch && html`<${Launch} key=${launch.show_at_ms} launch=${launch} />`}
    <${Sheets} />
    <${Toasts} />
  </div>`;
}

/** `/#mine` is what a message to the phone links to. */
function openLinked() {
  if (location.hash !== "#mine") return;
  history.replaceState(null, "", location.pathname + location.search);
  openSheet({ kind: "mine" });
}

rememberSource(location.search);
startPage(document.getElementById("app"), Page, { parts: ["viewer"], ready: warmUp(placeOf(location.pathname)) }).then((taken) => {
  if (!taken) return;
  startApp();
  fetchLaunch();
  openLinked();
});
