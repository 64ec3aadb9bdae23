// Generated from server/core by `daigang protocol --write`. Change it there, never here.

export const PROTOCOL_VERSION = 1;

/** Every number of the protocol; the unit is in the name. */
export const LIMITS = Object.freeze({
  MAX_IN_BYTES: 16384, // bytes: Largest message a client may send (OWASP asks for at most 64 KiB).
  MAX_OUT_BYTES: 65536, // bytes: Largest websocket message the server sends; longer batches are cut into several. A single longer message goes alone.
  MAX_NESTING: 8, // levels: Deepest nesting of maps and lists in a client's message.
  TEXT_LIMIT: 200, // characters: Longest chat line or note.
  NAME_LIMIT: 20, // characters: Longest name of a person.
  KEY_LIMIT: 64, // characters: Longest idempotency key.
  SOURCE_LIMIT: 32, // characters: Longest source code: where a seeker came from (`?from=`).
  CHANNELS_LIMIT: 64, // channels: Channels one connection may have joined.
  RECOVERY_LIMIT: 500, // entries: Entries a recovery gives at most; who missed more gets the snapshot.
  RING_ENTRIES: 500, // entries: Entries a hub keeps in memory per room: all that a recovery gives.
  CHAT_BACKLOG: 50, // lines: Chat lines given to a newcomer.
  LIST_LIMIT: 100, // rows: Rows of one page of a list.
  MOST_POSITIONS: 500, // positions: Positions one command may review; more are left waiting.
  REPLY_DUE_MS: 8.64e+07, // ms: An application unanswered by then lowers the reply rate.
  MIN_AGE_YEARS: 16, // years: Nobody younger may be hired (劳动法 Art. 15).
  NOTICE_AFTER_S: 120, // s: A step that no open page says it saw (`saw`) by then goes out to the phone, at night the next morning.
  SEEN_LIMIT: 50, // applications: Applications named by one `saw`.
  INVITATION_DAYS: 7, // days: How long an invitation is good.
  PASSWORD_LEAST: 8, // characters: Shortest password.
  CODE_DIGITS: 6, // digits: Length of a code sent to a phone.
  CODE_VALID_S: 300, // s: How long a code is good.
  CODE_TRIES: 5, // tries: Wrong tries after which a code is void.
  CODE_AGAIN_S: 60, // s: Shortest time between two codes to one number or for one person.
  CODES_PER_HOUR: 5, // codes: Codes within an hour to one number, or for one person.
  CODES_PER_DAY: 10, // codes: The same within 24 hours.
  NOTICE_LIMIT: 100, // characters: Longest pinned notice (置顶公告): two lines on a phone.
  REOPEN_WITHIN_S: 900, // s: How long after its end a host may reopen a session.
  SLOW_MAX_S: 120, // s: Slowest slow mode of a chat.
  HELLO_WITHIN_S: 10, // s: A websocket whose first message has not come by then is closed with 4501.
  REQUEST_WITHIN_S: 10, // s: A stranger that has not sent a whole HTTP request by then is cut off.
  PING_EVERY_S: 25, // s: A hub pings every connection this often.
  PONG_WITHIN_S: 8, // s: A connection that has not answered a ping by then is closed with 4003.
  STUCK_AFTER_S: 10, // s: Bytes waiting this long for one viewer: it leaves its rooms and is aborted.
  HOLE_PATIENCE_S: 0.05, // s: How long a hole in a room waits, inside a hub, for a hub that announces out of order.
  KEYS_KEPT_DAYS: 7, // days: How long an idempotency key is remembered.
  COMMANDS_PER_S: 5, // per s: Commands one connection may send, on average.
  COMMANDS_BURST: 20, // commands: Commands one connection may send at once after a rest.
  APPLIES_PER_S: 1, // per s: Applications (`apply`) one person may send, on average.
  APPLIES_BURST: 5, // commands: Applications one person may send at once after a rest.
  CONNECTIONS_PER_PERSON: 5, // connections: Websockets one person may hold in one hub; one more takes the place of the oldest, which is closed with 4504.
  BACKOFF_MIN_S: 0.5, // s: Shortest wait of a client before it connects again.
  BACKOFF_FIRST_S: 2, // s: Longest first wait; it doubles with each failure.
  BACKOFF_MAX_S: 10, // s: Longest wait of all.
  POLL_AFTER_S: 8, // s: A page that has no websocket by then polls with `catch_up` and posts.
});

/** Close codes: 4000-4499 come back with backoff, 4500-4999 do not. */
export const CLOSE = Object.freeze({
  RESTART: 4001, // The hub stops or starts anew. Come back; another hub may answer.
  SLOW: 4002, // You read more slowly than entries came. Come back and recover.
  NO_PONG: 4003, // A ping was not answered in time. Come back.
  RENEW: 4005, // Your token has ended. Get a fresh one, then come back.
  BAD_PROTOCOL: 4500, // You do not speak this protocol, or not this version of it. Load the page anew.
  WHO_ARE_YOU: 4501, // No `hello` in time, or its token proves nobody. Sign in again.
  FORBIDDEN: 4502, // You may not be here: wrong Origin, or revoked.
  TOO_MANY: 4504, // Far too many messages, or this person opened more connections elsewhere.
  TAKEN_OVER: 4505, // On `/media`: another device is the source of this session's picture.
});

/** Tags (`t`) of what a client may send. */
export const COMMANDS = Object.freeze([
  "hello",
  "renew",
  "pong",
  "join",
  "leave",
  "catch_up",
  "go_live",
  "end_session",
  "show_card",
  "undo_card",
  "hide_card",
  "start_rehearsal",
  "pause_session",
  "resume_session",
  "reopen_session",
  "cut_off",
  "pin_notice",
  "clear_notice",
  "set_picture",
  "set_talk",
  "say",
  "pass_line",
  "drop_line",
  "remove_line",
  "mute",
  "unmute",
  "ask",
  "answer_question",
  "list_desk",
  "list_answers",
  "apply",
  "withdraw",
  "my_applications",
  "list_applications",
  "open_application",
  "answer_application",
  "overview",
  "ask_code",
  "confirm_code",
  "list_people",
  "list_scopes",
  "invite",
  "show_invitation",
  "revoke_invitation",
  "revoke_role",
  "list_reviews",
  "list_positions",
  "review_positions",
  "edit_position",
  "close_position",
  "saw",
  "tell_more",
  "list_firms",
  "withdraw_consent",
  "my_data",
  "erase_me",
]);

/** Tags of answers; `id` is the command's. */
export const REPLIES = Object.freeze([
  "welcome",
  "done",
  "joined",
  "caught_up",
  "receipt",
  "my_applications_are",
  "applications_are",
  "opened",
  "overview_is",
  "code_sent",
  "people_are",
  "scopes_are",
  "invited",
  "invitation_is",
  "rehearsal_is",
  "reviews_are",
  "positions_are",
  "changed",
  "waits",
  "asked",
  "desk_is",
  "answers",
  "refused",
  "firms_are",
  "my_data_is",
]);

/** Tags of what a hub sends unasked. */
export const PUSHES = Object.freeze([
  "push",
  "pulse",
  "ping",
  "restart",
]);

/** Tags of what can stand in a log. */
export const BODIES = Object.freeze([
  "state_changed",
  "card_shown",
  "card_hidden",
  "card_undone",
  "card_updated",
  "shelf_changed",
  "notice_pinned",
  "notice_cleared",
  "picture_set",
  "talk_ruled",
  "line",
  "line_removed",
  "answered",
  "line_waits",
  "line_settled",
  "muted",
  "unmuted",
  "question_asked",
  "application_came",
  "cut_off_for",
  "application_new",
  "application_moved",
  "phone_confirmed",
  "positions_changed",
  "application_changed",
  "room_changed",
  "revoked",
]);

/** Refusal codes; a page has a sentence for each. */
export const CODES = Object.freeze([
  "bad_message",
  "unknown_type",
  "too_large",
  "too_many",
  "out_of_turn",
  "upgrade",
  "not_signed_in",
  "token_expired",
  "forbidden",
  "not_found",
  "key_reused",
  "sign_in_failed",
  "session_not_live",
  "session_ended",
  "session_cut_off",
  "rehearsal",
  "reopen_too_late",
  "already_live",
  "not_on_shelf",
  "position_closed",
  "position_changed",
  "position_faulty",
  "nothing_to_undo",
  "nothing_shown",
  "nothing_pinned",
  "picture_address",
  "chat_off",
  "chat_slow",
  "chat_word",
  "chat_muted",
  "text_empty",
  "text_too_long",
  "name_invalid",
  "phone_invalid",
  "age_not_confirmed",
  "consent_outdated",
  "step_not_allowed",
  "invitation_used",
  "invitation_expired",
  "invitation_revoked",
  "password_invalid",
  "codes_off",
  "code_too_often",
  "code_not_sent",
  "code_invalid",
  "code_unknown",
  "code_wrong",
  "code_spent",
  "code_expired",
  "code_used",
  "phone_unconfirmed",
  "picture_taken",
  "unavailable",
]);

/** The params each refusal code carries. */
export const CODE_PARAMS = Object.freeze({
  bad_message: ["detail", "why"],
  unknown_type: ["type"],
  too_large: ["size_bytes", "limit_bytes"],
  too_many: ["retry_ms"],
  out_of_turn: ["detail"],
  upgrade: ["version"],
  not_signed_in: [],
  token_expired: [],
  forbidden: ["needs"],
  not_found: ["what", "id"],
  key_reused: [],
  sign_in_failed: [],
  session_not_live: ["session", "state"],
  session_ended: ["session"],
  session_cut_off: ["session"],
  rehearsal: ["session"],
  reopen_too_late: ["minutes"],
  already_live: ["session"],
  not_on_shelf: ["position"],
  position_closed: ["position"],
  position_changed: ["version"],
  position_faulty: ["why"],
  nothing_to_undo: [],
  nothing_shown: [],
  nothing_pinned: [],
  picture_address: ["hosts"],
  chat_off: [],
  chat_slow: ["retry_ms"],
  chat_word: ["word", "why"],
  chat_muted: ["until_ms", "length", "reason"],
  text_empty: [],
  text_too_long: ["limit"],
  name_invalid: ["limit"],
  phone_invalid: [],
  age_not_confirmed: ["years"],
  consent_outdated: ["version"],
  step_not_allowed: ["now", "wanted"],
  invitation_used: [],
  invitation_expired: ["days"],
  invitation_revoked: [],
  password_invalid: ["least"],
  codes_off: [],
  code_too_often: ["retry_ms"],
  code_not_sent: [],
  code_invalid: ["digits"],
  code_unknown: [],
  code_wrong: ["left"],
  code_spent: [],
  code_expired: ["minutes"],
  code_used: [],
  phone_unconfirmed: [],
  picture_taken: ["session"],
  unavailable: ["what"],
});

/** Steps of an application (投递). */
export const STATUSES = Object.freeze([
  "applied",
  "viewed",
  "contacted",
  "interview",
  "intent",
  "hired",
  "at_work",
  "unsuitable",
  "filled",
  "withdrawn",
]);

/** States of a session (场次). */
export const STATES = Object.freeze([
  "scheduled",
  "rehearsal",
  "live",
  "interrupted",
  "ended",
]);

/** Who a person can be. */
export const ROLES = Object.freeze([
  "guest",
  "host",
  "assistant",
  "hr",
  "specialist",
  "operator",
  "admin",
]);

/** Levels of the region tree. */
export const LEVELS = Object.freeze([
  "province",
  "city",
  "county",
]);

/** How pay is counted. */
export const PAY_UNITS = Object.freeze([
  "month",
  "hour",
  "piece",
]);

/** Kinds of channel: `logged` ones can be recovered, `complete` ones have no holes. */
export const CHANNELS = Object.freeze({
  stage: Object.freeze({ logged: true, complete: true, lane: "urgent" }),
  chat: Object.freeze({ logged: true, complete: false, lane: "batched" }),
  desk: Object.freeze({ logged: true, complete: true, lane: "urgent" }),
  firm: Object.freeze({ logged: true, complete: true, lane: "urgent" }),
  me: Object.freeze({ logged: true, complete: true, lane: "urgent" }),
  area: Object.freeze({ logged: true, complete: true, lane: "urgent" }),
  house: Object.freeze({ logged: true, complete: true, lane: "urgent" }),
  pulse: Object.freeze({ logged: false, complete: false, lane: "batched" }),
});
