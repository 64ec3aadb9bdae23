// HTTP to the hub: JSON, bearer token, a time limit on everything, refusals as errors.
//
//   await getJson("/api/fair")                          -> parsed JSON
//   await postJson("/api/guest", {}, {token})           -> parsed JSON
//   throws RefusalError   the hub said no: .code .temporary .params  (i18n.js: refusalText(error) gives the sentence)
//   throws RefusalError with code "offline" (nothing reached the hub) or "no_answer" (time limit), both temporary.
//
// "offline", "no_answer", "link_stopped" are the client's own codes; i18n has sentences for them as for the hub's.

export const ANSWER_WITHIN_MS = 10_000;

/** The hub, or the way to it, said no. */
export class RefusalError extends Error {
  constructor(code, { temporary = false, params = {} } = {}) {
    super(code);
    this.name = "RefusalError";
    this.code = code;
    this.temporary = temporary;
    this.params = params;
  }

  /** From a `refused` message. */
  static of(message) {
    return new RefusalError(message.code, { temporary: Boolean(message.temporary), params: message.params || {} });
  }
}

async function request(method, path, { body, token, timeoutMs = ANSWER_WITHIN_MS } = {}) {
  const headers = { accept: "application/json" };
  if (token) headers.authorization = `Bearer ${token}`;
  if (body !== undefined) headers["content-type"] = "application/json";
  const abort = new AbortController();
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    abort.abort();
  }, timeoutMs);
  let response;
  let answer;
  try {
    response = await fetch(path, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: abort.signal,
      credentials: "omit",
      cache: method === "GET" && path.includes("/shelf/") ? "default" : "no-store",
    });
    const text = await response.text();
    try {
      answer = JSON.parse(text);
    } catch {
      answer = null;
    }
  } catch {
    throw new RefusalError(late ? "no_answer" : "offline", { temporary: true });
  } finally {
    clearTimeout(timer);
  }
  if (answer && answer.t === "refused") throw RefusalError.of(answer);
  if (!response.ok || answer === null) {
    // Something between us and the hub answered (a proxy's 502, a captive portal).
    const gone = response.status === 404;
    throw new RefusalError(gone ? "not_found" : "unavailable", { temporary: !gone, params: { what: "http" } });
  }
  return answer;
}

/** @param {string} path @param {{token?: string, timeoutMs?: number}} [options] */
export function getJson(path, options) {
  return request("GET", path, options);
}

/** @param {string} path @param {object} [body] @param {{token?: string, timeoutMs?: number}} [options] */
export function postJson(path, body, options) {
  return request("POST", path, { ...options, body: body === undefined ? {} : body });
}
