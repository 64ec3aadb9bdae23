// A workbook on its way to the hub: the file as it is, the dry run's rows, the files that come back.

import { RefusalError } from "../shared/api.js";

export const MOST_BYTES = 20 * 1024 * 1024;
const WITHIN_MS = 300_000;

/** What can be told from here, so that nobody waits for a refusal: a sentence's key under `upload.`, or null. */
export function faultOf(files) {
  if (files.length > 1) return "two_files";
  const [file] = files;
  if (!file) return null;
  if (file.size > MOST_BYTES) return "too_big";
  return file.size === 0 ? "empty" : null;
}

/** The key of the sentence for a refusal of the importer, or null where the general sentence fits. */
export function sentenceOf(error) {
  const why = error.params && error.params.why;
  if (error.code === "too_large") return "too_big";
  return error.code === "bad_message" && why ? why : null;
}

async function ask(account, path, init = {}) {
  const token = await account.ready();
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), WITHIN_MS);
  let response;
  try {
    response = await fetch(path, {
      ...init,
      headers: { authorization: `Bearer ${token}`, ...init.headers },
      credentials: "omit",
      cache: "no-store",
      signal: abort.signal,
    });
  } catch {
    throw new RefusalError(abort.signal.aborted ? "no_answer" : "offline", { temporary: true });
  } finally {
    clearTimeout(timer);
  }
  if (response.ok) return response;
  const answer = await response.json().catch(() => null);
  if (answer && answer.t === "refused") throw RefusalError.of(answer);
  throw new RefusalError("unavailable", { temporary: true, params: { what: "http" } });
}

/** The dry run of a file: {id, summary, session}. */
export async function lookAt(account, file, { session, region }) {
  const query = new URLSearchParams({ dry: "1", region, ...(session ? { session } : null) });
  const headers = { "content-type": "application/octet-stream" };
  return (await ask(account, `/api/import?${query}`, { method: "POST", body: file, headers })).json();
}

export async function pageOf(account, id, page) {
  return (await ask(account, `/api/import/${id}/rows/${page}`)).json();
}

export async function confirm(account, id) {
  return (await ask(account, `/api/import/${id}/confirm`, { method: "POST" })).json();
}

/** Hand the correction workbook to the browser's downloads. */
export async function saveCorrections(account, id, name) {
  const blob = await (await ask(account, `/api/import/${id}/corrections.xlsx`)).blob();
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
