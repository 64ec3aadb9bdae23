// The way in to 举报: small, and on every card. The sheet itself (report_sheet.js) is fetched when somebody opens it.

import { Button, html } from "../shared/components.js";
import { t } from "../shared/i18n.js";
import { openSheet } from "./route.js";

export function ReportButton({ slot, line, session, children }) {
  return html`<${Button} kind="plain" small class="report-button" onClick=${() => openSheet({ kind: "report", slot, line, session })} data-test="report-open">${children || t("report.open")}<//>`;
}

