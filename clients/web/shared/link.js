// The link between a page and its hub: one websocket that comes back by itself, or polling where none opens.
//
//   const link = createLink({ account });      account: see account.js
//   link.start();
//   const leave = link.join("stage/S", {
//     reset(snapshot, entries, offset) {},     start from here: first join, or what was missed cannot be recovered
//     entry({ offset, at_ms, body }) {},       the next entry, in order, once (chat: best effort)
//     pulse(body, at_ms) {},                   pulse/ channels only
//     poll() {},                               called about every 9 s while polling: fetch what a pulse would say
//     refused(error) {},                       RefusalError: this channel may not be joined
//   });
//   const reply = await link.send({ t: "say", session, text, key });    rejects with RefusalError (api.js)
//   const unwatch = link.watch((state) => ...);      at once and on each change
//   link.state  = { phase: "connecting" | "open" | "polling" | "offline" | "stopped", error?, welcome? }
//        offline: nothing reaches the hub, it is tried again by itself; stopped: do not come back by yourself, `error`
//        says why (RefusalError; code not_signed_in means: show the sign-in); link.start() tries again.
//   link.serverNow()   the hub's clock in ms
//   link.stop()
//
// One handler per channel. Order and recovery are channel.js; here are sockets, time and the way back:
// hello first; 4000-4499 and cut lines come back after 0.5 to 10 s at random ("full jitter"); 4500-4999 stop; a page
// that comes to the foreground or gets its network back tries at once, and proves a socket that slept; a line that was
// silent for 35 s (ping 25 s + pong 8 s + 2 s) is taken for dead; tokens are renewed in band; after 8 s without a
// websocket the page polls `catch_up` every 3 s and posts its commands, while it goes on trying the websocket.

import { RefusalError, postJson } from "./api.js";
import { createChannel } from "./channel.js";
import { createClock } from "./clock.js";
import { homeOf, receivedFar } from "./far.js";
import { PROTOCOL_VERSION } from "./protocol.js";
import { decodeMulti, encode } from "../vendor/msgpack.js";

const ANSWER_WITHIN_MS = 10_000;
const SILENT_FOR_MS = 35_000;
const SILENCE_CHECK_MS = 5_000;
const PROBE_WITHIN_MS = 4_000;
const POLL_AFTER_MS = 8_000;
const POLL_EVERY_MS = 3_000;
const POLL_WANTS = 8;
const PULSE_EVERY_POLLS = 3;
const BACKOFF_FIRST_MS = 2_000;
const BACKOFF_LEAST_MS = 500;
const BACKOFF_MOST_MS = 10_000;
const SPREAD_MOST_MS = 5_000;
/** From the first byte to `welcome`; longer counts as a failed try. */
const OPEN_WITHIN_MS = 15_000;

/** Refusals that say: this token is nobody's. */
const NOBODY = new Set(["not_signed_in", "token_expired"]);
const CLOSE_CODES = { 4500: "upgrade", 4501: "not_signed_in", 4502: "forbidden", 4504: "too_many" };

/** Full jitter between 0.5 s and a ceiling that doubles from 2 s to 10 s. `random` is 0..1. */
export function backoffMs(attempt, random = Math.random()) {
  const ceiling = Math.min(BACKOFF_MOST_MS, BACKOFF_FIRST_MS * 2 ** attempt);
  return Math.round(BACKOFF_LEAST_MS + random * (ceiling - BACKOFF_LEAST_MS));
}

/**
 * A wait the hub named, and some more by chance: several who share what they may ask for, and were put off together, come
 * back one by one.
 */
export function asToldMs(retryMs, random = Math.random()) {
  const told = Number(retryMs) || 0;
  return Math.round(told + random * Math.min(told, SPREAD_MOST_MS));
}

/** What a close code asks of us. */
export function afterClose(code) {
  return code >= 4500 && code <= 4999 ? "stop" : "come_back";
}

function websocketAddress() {
  return `${location.protocol === "https:" ? "wss:" : "ws:"}//${location.host}/ws`;
}

export function createLink({ account, address = websocketAddress, locale = "zh-CN", Socket = globalThis.WebSocket }) {
  const channels = new Map();
  const watchers = new Set();
  const waiting = new Map();
  let state = { phase: "connecting" };
  let socket = null;
  let nextId = 1;
  let failures = 0;
  let heardAt = 0;
  const clock = createClock();
  let pongedAt = 0;
  let lostTokens = 0;
  let renewFirst = false;
  let wanted = false;
  /** The polling that is planned or under way; another object means: it was called off. */
  let pollRun = null;
  const settling = new WeakSet();
  const timers = {};

  // ---- state and time ----

  function setTimer(name, fn, ms) {
    clearTimeout(timers[name]);
    timers[name] = setTimeout(fn, Math.min(ms, 2 ** 31 - 1));
  }

  function stopTimers() {
    for (const name of Object.keys(timers)) clearTimeout(timers[name]);
    pollRun = null;
  }

  function become(phase, extra = {}) {
    if (state.phase === phase && state.error === extra.error && !extra.welcome) return;
    state = { phase, welcome: state.welcome, ...extra };
    for (const watcher of [...watchers]) guarded(watcher, state);
  }

  /** A page's mistake must not break the line. */
  function guarded(fn, ...args) {
    if (!fn) return;
    try {
      fn(...args);
    } catch (error) {
      console.error(error);
    }
  }

  // ---- the websocket ----

  async function connect() {
    clearTimeout(timers.again);
    if (!wanted || socket) return;
    const mine = {};
    socket = mine;
    let token;
    try {
      if (renewFirst) await account.renew().catch(() => undefined);
      renewFirst = false;
      token = await account.ready();
    } catch (error) {
      if (socket !== mine) return;
      socket = null;
      if (error.temporary) comeBack();
      else halt(error);
      return;
    }
    if (socket !== mine || !wanted) return;
    let ws;
    try {
      ws = new Socket(address());
    } catch {
      socket = null;
      comeBack();
      return;
    }
    ws.binaryType = "arraybuffer";
    socket = ws;
    setTimer("open", () => dropSocket(ws, "come_back"), OPEN_WITHIN_MS);
    ws.onopen = () => greet(ws, token);
    ws.onmessage = (event) => {
      if (socket === ws) hear(event.data);
    };
    ws.onclose = (event) => closed(ws, event.code);
  }

  function greet(ws, token) {
    if (socket !== ws) return;
    const sentAt = Date.now();
    heardAt = sentAt;
    pongedAt = 0;
    ask({ t: "hello", version: PROTOCOL_VERSION, token, locale })
      .then((welcome) => {
        if (socket !== ws) return;
        clock.answered(sentAt, welcome.now_ms, heardAt);
        clock.stamped(welcome.now_ms, heardAt);
        welcomed(welcome);
      })
      .catch((error) => {
        if (socket === ws) notWelcome(ws, error);
      });
  }

  function welcomed(welcome) {
    clearTimeout(timers.open);
    clearTimeout(timers.poll);
    pollRun = null;
    failures = 0;
    lostTokens = 0;
    setTimer("renew", renew, Math.max(5_000, (welcome.until_ms - welcome.now_ms) * 0.8));
    watchSilence();
    become("open", { welcome });
    for (const entry of channels.values()) act(entry, entry.channel.connect());
  }

  async function notWelcome(ws, error) {
    if (settling.has(ws)) return undefined;
    settling.add(ws);
    if (error.temporary) return dropSocket(ws, "come_back");
    if (NOBODY.has(error.code) && lostTokens < 2) {
      lostTokens += 1;
      try {
        if (await account.lost()) return dropSocket(ws, "at_once");
      } catch {
        return dropSocket(ws, "come_back");
      }
    }
    dropSocket(ws, "nothing");
    return halt(error.code === "token_expired" ? new RefusalError("not_signed_in") : error);
  }

  function closed(ws, code) {
    if (socket !== ws) return;
    if (afterClose(code) === "stop") {
      // A hello that was refused with a reason settles itself before the close arrives; this is a close without one.
      const error = new RefusalError(CLOSE_CODES[code] || "link_stopped", { params: { version: PROTOCOL_VERSION } });
      if (code === 4501) {
        failWaiting();
        notWelcome(ws, error);
        return;
      }
      dropSocket(ws, "nothing");
      halt(error);
      return;
    }
    if (code === 4005) renewFirst = true;
    dropSocket(ws, "come_back");
  }

  /** Let go of the socket; `then` is "come_back", "at_once" or "nothing". */
  function dropSocket(ws, then) {
    if (socket !== ws) return;
    socket = null;
    ws.onopen = ws.onmessage = ws.onclose = null;
    try {
      ws.close();
    } catch {
      // It is gone either way.
    }
    clearTimeout(timers.open);
    clearTimeout(timers.silence);
    clearTimeout(timers.probe);
    clearTimeout(timers.renew);
    for (const entry of channels.values()) entry.channel.cut();
    failWaiting();
    if (then === "at_once") connect();
    if (then === "come_back") comeBack();
  }

  function failWaiting() {
    for (const [id, call] of [...waiting]) {
      waiting.delete(id);
      call.fail(new RefusalError("offline", { temporary: true }));
    }
  }

  function comeBack() {
    if (!wanted) return;
    if (state.phase === "open" || (state.phase === "connecting" && failures > 0)) become("offline");
    setTimer("again", connect, backoffMs(failures));
    failures += 1;
    planPolling();
  }

  function halt(error) {
    stopTimers();
    wanted = false;
    failWaiting();
    become("stopped", { error });
  }

  function watchSilence() {
    setTimer(
      "silence",
      () => {
        if (Date.now() - heardAt > SILENT_FOR_MS) dropSocket(socket, "come_back");
        else watchSilence();
      },
      SILENCE_CHECK_MS,
    );
  }

  async function renew() {
    const ws = socket;
    try {
      const token = await account.renew();
      const welcome = state.welcome || {};
      await ask({ t: "renew", token });
      const until = account.current ? account.current.until_ms : welcome.until_ms;
      if (socket !== ws) return;
      setTimer("renew", renew, Math.max(30_000, (until - serverNow()) * 0.8));
    } catch {
      // Another connection plans its own renewal.
      if (socket === ws && ws) setTimer("renew", renew, 30_000);
    }
  }

  // ---- what comes in ----

  function hear(data) {
    heardAt = Date.now();
    let messages;
    try {
      messages = [...decodeMulti(new Uint8Array(data))];
    } catch (error) {
      console.error(error);
      dropSocket(socket, "come_back");
      return;
    }
    for (const message of messages) dispatch(message);
  }

  function dispatch(message) {
    switch (message.t) {
      case "push": {
        const entry = channels.get(message.channel);
        if (entry) act(entry, entry.channel.onPush(message));
        return;
      }
      case "pulse": {
        const entry = channels.get(message.channel);
        if (entry) guarded(entry.handler.pulse, message.body, message.at_ms);
        return;
      }
      case "ping": {
        if (pongedAt && message.pong_at_ms) clock.answered(pongedAt, message.pong_at_ms, pongedAt);
        clock.stamped(message.at_ms, heardAt);
        pongedAt = Date.now();
        write({ t: "pong" });
        for (const [name, top] of Object.entries(message.tops || {})) {
          const entry = channels.get(name);
          if (entry) act(entry, entry.channel.onTop(top));
        }
        return;
      }
      case "restart": {
        const entry = channels.get(message.channel);
        if (entry) act(entry, entry.channel.onRestart());
        return;
      }
      default: {
        const call = waiting.get(message.id || 0);
        if (!call) return;
        waiting.delete(message.id || 0);
        if (message.t === "refused") call.fail(RefusalError.of(message));
        else call.done(message);
      }
    }
  }

  /** Do what channel.js decided: hand on, and join where it asks for it. */
  function act(entry, { deliver, join }) {
    const { handler } = entry;
    for (const item of deliver) {
      if (item.reset) guarded(handler.reset, item.snapshot, item.entries, item.offset);
      else guarded(handler.entry, item.entry);
    }
    if (join) sendJoin(entry, join);
  }

  function sendJoin(entry, command) {
    if (state.phase !== "open") {
      entry.channel.onJoinFailed();
      return;
    }
    const ws = socket;
    const current = () => socket === ws && channels.get(entry.channel.name) === entry;
    ask(command)
      .then((joined) => {
        if (!current()) return;
        entry.joinFailures = 0;
        act(entry, entry.channel.onJoined(joined));
      })
      .catch((error) => {
        if (!current()) return;
        entry.channel.onJoinFailed();
        if (!error.temporary) {
          guarded(handlerRefused, entry, error);
          return;
        }
        entry.joinFailures = (entry.joinFailures || 0) + 1;
        const delay = Math.max(asToldMs(error.params.retry_ms), backoffMs(entry.joinFailures));
        setTimeout(() => {
          if (current() && !entry.channel.joined) act(entry, entry.channel.connect());
        }, delay);
      });
  }

  function handlerRefused(entry, error) {
    if (entry.handler.refused) entry.handler.refused(error);
  }

  // ---- what goes out ----

  function write(message) {
    if (socket && socket.readyState === 1) socket.send(encode(message));
  }

  /** Over the websocket, whatever the phase. */
  function ask(command, timeoutMs = ANSWER_WITHIN_MS) {
    return new Promise((resolve, reject) => {
      const id = nextId++;
      const timer = setTimeout(() => {
        waiting.delete(id);
        reject(new RefusalError("no_answer", { temporary: true }));
      }, timeoutMs);
      waiting.set(id, {
        done(reply) {
          clearTimeout(timer);
          resolve(reply);
        },
        fail(error) {
          clearTimeout(timer);
          reject(error);
        },
      });
      if (!socket || socket.readyState !== 1) {
        waiting.get(id).fail(new RefusalError("offline", { temporary: true }));
        waiting.delete(id);
        return;
      }
      write({ ...command, id });
    });
  }

  /** Wait until the hub can be reached, at most that long. */
  function reachable(timeoutMs) {
    if (state.phase === "open" || state.phase === "polling") return Promise.resolve(true);
    return new Promise((resolve) => {
      const settle = (yes) => {
        watchers.delete(look);
        clearTimeout(timer);
        resolve(yes);
      };
      const look = ({ phase }) => {
        if (phase === "open" || phase === "polling") settle(true);
        if (phase === "stopped") settle(false);
      };
      const timer = setTimeout(() => settle(false), timeoutMs);
      watchers.add(look);
    });
  }

  async function send(command, { timeoutMs = ANSWER_WITHIN_MS } = {}) {
    const begun = Date.now();
    const far = homeOf(command);
    if (far) return sendHome(far, command, timeoutMs);
    // Temporary: nothing was said about this command, so whoever keeps it must not drop it.
    if (state.phase === "stopped") throw new RefusalError("link_stopped", { temporary: true });
    if (!(await reachable(timeoutMs))) throw new RefusalError("offline", { temporary: true });
    const left = Math.max(1_000, timeoutMs - (Date.now() - begun));
    if (state.phase === "open") return ask(command, left);
    try {
      return await postJson("/api/commands", command, { token: await account.ready(), timeoutMs: left });
    } catch (error) {
      if (!NOBODY.has(error.code) || !(await account.lost())) throw error;
      return postJson("/api/commands", command, { token: await account.ready(), timeoutMs: left });
    }
  }

  /** What concerns a session of another province is written there. */
  async function sendHome({ home, id, code }, command, timeoutMs) {
    const there = id ? { ...command, session: id } : command;
    const { sendFar } = await import("./send_far.js").catch(() => {
      throw new RefusalError("offline", { temporary: true });
    });
    const reply = await sendFar({ home, code }, there, { account, timeoutMs });
    if (reply.t === "receipt") receivedFar(reply.application, code);
    return reply;
  }

  // ---- polling, where no websocket opens ----

  function planPolling() {
    if (pollRun) return;
    const run = {};
    pollRun = run;
    setTimer("poll", () => poll(run, 0), POLL_AFTER_MS);
  }

  async function poll(run, round) {
    if (pollRun !== run) return;
    if (typeof document !== "undefined" && document.visibilityState === "hidden") {
      // Nobody looks: what comes meanwhile is fetched when somebody does.
      setTimer("poll", () => poll(run, round), POLL_EVERY_MS);
      return;
    }
    try {
      const token = await account.ready();
      const asked = [...channels.values()].filter((entry) => entry.channel.kind !== "pulse");
      for (let start = 0; start < asked.length || start === 0; start += POLL_WANTS) {
        const part = asked.slice(start, start + POLL_WANTS);
        if (!part.length) {
          await fetchAlive();
          break;
        }
        const wants = part.map((entry) => entry.channel.want());
        const answer = await postJson("/api/commands", { t: "catch_up", wants }, { token });
        if (pollRun !== run) return;
        become("polling");
        caughtUp(part, answer.channels || []);
      }
      if (pollRun !== run) return;
      become("polling");
      if (round % PULSE_EVERY_POLLS === 0) {
        for (const entry of channels.values()) guarded(entry.handler.poll);
      }
    } catch (error) {
      if (pollRun !== run) return;
      if (NOBODY.has(error.code)) {
        const found = await account.lost().catch(() => true);
        if (!found) return halt(new RefusalError("not_signed_in"));
      } else if (!error.temporary) {
        console.error(error);
      }
      if (error.temporary) become("offline");
    }
    if (pollRun === run) setTimer("poll", () => poll(run, round + 1), POLL_EVERY_MS);
  }

  function fetchAlive() {
    return fetch("/healthz", { cache: "no-store" }).then((response) => {
      if (!response.ok) throw new RefusalError("unavailable", { temporary: true });
    }, () => {
      throw new RefusalError("offline", { temporary: true });
    });
  }

  function caughtUp(asked, answers) {
    answers.forEach((answer, index) => {
      const entry = asked[index];
      if (!entry || channels.get(entry.channel.name) !== entry) return;
      if (answer.t === "refused") {
        const error = RefusalError.of(answer);
        if (!error.temporary && !entry.told) {
          entry.told = true;
          guarded(handlerRefused, entry, error);
        }
        return;
      }
      // Deliver only: what a join would ask for again, the next round asks anyway.
      act(entry, { ...entry.channel.onJoined(answer), join: null });
    });
  }

  // ---- foreground, network ----

  function wake() {
    if (!wanted || (typeof document !== "undefined" && document.visibilityState === "hidden")) return;
    if (!socket) {
      failures = 0;
      connect();
      return;
    }
    if (state.phase !== "open") return;
    if (Date.now() - heardAt > SILENT_FOR_MS) {
      dropSocket(socket, "at_once");
      return;
    }
    probe();
  }

  /** A socket that slept may be dead without knowing: any answer within 4 s proves it, and a join also recovers. */
  function probe() {
    const entry = [...channels.values()].find(({ channel }) => channel.joined && channel.complete);
    if (!entry) return;
    const ws = socket;
    const before = heardAt;
    ask({ t: "join", ...entry.channel.want() }, PROBE_WITHIN_MS)
      .then((joined) => {
        if (socket === ws && channels.get(entry.channel.name) === entry) act(entry, entry.channel.onJoined(joined));
      })
      .catch((error) => {
        if (error.code === "no_answer" && heardAt === before) dropSocket(ws, "at_once");
      });
  }

  /** The device says it has no network: believe it at once rather than after 35 s of silence. */
  function unplugged() {
    if (!wanted) return;
    if (socket) dropSocket(socket, "come_back");
    if (wanted) become("offline");
  }

  function listen(on) {
    if (typeof document === "undefined") return;
    const method = on ? "addEventListener" : "removeEventListener";
    document[method]("visibilitychange", wake);
    globalThis[method]("online", wake);
    globalThis[method]("offline", unplugged);
    globalThis[method]("pageshow", wake);
  }

  function serverNow() {
    return Date.now() + clock.ahead(Date.now());
  }

  return {
    get state() {
      return state;
    },
    serverNow,
    send,
    start() {
      if (wanted) return;
      wanted = true;
      failures = 0;
      lostTokens = 0;
      become("connecting");
      listen(true);
      planPolling();
      connect();
    },
    stop() {
      wanted = false;
      listen(false);
      stopTimers();
      if (socket) dropSocket(socket, "nothing");
      become("stopped");
    },
    watch(fn) {
      watchers.add(fn);
      guarded(fn, state);
      return () => watchers.delete(fn);
    },
    join(name, handler) {
      if (channels.has(name)) throw new Error(`${name} is joined already`);
      const entry = { channel: createChannel(name), handler };
      channels.set(name, entry);
      if (state.phase === "open") act(entry, entry.channel.connect());
      return () => {
        if (channels.get(name) !== entry) return;
        channels.delete(name);
        if (state.phase === "open") ask({ t: "leave", channel: name }).catch(() => undefined);
      };
    },
  };
}
