// 推流: the address and key for OBS, how the encoder stands, and the platforms the picture goes on to.
//
// A key that was made is shown in this sheet and nowhere else; closed, it is gone. Addresses and keys of platforms go to
// the hub and never come back.

import { getJson, postJson } from "../shared/api.js";
import { useAttempt } from "../shared/attempt.js";
import { Button, Chip, Field, ListState, Sheet, html, toast, useCallback, useEffect, useState } from "../shared/components.js";
import { formatDuration, formatWhen } from "../shared/format.js";
import { t } from "../shared/i18n.js";

const LOOK_EVERY_MS = 2_000;
const SLOTS = [1, 2, 3];
const PLATFORMS = ["wechat", "douyin", "kuaishou", "other"];
const TROUBLES = new Set(["picture_taken", "session_not_live", "session_cut_off", "forbidden", "codec", "size_changed", "clock", "too_large", "no_video", "too_many", "stopped"]);
const REASONS = new Set(["refused", "address", "certificate", "slow", "gone", "broken"]);

const path = (sessionId, what) => `/api/sessions/${encodeURIComponent(sessionId)}/${what}`;

/** What the hub says, asked again and again; an error is shown only while nothing has come yet. */
function useStanding(account, sessionId, what) {
  const [data, setData] = useState(null);
  const [error, setError] = useState(null);
  const look = useCallback(async () => {
    try {
      setData(await getJson(path(sessionId, what), { token: await account.ready() }));
      setError(null);
    } catch (refused) {
      setError(refused);
    }
  }, [sessionId]);
  useEffect(() => {
    look();
    const timer = setInterval(look, LOOK_EVERY_MS);
    return () => clearInterval(timer);
  }, [look]);
  const state = data ? "ready" : error ? "error" : "loading";
  return { data, setData, state, error, look };
}

/** One request of the sheet at a time; what was refused is a sentence. */
function useAsking(account, sessionId) {
  const { busy, sentence, attempt } = useAttempt();
  const ask = (what, body) => attempt(async () => postJson(path(sessionId, what), body, { token: await account.ready() }), { as: what });
  return { busy, sentence, ask };
}

export function StreamingSheet({ sessionId, account, link, rehearsal, onClose }) {
  const [tab, setTab] = useState("encoder");
  const Shown = tab === "encoder" ? Encoder : Platforms;
  return html`<${Sheet} title=${t("streaming.title")} onClose=${onClose} data-test="streaming-sheet">
    ${!rehearsal &&
    html`<div class="streaming__tabs" role="group" aria-label=${t("streaming.title")}>
      ${["encoder", "platforms"].map(
        (name) => html`<${Button} key=${name} small kind="plain" aria-pressed=${String(tab === name)} onClick=${() => setTab(name)} data-test="streaming-${name}">${t(`streaming.${name}`)}<//>`,
      )}
    </div>`}
    <${Shown} ...${{ sessionId, account, link }} />
  <//>`;
}

// ---- the encoder ----

function Encoder({ sessionId, account, link }) {
  const { data, state, error, look } = useStanding(account, sessionId, "streaming");
  const { busy, sentence, ask } = useAsking(account, sessionId);
  const [fresh, setFresh] = useState(null);
  const [sure, setSure] = useState("");
  async function act(what) {
    setSure("");
    const answer = await ask(`streaming/${what}`);
    if (answer) {
      setFresh(what === "key" ? answer : null);
      look();
    }
  }
  /** What would cut off an encoder that sends asks first. */
  const want = (what) => (data.encoder.connected && sure !== what ? setSure(what) : act(what));
  return html`<${ListState} state=${state} error=${error} onRetry=${look}>
    ${data && !data.takes && html`<p class="quiet" data-test="streaming-off">${t("streaming.off")}</p>`}
    ${data &&
    data.takes &&
    html`<div class="stack">
      <${Standing} ...${{ data, link, busy }} onTakeOver=${() => act("take_over")} />
      <${Copied} label=${t("streaming.server")} value=${(fresh || data).server} name="server" />
      ${fresh
        ? html`<${Copied} label=${t("streaming.key")} value=${fresh.key} name="key" hint=${t("streaming.key_once")} />`
        : html`<p class="small">${data.made_at_ms ? t("streaming.key_made", { when: formatWhen(data.made_at_ms, link.serverNow()) }) : t("streaming.key_none")}</p>`}
      ${!data.recorded && html`<p class="small strong" data-test="streaming-unrecorded">${t("streaming.unrecorded")}</p>`}
      <div class="line">
        <${Button} kind=${data.made_at_ms ? "quiet" : "main"} busy=${busy === "streaming/key"} onClick=${() => want("key")} data-test="streaming-make">${t(data.made_at_ms ? "streaming.change" : "streaming.make")}<//>
        ${data.made_at_ms && html`<${Button} kind="stop" busy=${busy === "streaming/revoke"} onClick=${() => want("revoke")} data-test="streaming-revoke">${t("streaming.revoke")}<//>`}
      </div>
      ${sure && html`<p class="strong small" role="alert" data-test="streaming-sure">${t("streaming.sure")}</p>`}
      ${sentence && html`<p class="field__error" role="alert">${sentence}</p>`}
      <details class="small">
        <summary class="streaming__summary">${t("streaming.settings")}</summary>
        <ul class="streaming__settings">
          ${[1, 2, 3, 4, 5].map((n) => html`<li key=${n}>${t(`streaming.settings_${n}`)}</li>`)}
        </ul>
      </details>
    </div>`}
  <//>`;
}

function Standing({ data, link, busy, onTakeOver }) {
  const { encoder } = data;
  if (encoder.connected) {
    const length = formatDuration(Math.max(0, link.serverNow() - encoder.since_ms));
    return html`<p class="line" role="status" data-test="streaming-state" data-state="on">
      <${Chip} tone="safe">${t("streaming.on")}<//>
      <span class="quiet small num">${t("streaming.numbers", { length, kbit: data.kbit_s })}</span>
    </p>`;
  }
  const { trouble } = encoder;
  return html`<div class="stack" role="status" data-test="streaming-state" data-state="off" data-trouble=${trouble}>
    <p class="line"><${Chip}>${t("streaming.nobody")}<//></p>
    ${trouble && html`<p class="small">${t(TROUBLES.has(trouble) ? `streaming.trouble_${trouble}` : "streaming.trouble_other")}</p>`}
    ${["picture_taken", "stopped"].includes(trouble) &&
    html`<${Button} small busy=${busy === "streaming/take_over"} onClick=${onTakeOver} data-test="streaming-take-over">${t("streaming.take_over")}<//>`}
  </div>`;
}

function Copied({ label, value, name, hint }) {
  async function copy() {
    try {
      await navigator.clipboard.writeText(value);
      toast(t("streaming.copied"), { tone: "safe" });
    } catch {
      // Some browsers have no clipboard for pages: what is selected can be copied by hand.
      document.querySelector(`[data-test="streaming-${name}-value"]`).select();
    }
  }
  return html`<div class="streaming__copied">
    <${Field} label=${label} hint=${hint} value=${value} readonly onFocus=${(event) => event.currentTarget.select()} data-test="streaming-${name}-value" />
    <${Button} onClick=${copy} aria-label=${t("streaming.copy_what", { what: label })} data-test="streaming-${name}-copy">${t("streaming.copy")}<//>
  </div>`;
}

// ---- the platforms ----

function Platforms({ sessionId, account }) {
  const { data, setData, state, error, look } = useStanding(account, sessionId, "restream");
  const { busy, sentence, ask } = useAsking(account, sessionId);
  const [adding, setAdding] = useState(0);
  async function act(what, body) {
    const answer = await ask(`restream/${what}`, body);
    if (answer) setData(answer);
    return Boolean(answer);
  }
  const targets = (data && data.targets) || [];
  const free = SLOTS.find((slot) => !targets.some((one) => one.slot === slot));
  return html`<${ListState} state=${state} error=${error} onRetry=${look}>
    <div class="stack">
      <p class="small quiet">${t("streaming.platforms_what")}</p>
      ${!targets.length && !adding && html`<p data-test="platforms-none">${t("streaming.platforms_none")}</p>`}
      <ul class="stack">
        ${targets.map((one) => html`<${Platform} key=${one.slot} ...${{ one, busy, act }} />`)}
      </ul>
      ${adding
        ? html`<${NewPlatform} slot=${adding} busy=${busy} act=${act} onDone=${() => setAdding(0)} />`
        : free && html`<${Button} onClick=${() => setAdding(free)} data-test="platform-add">${t("streaming.platform_add")}<//>`}
      ${sentence && html`<p class="field__error" role="alert">${sentence}</p>`}
    </div>
  <//>`;
}

const TONES = { sending: "safe", retrying: "look", stopped: "", waiting: "" };

function Platform({ one, busy, act }) {
  const given = one.running && one.state === "stopped";
  const words = given ? "given_up" : one.state;
  const run = `${one.slot}/run`;
  const on = one.running && !given;
  return html`<li class="card streaming__platform" data-test="platform" data-state=${one.state} data-reason=${one.reason}>
    <p class="line line--apart">
      <span class="strong">${one.name}</span>
      <${Chip} tone=${TONES[one.state]}>${t(`streaming.platform_${words}`)}<//>
    </p>
    <p class="small quiet">${t("streaming.platform_where", { host: one.host })}</p>
    ${one.reason && html`<p class="small">${t(REASONS.has(one.reason) ? `streaming.reason_${one.reason}` : "streaming.reason_broken")}</p>`}
    <div class="line">
      <${Button} small kind=${on ? "quiet" : "main"} busy=${busy === `restream/${run}`} onClick=${() => act(run, { running: !on })} data-test="platform-run">${t(on ? "streaming.platform_stop" : given ? "streaming.platform_again" : "streaming.platform_start")}<//>
      <${Button} small kind="plain" busy=${busy === `restream/${one.slot}/drop`} onClick=${() => act(`${one.slot}/drop`)} data-test="platform-drop">${t("streaming.platform_drop")}<//>
    </div>
  </li>`;
}

function NewPlatform({ slot, busy, act, onDone }) {
  const [kind, setKind] = useState(PLATFORMS[0]);
  const [name, setName] = useState("");
  const [url, setUrl] = useState("");
  const [key, setKey] = useState("");
  const called = kind === "other" ? name.trim() : t(`streaming.platform_is_${kind}`);
  async function submit(event) {
    event.preventDefault();
    if (called && url.trim() && key.trim() && (await act(String(slot), { name: called, url: url.trim(), key: key.trim() }))) onDone();
  }
  return html`<form class="stack card streaming__platform" onSubmit=${submit} data-test="platform-form">
    <${Field} as="select" label=${t("streaming.platform")} value=${kind} onInput=${setKind} data-test="platform-kind">
      ${PLATFORMS.map((one) => html`<option key=${one} value=${one}>${t(`streaming.platform_is_${one}`)}</option>`)}
    <//>
    ${kind === "other" && html`<${Field} label=${t("streaming.platform_name")} value=${name} onInput=${setName} maxlength="20" autocomplete="off" data-test="platform-name" />`}
    <${Field} label=${t("streaming.server")} hint=${t("streaming.platform_server_hint")} value=${url} onInput=${setUrl} inputmode="url" autocomplete="off" placeholder="rtmp://" data-test="platform-url" />
    <${Field} label=${t("streaming.key")} hint=${t("streaming.platform_key_hint")} type="password" value=${key} onInput=${setKey} autocomplete="new-password" data-test="platform-key" />
    <div class="line">
      <${Button} kind="main" type="submit" busy=${busy === `restream/${slot}`} disabled=${!called || !url.trim() || !key.trim()} data-test="platform-save">${t("host.save")}<//>
      <${Button} kind="plain" onClick=${onDone}>${t("streaming.cancel")}<//>
    </div>
  </form>`;
}
