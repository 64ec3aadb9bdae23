// `/join#TOKEN`: whoever was invited sees whom it is for, names the code sent to the number on file, sets a password
// and is in. The token stays behind the #: no server and no log ever gets it in an address.

import { staffAccount } from "../shared/account.js";
import { postJson } from "../shared/api.js";
import { useAttempt } from "../shared/attempt.js";
import { Button, Field, ListState, LocaleSwitch, Toasts, announce, html, startPage, useEffect, useLocale, useNow, useRef, useState } from "../shared/components.js";
import { formatWhen } from "../shared/format.js";
import { refusalText, t } from "../shared/i18n.js";
import { LIMITS } from "../shared/protocol.js";

const PAGES = { host: "host", assistant: "host", hr: "desk", specialist: "desk", operator: "screen", admin: "screen" };
/** Refusals after which this link is good for nothing. */
const GONE = new Set(["not_found", "invitation_used", "invitation_expired", "invitation_revoked"]);

const tokenOf = () => decodeURIComponent(location.hash.slice(1));

function Page() {
  useLocale();
  const [token, setToken] = useState(tokenOf);
  const [found, setFound] = useState({ state: "loading", invitation: null, error: null });

  useEffect(() => {
    document.title = t("join.title");
  });
  useEffect(() => {
    const follow = () => setToken(tokenOf());
    addEventListener("hashchange", follow);
    return () => removeEventListener("hashchange", follow);
  }, []);
  const load = () => {
    setFound({ state: "loading", invitation: null, error: null });
    postJson("/api/join/look", { token: token || "-" }).then(
      (invitation) => setFound({ state: "ready", invitation, error: null }),
      (error) => setFound({ state: "error", invitation: null, error }),
    );
  };
  useEffect(load, [token]);

  const gone = found.error && GONE.has(found.error.code);
  return html`<main class="door">
    <section class="door__box card stack" data-test="join">
      <header class="line line--apart">
        <h1 class="door__title">${t("join.title")}</h1>
        <${LocaleSwitch} />
      </header>
      ${gone
        ? html`<p class="door__error" role="alert" data-test="join-gone">${found.error.code === "not_found" ? t("join.unknown") : refusalText(found.error)}</p>
            ${found.error.code === "invitation_used" &&
            html`<div class="stack">
              ${["desk", "host", "screen"].map((page) => html`<${Button} key=${page} wide href=${`/${page}`}>${t(`join.to_${page}`)}<//>`)}
            </div>`}`
        : html`<${ListState} state=${found.state} error=${found.error} onRetry=${load}>
            ${found.invitation && html`<${Invited} token=${token} invitation=${found.invitation} onGone=${(error) => setFound({ state: "error", invitation: null, error })} />`}
          <//>`}
    </section>
    <${Toasts} />
  </main>`;
}

function Invited({ token, invitation, onGone }) {
  const [asked, setAsked] = useState(false);
  const [code, setCode] = useState("");
  const [password, setPassword] = useState("");
  const [shown, setShown] = useState("");
  const [aloud, setAloud] = useState(false);
  const [renew, setRenew] = useState(!invitation.has_account);
  const { busy, attempt } = useAttempt();
  const [wrong, setWrong] = useState({});
  const [againAt, setAgainAt] = useState(0);
  const form = useRef(null);
  const now = useNow(1000);
  // By the clock itself: the one that draws is up to a second late.
  const wait = Math.ceil((againAt - Date.now()) / 1000);

  const fill = (name) => form.current && form.current.querySelector(`[name="${name}"]`).focus();
  useEffect(() => {
    if (asked) fill("code");
  }, [asked]);

  function refused(error) {
    if (GONE.has(error.code)) return onGone(error);
    const text = refusalText(error);
    if (error.params && error.params.retry_ms) setAgainAt(Date.now() + Number(error.params.retry_ms));
    return setWrong(error.code === "password_invalid" ? { password: text } : { code: text });
  }

  async function ask() {
    setWrong({});
    const done = (sent) => {
      setAgainAt(Date.now() + sent.again_after_ms);
      setShown(sent.code || "");
      setAloud(Boolean(sent.aloud));
      announce(t("join.sent"));
    };
    await attempt(() => postJson("/api/join/code", { token }), { as: "ask", done, refused });
    setAsked(true);
  }

  function submit(event) {
    event.preventDefault();
    const faults = {};
    if (code.replace(/\D/g, "").length !== LIMITS.CODE_DIGITS) faults.code = t("refusal.code_invalid", { digits: LIMITS.CODE_DIGITS });
    if (renew && password.length < LIMITS.PASSWORD_LEAST) faults.password = t("refusal.password_invalid", { least: LIMITS.PASSWORD_LEAST });
    setWrong(faults);
    if (faults.code || faults.password) {
      fill(faults.code ? "code" : "new-password");
      return;
    }
    const done = (proof) => {
      const page = PAGES[invitation.role];
      staffAccount(page).become(proof);
      location.replace(`/${page}`);
    };
    attempt(() => postJson("/api/join", { token, code, password: renew ? password : "" }), { as: "join", done, refused });
  }

  return html`<div class="stack">
    <p>${t("join.hello", { name: invitation.name })}</p>
    <p class="strong" data-test="join-role">${t(`join.as_${invitation.role}`, { title: invitation.title })}</p>
    <p class="quiet small">${t("join.until", { when: formatWhen(invitation.expires_at_ms, now) })}</p>
    ${!asked
      ? html`<p>${t("join.code_to", { phone: invitation.phone })}</p>
          <${Button} kind="main" wide busy=${busy === "ask"} onClick=${ask} data-test="join-ask">${t("join.ask")}<//>`
      : html`<form class="stack" onSubmit=${submit} novalidate ref=${form}>
          ${shown && html`<p class="quiet small" data-test="code-shown">${t("join.demo", { code: shown })}</p>`}
          ${aloud && html`<p class="small" data-test="code-aloud">${t("join.aloud")}</p>`}
          <${Field}
            label=${t(aloud ? "join.code_aloud" : "join.code", { phone: invitation.phone })}
            name="code"
            class="num"
            inputmode="numeric"
            autocomplete="one-time-code"
            maxlength="12"
            value=${code}
            onInput=${setCode}
            error=${wrong.code}
            data-test="join-code"
          />
          <${Button} kind="plain" disabled=${wait > 0 || Boolean(busy)} onClick=${ask} data-test="join-again"
            >${wait > 0 ? t("join.again_in", { n: wait }) : t("join.again")}<//
          >
          ${renew
            ? html`<${Field}
                label=${t("join.password")}
                hint=${t("join.password_hint", { least: LIMITS.PASSWORD_LEAST })}
                name="new-password"
                type="password"
                autocomplete="new-password"
                maxlength="200"
                value=${password}
                onInput=${setPassword}
                error=${wrong.password}
                data-test="join-password"
              />`
            : html`<p class="quiet small">${t("join.has_account")} <${Button} kind="plain" small onClick=${() => setRenew(true)}>${t("join.forgot")}<//></p>`}
          <${Button} kind="main" wide type="submit" busy=${busy === "join"} data-test="join-submit">${t("join.in")}<//>
        </form>`}
    <p class="quiet small">${t("join.not_you")}</p>
  </div>`;
}

startPage(document.getElementById("page"), Page, { parts: ["join"] });
