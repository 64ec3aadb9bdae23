// 人员: who works in this branch, who is asked to, and asking. A QR code is shown large, to be scanned from this screen
// or pressed and kept as an image.

import { useAttempt } from "../shared/attempt.js";
import { Button, Chip, Field, ListState, html, toast, useEffect, useLoad, useNow, useRef, useState } from "../shared/components.js";
import { RefusalError } from "../shared/api.js";
import { formatWhen } from "../shared/format.js";
import { refusalText, t } from "../shared/i18n.js";
import { InvitationSheet } from "../shared/invitation.js";
import { Question } from "../shared/question.js";
import { InviteForm } from "./invite.js";

/** Rows of each list in one answer (PEOPLE_LIMIT of server/store/people_queries.py). */
const PAGE = 200;
const TONES = { open: "action", used: "safe", expired: "look", revoked: undefined };

export function People({ link, account, who, root }) {
  const [words, setWords] = useState("");
  const [asked, setAsked] = useState("");
  const [sending, setSending] = useState(false);
  const [sheet, setSheet] = useState(null); // {kind: "invite"} or {kind: "show", id}
  const ask = (skip) => link.send({ t: "list_people", region: root, words: asked, ...(skip ? { skip } : null) });
  const people = useLoad(() => ask(0), [root, asked]);
  const later = useLater(ask, people.data);
  const now = useNow(60_000);
  const members = later.all("members");
  const open = later.all("invitations").filter((one) => one.state !== "used");
  const counted = (list) => `${list.length}${later.more && list.length >= PAGE ? "+" : ""}`;
  // Whoever scanned the code has joined by now.
  const close = () => {
    setSheet(null);
    people.again();
  };
  const unsent = open.filter((one) => one.state === "open" && !one.sent_at_ms);

  /** One after another: the gateway takes a few at a time. The first that fails ends it, and says why. */
  async function sendAll(some) {
    setSending(true);
    let sent = 0;
    try {
      for (const one of some) {
        await patiently(() => link.send({ t: "send_invitation", invitation: one.id }));
        sent += 1;
      }
      toast(t("screen.invitations_sent", { n: sent }), { tone: "safe" });
    } catch (error) {
      toast(`${sent ? `${t("screen.invitations_sent", { n: sent })} ` : ""}${refusalText(error)}`, { tone: "look", ms: 12_000 });
    }
    setSending(false);
    people.again();
  }

  const taken = (words) => () => {
    toast(words, { tone: "safe" });
    people.again();
  };

  return html`<section class="people stack" data-test="people">
    <div class="people__tools">
      <form class="people__search" onSubmit=${(event) => (event.preventDefault(), setAsked(words.trim()))}>
        <${Field} label=${t("screen.people_search")} value=${words} onInput=${setWords} maxlength="40" data-test="people-search" />
        <${Button} type="submit">${t("screen.people_find")}<//>
      </form>
      <div class="line">
        <${Contacts} account=${account} root=${root} onDone=${people.again} />
        <${Button} kind="main" onClick=${() => setSheet({ kind: "invite" })} data-test="people-invite">${t("screen.invite")}<//>
      </div>
    </div>
    <${ListState} state=${people.state} error=${people.error} onRetry=${people.again} lines=${8}>
      ${later.more && html`<p class="quiet small" role="status">${t("screen.people_more")}</p>`}
      <div class="line line--apart">
        <h2 class="people__head">${t("screen.people_asked", { n: counted(open) })}</h2>
        ${unsent.length > 1 && html`<${Button} small busy=${sending} onClick=${() => sendAll(unsent)} data-test="invitation-send-all">${t("screen.invitation_send_all", { n: unsent.length })}<//>`}
      </div>
      <${ListState} state=${open.length ? "ready" : "empty"} empty=${{ text: t("screen.people_none_asked") }}>
        <ul class="people__list" data-test="invitations">
          ${open.map(
            (one) => html`<li key=${one.id} class="card people__row" data-test="invitation" data-state=${one.state}>
              <div>
                <p><span class="strong">${one.name}</span> <span class="quiet num">${one.phone}</span></p>
                <p class="quiet small">${t(`screen.role_${one.role}`)} · ${one.title}</p>
              </div>
              <${Chip} tone=${TONES[one.state]}>${t(`screen.invitation_${one.state}`)}<//>
              ${one.state === "open" &&
              html`<div class="line">
                ${one.sent_at_ms
                  ? html`<span class="quiet small">${t("screen.invitation_sent", { when: formatWhen(one.sent_at_ms, now) })}</span>`
                  : html`<${Button} small busy=${sending} onClick=${() => sendAll([one])} data-test="invitation-send">${t("screen.invitation_send")}<//>`}
                <${Button} small onClick=${() => setSheet({ kind: "show", id: one.id })} data-test="invitation-show">${t("screen.invitation_show")}<//>
                <${TakeBack} link=${link} invitation=${one.id} onDone=${taken(t("screen.invitation_taken"))} />
              </div>`}
            </li>`,
          )}
        </ul>
      <//>
      <h2 class="people__head">${t("screen.people_in", { n: counted(members) })}</h2>
      <${ListState} state=${members.length ? "ready" : "empty"} empty=${{ text: t("screen.people_none") }}>
        <ul class="people__list" data-test="members">
          ${members.map((one) => html`<${Member} key=${`${one.person} ${one.role} ${one.scope}`} ...${{ link, one, now }} onDone=${taken(t("screen.role_taken"))} />`)}
        </ul>
      <//>
      ${later.more && html`<${Button} wide kind="quiet" busy=${later.busy} onClick=${later.read} data-test="people-next">${t("screen.people_next")}<//>`}
    <//>
    ${sheet && sheet.kind === "invite" && html`<${InviteForm}
      ...${{ link, root, admin: who.grants.some((grant) => grant.role === "admin") }}
      onClose=${() => setSheet(null)}
      onDone=${(id) => {
        setSheet({ kind: "show", id });
        people.again();
      }}
    />`}
    ${sheet && sheet.kind === "show" && html`<${InvitationSheet} key=${sheet.id} link=${link} id=${sheet.id} onClose=${close} />`}
  </section>`;
}

/** The pages after the first one: {all(name), more, busy, read()}. Whoever asks anew begins with the first again. */
function useLater(ask, first) {
  const [pages, setPages] = useState([]);
  const [busy, setBusy] = useState(false);
  useEffect(() => setPages([]), [first]);
  const every = first ? [first, ...pages] : [];
  const last = every[every.length - 1];
  async function read() {
    setBusy(true);
    try {
      const page = await ask(every.length * PAGE);
      setPages((old) => [...old, page]);
    } catch (error) {
      toast(refusalText(error), { tone: "look" });
    } finally {
      setBusy(false);
    }
  }
  return { all: (name) => every.flatMap((page) => page[name] || []), more: Boolean(last && last.more), busy, read };
}

/** Many commands in a row are more than a page may send at once: it waits as long as it is told. */
async function patiently(send) {
  for (let tries = 0; ; tries += 1) {
    try {
      return await send();
    } catch (error) {
      if (error.code !== "too_many" || tries === 5) throw error;
      await new Promise((resolve) => setTimeout(resolve, Number(error.params.retry_ms) || 1000));
    }
  }
}

/** The contacts of a 招聘岗位信息表, all at once: their names and numbers go into invitations and nowhere else. */
function Contacts({ account, root, onDone }) {
  const [busy, setBusy] = useState(false);
  const input = useRef(null);
  async function send(event) {
    const file = event.currentTarget.files[0];
    event.currentTarget.value = "";
    if (!file) return;
    setBusy(true);
    try {
      const token = await account.ready();
      const response = await fetch(`/api/import/contacts?region=${encodeURIComponent(root)}`, {
        method: "POST",
        headers: { authorization: `Bearer ${token}`, "content-type": "application/octet-stream" },
        body: file,
        credentials: "omit",
      });
      const answer = await response.json();
      if (answer.t === "refused") throw RefusalError.of(answer);
      toast(t("screen.contacts_asked", { n: answer.asked, without: answer.without_number, unknown: answer.unknown }), { tone: "safe", ms: 12_000 });
      onDone();
    } catch (error) {
      const known = error instanceof RefusalError;
      const text = !known ? t("refusal.offline") : error.code === "bad_message" ? t("screen.contacts_unreadable") : refusalText(error);
      toast(text, { tone: "look", ms: 12_000 });
    } finally {
      setBusy(false);
    }
  }
  return html`<div>
    <input ref=${input} type="file" class="sr-only" tabindex="-1" aria-hidden="true" accept=".xlsx,.xls,.csv" onChange=${send} data-test="contacts-file" />
    <${Button} busy=${busy} onClick=${() => input.current.click()} data-test="contacts">${t("screen.contacts")}<//>
  </div>`;
}

function TakeBack({ link, invitation, onDone }) {
  const { busy, attempt } = useAttempt(link, { aloud: true });
  const act = () => attempt({ t: "revoke_invitation", invitation }, { done: onDone });
  return html`<${Button} small kind="plain" busy=${busy} onClick=${act} data-test="invitation-revoke">${t("screen.take_back")}<//>`;
}

function Member({ link, one, now, onDone }) {
  const [asking, setAsking] = useState(false);
  const { busy, attempt } = useAttempt(link, { aloud: true });
  const title = t(`screen.role_${one.role}`);
  const leave = () => setAsking(false);
  const revoke = () => attempt({ t: "revoke_role", person: one.person, role: one.role, scope: one.scope }, { done: onDone, close: leave, refused: leave });
  return html`<li class="card people__row" data-test="member" data-role=${one.role} data-signed-in=${one.signed_in_at_ms ? "yes" : "never"}>
    <div>
      <p><span class="strong">${one.name}</span> <span class="quiet num">${one.phone}</span></p>
      <p class="quiet small">${title} · ${one.title}</p>
    </div>
    ${one.signed_in_at_ms
      ? html`<span class="quiet small">${t("screen.signed_in", { when: formatWhen(one.signed_in_at_ms, now) })}</span>`
      : html`<${Chip} tone="look">${t("screen.never_in")}<//>`}
    <${Button} small kind="plain" hidden=${asking} onClick=${() => setAsking(true)} data-test="role-revoke">${t("screen.role_take")}<//>
    ${asking &&
    html`<${Question} name="role-revoke" small text=${t("screen.role_ask", { name: one.name, role: title })} yes=${t("screen.role_yes")} busy=${busy} onYes=${revoke} onNo=${leave} />`}
  </li>`;
}
