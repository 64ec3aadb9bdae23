// Generated from server/core by `daigang protocol --write`. Change it there, never here.

export const PROTOCOL_VERSION = 1;

/** Every number of the protocol; the unit is in the name. */
export const LIMITS = Object.freeze({
  MAX_IN_BYTES: 16384, // bytes: Largest message a client may send (OWASP asks for at most 64 KiB).
  HELLO_BYTES: 4096, // bytes: Largest first message: a token has 2048 characters at most, and thousands of strangers may wait at once.
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
  LAUNCH_IN_LEAST_MS: 1000, // ms: Soonest a launch (开幕) is shown after it was said.
  LAUNCH_IN_MOST_MS: 60000, // ms: Latest a launch is shown after it was said.
  LAUNCH_SHOWN_S: 60, // s: How long a launch stands on a page.
  CAPTION_LIMIT: 60, // characters: Longest caption (字幕): three rows on a phone's picture.
  REOPEN_WITHIN_S: 900, // s: How long after its end a host may reopen a session.
  SLOW_MAX_S: 120, // s: Slowest slow mode of a chat.
  REPORTS_PER_HOUR: 10, // reports: Reports (举报) of one person within an hour.
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
