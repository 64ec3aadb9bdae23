// The enterprise's own list as a file: only those somebody follows, marked with who made it and when, written down.

import { RefusalError } from "../shared/api.js";
import { useAttempt } from "../shared/attempt.js";
import { Button, html, toast } from "../shared/components.js";
import { t } from "../shared/i18n.js";

const WITHIN_MS = 40_000;

export function Export({ enterprise, account }) {
  const { busy, attempt } = useAttempt(null, { aloud: true });
  const done = ({ file, left }) => {
    save(file);
    toast(left ? t("desk.export_some", { n: left, count: left }) : t("desk.export_done"), { tone: left ? "look" : "safe" });
  };
  const go = () => attempt(async () => fetchFile(enterprise, await account.ready()), { done });
  return html`<${Button} small kind="plain" busy=${busy} onClick=${go} title=${t("desk.export_what")} data-test="export">${t("desk.export")}<//>`;
}

async function fetchFile(enterprise, token) {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), WITHIN_MS);
  try {
    const response = await fetch(`/api/enterprises/${encodeURIComponent(enterprise)}/export`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}` },
      signal: abort.signal,
      credentials: "omit",
    });
    if (response.ok) return { file: await response.blob(), left: Number(response.headers.get("Daigang-Left-Out") || 0) };
    const answer = await response.json().catch(() => ({}));
    throw answer.t === "refused" ? RefusalError.of(answer) : new RefusalError("unavailable", { temporary: true });
  } catch (error) {
    if (error.name === "RefusalError") throw error;
    throw new RefusalError(error.name === "AbortError" ? "no_answer" : "offline", { temporary: true });
  } finally {
    clearTimeout(timer);
  }
}

function save(blob) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = "applicants.xlsx";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
