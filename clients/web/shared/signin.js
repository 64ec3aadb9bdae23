// The door of the staff pages: who are you, may you work here, and the link that opens when both are answered.
//
//   startStaffPage(root, { page: "host", roles: ["host", "assistant"], App })
//   App gets {link, account, who, scopes}: `who` is {person, name, grants}, `scopes` the grants with one of the roles.
//   <${Who} who account/>    name, language, 退出; for a page's head
//
// `?demo=ROLE` in the address signs in without a password where the hub is in demo mode. A token that has ended, or
// that the hub does not know, leads back here with a sentence.

import { staffAccount } from "./account.js";
import { getJson, RefusalError } from "./api.js";
import { useAttempt } from "./attempt.js";
import {
  Button,
  Field,
  LocaleSwitch,
  Toasts,
  html,
  startPage,
  useEffect,
  useLocale,
  useMemo,
  useRef,
  useState,
  useStore,
} from "./components.js";
import { locale, refusalText, t } from "./i18n.js";
import { createLink } from "./link.js";

const DEMO_ROLES = { host: "host", desk: "hr", screen: "operator" };

/** Set when somebody leaves on purpose: then the door says nothing of an ended sign-in. */
let leftByWill = false;

function leave(account) {
  leftByWill = true;
  account.signOut();
}

export function startStaffPage(root, { page, roles, App }) {
  const account = staffAccount(page);
  return startPage(root, () => html`<${Door} account=${account} page=${page} roles=${roles} App=${App} />`, {
    parts: ["staff"],
  });
}

function Door({ account, page, roles, App }) {
  useLocale();
  const who = useStore(account.watch, account.current);
  const [entering, setEntering] = useState(true);
  const [reason, setReason] = useState(null);
  const wasIn = useRef(false);
  if (who) {
    wasIn.current = true;
    leftByWill = false;
  }

  useEffect(() => {
    document.title = t(`${page}.title`);
  });
  useEffect(() => {
    account
      .enterDemo()
      .then((entered) => entered || !account.current || account.ready())
      .catch(setReason)
      .then(() => setEntering(false));
  }, []);

  if (entering) return html`<p class="door__wait" role="status">${t("sign_in.entering")}</p>`;
  if (!who) {
    const ended = wasIn.current && !leftByWill ? new RefusalError("not_signed_in") : null;
    return html`<${SignIn} account=${account} page=${page} reason=${reason || ended} onTry=${() => setReason(null)} />`;
  }
  const scopes = who.grants.filter((grant) => roles.includes(grant.role));
  if (!scopes.length) return html`<${NoRole} account=${account} who=${who} page=${page} />`;
  return html`<${Inside} key=${who.person} ...${{ account, who, scopes, App }} />`;
}

function Inside({ account, who, scopes, App }) {
  const link = useMemo(() => createLink({ account, locale: locale() }), []);
  useEffect(() => {
    const unwatch = link.watch(({ phase, error }) => {
      if (phase === "stopped" && error && error.code === "not_signed_in") account.signOut();
    });
    link.start();
    return () => {
      unwatch();
      link.stop();
    };
  }, []);
  return html`<${App} ...${{ link, account, who, scopes }} /><${Toasts} />`;
}

function SignIn({ account, page, reason, onTry }) {
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [why, setWhy] = useState(reason);
  const { busy, error, attempt } = useAttempt();
  const [demo, setDemo] = useState(false);

  useEffect(() => {
    getJson("/api/setup").then((setup) => setDemo(setup.demo), () => undefined);
  }, []);

  function submit(event) {
    event.preventDefault();
    onTry();
    setWhy(null);
    attempt(() => account.signIn(name.trim(), password));
  }

  return html`<main class="door">
    <form class="door__box card stack" onSubmit=${submit} data-test="sign-in">
      <header class="line line--apart">
        <h1 class="door__title">${t(`${page}.title`)}</h1>
        <${LocaleSwitch} />
      </header>
      <p class="quiet">${t(`${page}.what`)}</p>
      <${Field}
        label=${t("sign_in.name")}
        value=${name}
        onInput=${setName}
        name="username"
        autocomplete="username"
        autocapitalize="none"
        required
        data-test="sign-in-name"
      />
      <${Field}
        label=${t("sign_in.password")}
        type="password"
        value=${password}
        onInput=${setPassword}
        name="password"
        autocomplete="current-password"
        required
        data-test="sign-in-password"
      />
      ${(error || why) && html`<p class="door__error" role="alert" data-test="sign-in-error">${refusalText(error || why)}</p>`}
      <${Button} kind="main" wide type="submit" busy=${busy} data-test="sign-in-submit">${t("do.sign_in")}<//>
      ${demo &&
      html`<${Button} kind="quiet" wide href=${`/${page}?demo=${DEMO_ROLES[page]}`} data-test="sign-in-demo"
        >${t(`${page}.demo`)}<//
      >`}
      <p class="quiet small">${t("sign_in.help")}</p>
    </form>
    <${Toasts} />
  </main>`;
}

function NoRole({ account, who, page }) {
  return html`<main class="door">
    <section class="door__box card stack" data-test="no-role">
      <h1 class="door__title">${t(`${page}.title`)}</h1>
      <p>${t(`${page}.no_role`, { name: who.name })}</p>
      <${Button} kind="main" onClick=${() => leave(account)}>${t("sign_in.other")}<//>
    </section>
  </main>`;
}

export function Who({ who, account }) {
  return html`<div class="who">
    <span class="who__name" data-test="who-name">${who.name}</span>
    <${LocaleSwitch} />
    <${Button} kind="plain" onClick=${() => leave(account)} data-test="sign-out">${t("do.sign_out")}<//>
  </div>`;
}
