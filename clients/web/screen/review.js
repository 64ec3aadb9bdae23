// 审核: what waits in the branch, by enterprise; a whole enterprise in one tap, single positions with their flags.
// Everything a reviewer does here can be taken back, so nothing asks.

import { useAttempt } from "../shared/attempt.js";
import { Button, Chip, Field, ListState, Sheet, html, toast, useCallback, useEffect, useState } from "../shared/components.js";
import { has, refusalText, t } from "../shared/i18n.js";
import { PositionFile } from "../shared/position_file.js";

const PAGE = 50;
const UNDECIDED = ["waiting", "draft"];

export function Review({ link, root, state }) {
  const [list, setList] = useState({ state: "loading", firms: [], at_ms: 0 });
  const [open, setOpen] = useState(null);
  const names = new Map(state.regions.map((region) => [region.code, region.name]));

  const load = useCallback(async (skip = 0) => {
    try {
      const page = await link.send({ t: "list_reviews", region: root, skip, limit: PAGE });
      setList((old) => ({
        state: page.firms.length || skip ? "ready" : "empty",
        firms: skip ? [...old.firms, ...page.firms] : page.firms,
        at_ms: page.at_ms,
        waiting: page.waiting || 0,
        drafts: page.drafts || 0,
        next: page.next || 0,
      }));
    } catch (error) {
      setList((old) => (old.firms.length ? old : { ...old, state: "error", error }));
      toast(refusalText(error), { tone: "look" });
    }
  }, [root]);
  useEffect(() => {
    load();
  }, [load]);

  /** `attempt` of where it was pressed; the toast takes it back. */
  const decide = useCallback((attempt, command, how) => {
    const done = (reply) => {
      const positions = reply.positions || [];
      const undo = { enterprise: command.enterprise, review: "waiting", positions, seen_ms: Date.now() + 86_400_000 };
      told(command, positions.length, reply.left || 0, () => decide(attempt, undo));
      load();
    };
    return attempt({ t: "review_positions", ...command }, { ...how, done });
  }, [load]);

  const empty = { text: t("review.empty"), action: html`<${Button} kind="quiet" href="#import">${t("review.to_import")}<//>` };
  return html`<section class="work" aria-label=${t("screen.tab_review")}>
    <p class="work__sum" data-test="review-sum">${list.state === "ready" && t("review.sum", { waiting: list.waiting, drafts: list.drafts })}</p>
    <${ListState} state=${list.state} error=${list.error} empty=${empty} onRetry=${() => load()} lines=${6}>
      <ul class="panel rows">
        ${list.firms.map(
          (firm) => html`<${Firm} key=${firm.enterprise} ...${{ link, firm, decide }} at_ms=${list.at_ms} place=${names.get(firm.region)}
            open=${open === firm.enterprise} onFlip=${() => setOpen(open === firm.enterprise ? null : firm.enterprise)} />`,
        )}
      </ul>
      ${list.next > 0 && html`<${Button} wide kind="quiet" onClick=${() => load(list.next)}>${t("review.more_firms")}<//>`}
    <//>
  </section>`;
}

function faultWords(error) {
  const why = error.code === "position_faulty" && error.params.why;
  return why && has(`why.${why}`) ? t("review.faulty", { why: t(`why.${why}`) }) : refusalText(error);
}

function told({ review }, count, left, undo) {
  const text = t(`review.done_${review}`, { n: count, count }) + (left ? t("review.left", { n: left, count: left }) : "");
  const action = review === "waiting" || !count ? undefined : { text: t("review.undo"), run: undo };
  toast(text, { tone: count ? "safe" : "look", key: "review", action });
}

function Firm({ link, firm, decide, at_ms, place, open, onFlip }) {
  const { busy, attempt } = useAttempt(link, { words: faultWords, aloud: true });
  const waiting = firm.waiting || 0;
  const approve = () => decide(attempt, { enterprise: firm.enterprise, review: "approved", seen_ms: at_ms }, { as: "all" });
  return html`<li class="firm" data-test="review-firm" data-enterprise=${firm.enterprise}>
    <div class="firm__head">
      <button type="button" class="firm__name" aria-expanded=${String(open)} onClick=${onFlip} data-test="review-open">
        <span aria-hidden="true">${open ? "▾" : "▸"}</span> <span class="strong">${firm.name}</span>${" "}
        <span class="quiet small">${place || ""}</span>
      </button>
      <span class="line">
        ${firm.flagged > 0 && html`<${Chip} tone="look">${t("review.flagged", { n: firm.flagged })}<//>`}
        ${firm.drafts > 0 && html`<${Chip}>${t("review.drafts", { n: firm.drafts })}<//>`}
        ${waiting > 0 &&
        html`<${Button} kind="main" small busy=${busy === "all"} onClick=${approve} data-test="review-approve-all"
          >${t("review.approve_all", { n: waiting, count: waiting })}<//
        >`}
      </span>
    </div>
    ${open && html`<${Files} key=${`${waiting}/${firm.drafts}`} ...${{ link, firm, decide, attempt, busy }} />`}
  </li>`;
}

function Files({ link, firm, decide, attempt, busy }) {
  const [list, setList] = useState({ state: "loading", files: [] });
  const [refusing, setRefusing] = useState(null);
  const load = async (skip = 0) => {
    try {
      const page = await link.send({ t: "list_positions", enterprise: firm.enterprise, reviews: UNDECIDED, skip, limit: PAGE });
      setList((old) => ({
        state: page.positions.length || skip ? "ready" : "empty",
        files: skip ? [...old.files, ...page.positions] : page.positions,
        at_ms: skip ? old.at_ms : page.at_ms,
        next: page.next || 0,
      }));
    } catch (error) {
      setList((old) => ({ ...old, state: "error", error }));
    }
  };
  useEffect(() => {
    load();
  }, []);
  const about = (file) => ({ enterprise: firm.enterprise, positions: [file.position.id], seen_ms: list.at_ms });
  const approve = (file) => decide(attempt, { ...about(file), review: "approved" }, { as: file.position.id });
  return html`<div class="firm__files">
    <${ListState} state=${list.state} error=${list.error} onRetry=${() => load()} empty=${{ text: t("review.firm_empty") }} lines=${3}>
      <div class="rows">
        ${list.files.map(
          (file) => html`<${PositionFile} key=${file.position.id} file=${file}>
            <${Button} small busy=${busy === file.position.id} onClick=${() => approve(file)} data-test="review-approve">${t("review.approve")}<//>
            <${Button} small onClick=${() => setRefusing(file)} data-test="review-refuse">${t("review.refuse")}<//>
          <//>`,
        )}
      </div>
      ${list.next > 0 && html`<${Button} wide kind="quiet" onClick=${() => load(list.next)}>${t("review.more")}<//>`}
    <//>
    ${refusing &&
    html`<${Refuse} ...${{ link, decide }} about=${about(refusing)} title=${refusing.position.title} onClose=${() => setRefusing(null)} />`}
  </div>`;
}

const REASONS = [1, 2, 3, 4];

function Refuse({ link, decide, about, title, onClose }) {
  const [reason, setReason] = useState("");
  const { busy, sentence, attempt } = useAttempt(link, { words: faultWords });
  const send = (words) => decide(attempt, { ...about, review: "refused", reason: words }, { as: words, close: onClose });
  return html`<${Sheet} title=${t("review.refuse_title", { title })} onClose=${onClose} data-test="refuse-sheet">
    <div class="stack">
      <p class="quiet">${t("review.refuse_what")}</p>
      ${REASONS.map((n) => html`<${Button} key=${n} wide busy=${busy === t(`review.reason_${n}`)} disabled=${Boolean(busy)} onClick=${() => send(t(`review.reason_${n}`))} data-test="refuse-${n}">${t(`review.reason_${n}`)}<//>`)}
      <${Field} as="textarea" rows="2" maxlength="200" label=${t("review.reason_own")} value=${reason} onInput=${setReason} data-test="refuse-own" />
      <p class="field__error" role="alert" data-test="refuse-refusal">${sentence}</p>
      <${Button} kind="main" wide busy=${Boolean(busy)} disabled=${!reason.trim()} onClick=${() => send(reason.trim())} data-test="refuse-send">${t("review.refuse_send")}<//>
    </div>
  <//>`;
}
