// The tab 岗位: an enterprise's positions, what is missing in drafts, 招满 in one tap, and their edit form.

import { useAttempt } from "../shared/attempt.js";
import { Button, ListState, html, toast, useCallback, useEffect, useState } from "../shared/components.js";
import { t } from "../shared/i18n.js";
import { PositionFile } from "../shared/position_file.js";
import { FillingSheet, countWaiting } from "./filling.js";
import { PositionForm } from "./position_form.js";

const PAGE = 50;

export function Positions({ link, enterprise }) {
  const [list, setList] = useState({ state: "loading", files: [] });
  const [editing, setEditing] = useState(null);
  const [filling, setFilling] = useState(null);

  const load = useCallback(async (skip = 0) => {
    try {
      const page = await link.send({ t: "list_positions", enterprise, skip, limit: PAGE });
      setList((old) => ({
        state: page.positions.length || skip ? "ready" : "empty",
        files: skip ? [...old.files, ...page.positions] : page.positions,
        next: page.next || 0,
      }));
    } catch (error) {
      setList((old) => (old.files.length ? old : { ...old, state: "error", error }));
    }
  }, [enterprise]);

  useEffect(() => {
    load();
    // Reviewers and the host change positions as well.
    return link.join(`firm/${enterprise}`, {
      entry: ({ body }) => body.t === "positions_changed" && load(),
      reset: () => undefined,
    });
  }, [load]);

  /** By `attempt` of where it was pressed: the row, or the sheet that says how many wait. */
  const close = (attempt, file, closed, shut) => {
    const done = () => {
      const action = closed ? { text: t("desk.position_reopen"), run: () => close(attempt, file, false) } : undefined;
      toast(t(closed ? "desk.position_closed" : "desk.position_opened", { title: file.position.title }), { tone: "safe", key: "position", action });
      load();
    };
    return attempt({ t: "close_position", position: file.position.id, closed }, { as: "close", done, close: shut });
  };

  /** 招满: who still waits may be told in the same tap. */
  const full = async (attempt, file) => {
    const waiting = await attempt(() => countWaiting(link, enterprise, file.position.id).catch(() => 0));
    if (waiting) setFilling({ file, waiting });
    else if (waiting === 0) close(attempt, file, true);
  };

  const fill = (attempt, file, shut) => {
    const done = (reply) => {
      const key = reply.left ? "desk.filling_some" : "desk.filling_done";
      toast(t(key, { title: file.position.title, n: reply.told || 0, count: reply.told || 0 }), { tone: reply.left ? "look" : "safe", key: "position" });
      load();
    };
    return attempt({ t: "fill_waiting", enterprise, position: file.position.id, close: true }, { as: "fill", done, close: shut });
  };

  return html`<section class="desk__body desk__positions" aria-label=${t("desk.tab_positions")}>
    <div class="card desk__files">
      <${ListState} state=${list.state} error=${list.error} empty=${{ text: t("desk.positions_empty") }} onRetry=${() => load()} lines=${6}>
        <div class="rows">
          ${list.files.map(
            (file) => html`<${PositionFile} key=${file.position.id} file=${file}>
              <${CloseButton} ...${{ link, file, close, full }} />
              <${Button} small onClick=${() => setEditing(file)} data-test="position-edit">${t("desk.position_edit")}<//>
            <//>`,
          )}
        </div>
        ${list.next > 0 && html`<${Button} wide kind="quiet" onClick=${() => load(list.next)}>${t("desk.positions_more")}<//>`}
      <//>
    </div>
    ${filling &&
    html`<${FillingSheet} ...${{ link, close, fill }} ...${filling} onClose=${() => setFilling(null)} />`}
    ${editing &&
    html`<${PositionForm} key=${editing.position.id} link=${link} file=${editing} onClose=${() => setEditing(null)} onSaved=${(review) => {
      toast(t(`desk.position_saved_${review}`), { tone: review === "draft" ? "look" : "safe", key: "position" });
      load();
    }} />`}
  </section>`;
}

function CloseButton({ link, file, close, full }) {
  const { busy, attempt } = useAttempt(link, { aloud: true });
  if (file.position.closed) {
    return html`<${Button} small busy=${busy} onClick=${() => close(attempt, file, false)} data-test="position-reopen">${t("desk.position_reopen")}<//>`;
  }
  return html`<${Button} small busy=${busy} onClick=${() => full(attempt, file)} data-test="position-close">${t("desk.position_close")}<//>`;
}
