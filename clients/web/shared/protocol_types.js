// Generated from server/core by `daigang protocol --write`. Change it there, never here.

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
  "launch",
  "pin_notice",
  "clear_notice",
  "set_picture",
  "set_talk",
  "list_assistants",
  "dismiss_assistant",
  "report",
  "list_reports",
  "settle_report",
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
  "fill_waiting",
  "overview",
  "ask_code",
  "confirm_code",
  "list_people",
  "list_scopes",
  "invite",
  "show_invitation",
  "revoke_invitation",
  "send_invitation",
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
  "assistants_are",
  "reports_are",
  "reviews_are",
  "positions_are",
  "changed",
  "waits",
  "asked",
  "desk_is",
  "answers",
  "refused",
  "firms_are",
  "filled",
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
  "launched",
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
  "reported",
  "report_settled",
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
  "target_address",
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
  target_address: [],
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
  watch: Object.freeze({ logged: true, complete: true, lane: "urgent" }),
  house: Object.freeze({ logged: true, complete: true, lane: "urgent" }),
  pulse: Object.freeze({ logged: false, complete: false, lane: "batched" }),
});

/** Where a session's picture is. Cards, chat and applying are the same in all three.
 * @typedef {'here'|'elsewhere'|'none'} PictureKind
 */

/** Who may write free text in a room: whoever confirmed a phone, everybody whose line somebody on duty passes (先审后发), or nobody. Staff always may; quick questions are for everybody always.
 * @typedef {'confirmed'|'approved'|'off'} TalkMode
 */

/** What is reported: a position's card, the room as a whole, one chat line.
 * @typedef {'card'|'room'|'line'} ReportSubject
 */

/** Why: fees, false facts, discrimination, lures to elsewhere, insults, something else.
 * @typedef {'fee'|'false'|'discrimination'|'lure'|'insult'|'other'} ReportReason
 */

/** What an operator decided: there was nothing to it, or something was done.
 * @typedef {'dismissed'|'acted'} ReportOutcome
 */

/** How long somebody may not write: ten minutes, until the session ends, for the whole fair.
 * @typedef {'ten_minutes'|'session'|'fair'} MuteLength
 */

/** The steps of an application (投递), in the order people see them.
 * @typedef {'applied'|'viewed'|'contacted'|'interview'|'intent'|'hired'|'at_work'|'unsuitable'|'filled'|'withdrawn'} ApplicationStatus
 */

/** How an enterprise's list stands: the newest first, or who applied longest ago.
 * @typedef {'newest'|'longest'} ApplicantOrder
 */

/** Why somebody looks at a name and a phone number; written into the audit log with the look.
 * @typedef {'contact'|'interview'|'follow_up'} LookPurpose
 */

/** What became of a call: 接通, 未接通, 空号; empty for a step that was no call.
 * @typedef {''|'reached'|'no_answer'|'wrong_number'} CallOutcome
 */

/** Why somebody does not fit, from a list, so that the words a person reads are kind ones; empty for none given.
 * @typedef {''|'no_match'|'skill'|'hours'|'distance'} UnsuitableReason
 */

/** Who a person is to the house. Everybody may watch; a guest may also apply.
 * @typedef {'guest'|'host'|'assistant'|'hr'|'specialist'|'operator'|'admin'} Role
 */

/** What reviewers say of a position (网络招聘服务管理规定 Art. 18: the service reviews what enterprises submit). `draft`: somebody has to complete it. `waiting` (待审): complete, seen by no reviewer yet. Only `approved` ones are shown to seekers.
 * @typedef {'draft'|'waiting'|'approved'|'refused'} Review
 */

/** How pay is counted. Amounts are per month, also those of piecework; with `hour` they are per hour.
 * @typedef {'month'|'hour'|'piece'} PayUnit
 */

/** 夜班行吗？ Empty: not answered.
 * @typedef {''|'yes'|'no'} NightShift
 */

/** A session's life. Only `live` and `interrupted` count as on air; a `rehearsal` has an id of its own.
 * @typedef {'scheduled'|'rehearsal'|'live'|'interrupted'|'ended'} SessionState
 */

/** Why something was refused. Values are part of the protocol; a new one needs a sentence in both locales.
 * @typedef {'bad_message'|'unknown_type'|'too_large'|'too_many'|'out_of_turn'|'upgrade'|'not_signed_in'|'token_expired'|'forbidden'|'not_found'|'key_reused'|'sign_in_failed'|'session_not_live'|'session_ended'|'session_cut_off'|'rehearsal'|'reopen_too_late'|'already_live'|'not_on_shelf'|'position_closed'|'position_changed'|'position_faulty'|'nothing_to_undo'|'nothing_shown'|'nothing_pinned'|'picture_address'|'chat_off'|'chat_slow'|'chat_word'|'chat_muted'|'text_empty'|'text_too_long'|'name_invalid'|'phone_invalid'|'age_not_confirmed'|'consent_outdated'|'step_not_allowed'|'invitation_used'|'invitation_expired'|'invitation_revoked'|'password_invalid'|'codes_off'|'code_too_often'|'code_not_sent'|'code_invalid'|'code_unknown'|'code_wrong'|'code_spent'|'code_expired'|'code_used'|'phone_unconfirmed'|'picture_taken'|'target_address'|'unavailable'} Code
 */

/** An invitation is used once.
 * @typedef {'open'|'used'|'expired'|'revoked'} InvitationState
 */

/** Levels of the region tree (GB/T 2260): province, city (地级), county (县级).
 * @typedef {'province'|'city'|'county'} Level
 */

/** What a client has seen of a channel: everything up to `offset` in that epoch.
 * @typedef {Object} Since
 * @property {string} epoch
 * @property {number} offset
 */

/** One channel of a `catch_up`.
 * @typedef {Object} Want
 * @property {string} channel KIND/SUBJECT
 * @property {Since|null} [since=null]
 */

/** An application of which a person sees so many steps.
 * @typedef {Object} Seen
 * @property {string} application
 * @property {number} steps
 */

/** A role within a scope: a session id (host, assistant), an enterprise id (HR, specialist), a region code (operator, admin: that branch of the tree).
 * @typedef {Object} Grant
 * @property {Role} role
 * @property {string} scope
 */

/** An entry within `joined`. `body` is one of the publication bodies.
 * @typedef {Object} LogEntry
 * @property {number} offset
 * @property {number} at_ms
 * @property {Body} body
 */

/** 场次: one broadcast of one venue, with its shelf. `cut_off`: an operator ended it.
 * @typedef {Object} Session
 * @property {string} id
 * @property {string} venue
 * @property {string} fair
 * @property {string} region
 * @property {string} title
 * @property {string} [venue_name=""]
 * @property {SessionState} [state="scheduled"]
 * @property {number|null} [starts_at_ms=null]
 * @property {number|null} [live_at_ms=null]
 * @property {number|null} [ended_at_ms=null]
 * @property {number} [shelf_revision=1]
 * @property {boolean} [cut_off=false]
 */

/** 岗位卡 as it is shown: the position as of that moment, its number on the shelf, and what was asked and answered about it before.
 * @typedef {Object} Card
 * @property {number} number
 * @property {Position} position
 * @property {Array<Answer>} [answers=[]]
 */

/** 岗位: what is offered, in the words a card shows. Missing facts stay `None` or empty and are shown as missing. `base_yuan` is 底薪, `pay_min_yuan`/`pay_max_yuan` the 综合 monthly band; both `None` with `pay_negotiable` is 面议. `openings` is 招聘人数. `version` grows with every edit.
 * @typedef {Object} Position
 * @property {string} id
 * @property {string} enterprise
 * @property {string} title
 * @property {string} region
 * @property {number} openings
 * @property {string} [enterprise_name=""]
 * @property {string} [place=""]
 * @property {number|null} [base_yuan=null]
 * @property {number|null} [pay_min_yuan=null]
 * @property {number|null} [pay_max_yuan=null]
 * @property {PayUnit} [pay_unit="month"]
 * @property {boolean} [pay_negotiable=false]
 * @property {string} [shift=""]
 * @property {string} [rest=""]
 * @property {string} [education=""]
 * @property {string} [employment_type=""]
 * @property {Array<string>} [benefits=[]]
 * @property {string} [duties=""]
 * @property {string} [requirements=""]
 * @property {string} [valid_until=""]
 * @property {boolean} [closed=false]
 * @property {number} [version=1]
 * @property {boolean} [synthetic=false]
 */

/** An answer that stays with its position.
 * @typedef {Object} Answer
 * @property {string} topic
 * @property {string} answer
 * @property {number} at_ms
 * @property {string} [text=""]
 */

/** The picture of a session; `url` is the https address of one that is elsewhere.
 * @typedef {Object} Picture
 * @property {PictureKind} [kind="here"]
 * @property {string} [url=""]
 */

/** The chat rule of a room. `slow_s`: one line of one person in so many seconds; 0 is as fast as they like.
 * @typedef {Object} TalkRule
 * @property {TalkMode} [mode="confirmed"]
 * @property {number} [slow_s=0]
 */

/** 开幕: one moment for all halls of a branch. Pages show `text` from `show_at_ms` of the hub's clock on, all together, for LAUNCH_SHOWN_S.
 * @typedef {Object} Launch
 * @property {string} text
 * @property {string} region
 * @property {number} show_at_ms
 */

/** An application as one who sent it sees it. `confirmed`: whoever asks has shown by a code that the number in it is their own. Without, `id` and `receipt` are those of the device's own sending. At most 15 fields: one more, and every message that holds one would be encoded otherwise.
 * @typedef {Object} MyApplication
 * @property {string} id
 * @property {string} receipt
 * @property {string} position
 * @property {string} position_title
 * @property {string} enterprise_name
 * @property {string} session
 * @property {ApplicationStatus} status
 * @property {number} applied_at_ms
 * @property {number} changed_at_ms
 * @property {Array<ApplicationStep>} [steps=[]]
 * @property {boolean} [confirmed=false]
 * @property {string} [enterprise=""]
 * @property {string} [for_whom=""]
 * @property {Sending} [sending={}]
 * @property {About} [about={}]
 */

/** One step of an application's history. `interview_at_ms` 0: no time was said. `by_specialist`: 专员代回复.
 * @typedef {Object} ApplicationStep
 * @property {ApplicationStatus} status
 * @property {number} at_ms
 * @property {string} [note=""]
 * @property {CallOutcome} [outcome=""]
 * @property {number} [interview_at_ms=0]
 * @property {string} [place=""]
 * @property {UnsuitableReason} [reason=""]
 * @property {boolean} [by_specialist=false]
 */

/** How an application stands to the device that asks. `hidden`: the consent was taken back. `limited` and `elsewhere` are never set any more: they told who typed somebody's number that it had been here before. Without the number confirmed this is what the device itself did.
 * @typedef {Object} Sending
 * @property {boolean} [limited=false]
 * @property {boolean} [elsewhere=false]
 * @property {boolean} [hidden=false]
 */

/** What belongs to an application beside name and number. `phone_confirmed`: one who sent it has shown by a code that the number is theirs (else 号码未核实). `version`: of the position as it was seen, 0 when not told. `receipts`: others that were given for the same application, to other devices; for the enterprise alone. The rest are the answers to the questions after the receipt.
 * @typedef {Object} About
 * @property {boolean} [phone_confirmed=false]
 * @property {number} [version=0]
 * @property {NightShift} [night_shift=""]
 * @property {number|null} [start_in_days=null]
 * @property {Array<string>} [receipts=[]]
 */

/** An application as the enterprise sees it. Name and phone are masked until it is opened. At most 15 fields.
 * @typedef {Object} Applicant
 * @property {string} id
 * @property {string} receipt
 * @property {string} enterprise
 * @property {string} position
 * @property {string} position_title
 * @property {string} name
 * @property {string} phone
 * @property {boolean} revealed
 * @property {ApplicationStatus} status
 * @property {number} applied_at_ms
 * @property {number} changed_at_ms
 * @property {string} [for_whom=""]
 * @property {Array<ApplicationStep>} [steps=[]]
 * @property {About} [about={}]
 * @property {Claim|null} [claim=null]
 */

/** 已由…跟进: the colleague who opened it first; `mine` where that is the one asking.
 * @typedef {Object} Claim
 * @property {string} by
 * @property {number} at_ms
 * @property {boolean} [mine=false]
 */

/** A line of the operator's region tree: the branch's sums. `online` is presence (latest known), the others equal the log.
 * @typedef {Object} RegionNumbers
 * @property {string} region
 * @property {Numbers} numbers
 */

/** The numbers of one region branch or one session. `cards` are shows less undone ones; `applications` are applications ever made; `intents` those that ever reached 初步意向.
 * @typedef {Object} Numbers
 * @property {number} [live=0]
 * @property {number} [online=0]
 * @property {number} [cards=0]
 * @property {number} [applications=0]
 * @property {number} [intents=0]
 */

/** A person with one of its roles. `title` names the scope: the session's, the enterprise's, the region's. `signed_in_at_ms` is the last time, absent for never. The phone is masked, empty where none is known.
 * @typedef {Object} Member
 * @property {string} person
 * @property {string} name
 * @property {Role} role
 * @property {string} scope
 * @property {string} title
 * @property {string} region
 * @property {string} [phone=""]
 * @property {number|null} [signed_in_at_ms=null]
 */

/** Somebody is asked to join in one role, by a link that works with a code sent to the number on file. The phone is masked; `sent_at_ms` is when its link last went to that number.
 * @typedef {Object} Invitation
 * @property {string} id
 * @property {string} name
 * @property {Role} role
 * @property {string} scope
 * @property {string} title
 * @property {string} region
 * @property {string} phone
 * @property {InvitationState} state
 * @property {number} made_at_ms
 * @property {number} expires_at_ms
 * @property {number|null} [used_at_ms=null]
 * @property {number|null} [sent_at_ms=null]
 */

/** A session, an enterprise or a region in which a role can be held.
 * @typedef {Object} ScopeView
 * @property {string} id
 * @property {string} title
 * @property {string} region
 */

/** 场控 of a session, as its host sees them.
 * @typedef {Object} Assistant
 * @property {string} person
 * @property {string} name
 */

/** A report as an operator of the branch reads it. Who reported is told to nobody. `stage_offset`, `at_ms` and `position_version` say what stood there at that second; `line_text` is the line as it was said. `outcome` is empty while it is open.
 * @typedef {Object} ReportCase
 * @property {string} id
 * @property {string} session
 * @property {string} region
 * @property {ReportSubject} subject
 * @property {ReportReason} reason
 * @property {number} at_ms
 * @property {number} stage_offset
 * @property {string} [session_title=""]
 * @property {string} [position=""]
 * @property {string} [position_title=""]
 * @property {number} [position_version=0]
 * @property {number} [line=0]
 * @property {string} [line_text=""]
 * @property {string} [text=""]
 * @property {string} [outcome=""]
 * @property {string} [note=""]
 * @property {number} [settled_at_ms=0]
 */

/** A line of the reviewers' list: how many positions of an enterprise wait, are drafts, and carry a flag.
 * @typedef {Object} ReviewFirm
 * @property {string} enterprise
 * @property {string} name
 * @property {string} region
 * @property {string} [uscc=""]
 * @property {number} [waiting=0]
 * @property {number} [drafts=0]
 * @property {number} [flagged=0]
 * @property {boolean} [synthetic=false]
 */

/** A position as those who look after it see it. `reason` is what a reviewer said on refusing it; `edited_at_ms` is when its facts were last written.
 * @typedef {Object} PositionFile
 * @property {Position} position
 * @property {Review} review
 * @property {Array<Flag>} [flags=[]]
 * @property {string} [reason=""]
 * @property {number} [edited_at_ms=0]
 */

/** What a reviewer has to see of a position: why (`core.cells.Why`), in which column, and the words. Limits of sex and age are read and never published, so their words are for reviewers alone.
 * @typedef {Object} Flag
 * @property {string} why
 * @property {string} [column=""]
 * @property {string} [text=""]
 */

/** A chat line that waits for approval.
 * @typedef {Object} WaitingLine
 * @property {string} id
 * @property {string} author
 * @property {string} text
 * @property {number} at_ms
 * @property {string} [name=""]
 */

/** One question and how many persons asked it. `position` is empty for one about no position; `text` is that of the first who asked freely, empty for a quick question, which pages know by its topic.
 * @typedef {Object} QuestionGroup
 * @property {string} position
 * @property {string} topic
 * @property {number} count
 * @property {number} last_at_ms
 * @property {string} [text=""]
 * @property {string} [answer=""]
 * @property {boolean} [answered=false]
 */

/** Somebody who may not write. `until_ms` is 0 where the end of the session or the fair is meant. Where it was done `by_operator`, only an operator lets them write again.
 * @typedef {Object} StandingMute
 * @property {string} author
 * @property {MuteLength} length
 * @property {number} at_ms
 * @property {string} [name=""]
 * @property {number} [until_ms=0]
 * @property {string} [reason=""]
 * @property {boolean} [by_operator=false]
 */

/** An enterprise as its specialist sees it: who waits, since when, and whether its own people were ever here.
 * @typedef {Object} Firm
 * @property {string} enterprise
 * @property {string} name
 * @property {number} [waiting=0]
 * @property {number} [oldest_at_ms=0]
 * @property {number} [signed_in_at_ms=0]
 * @property {Replies} [replies={}]
 */

/** How an enterprise answers, from the log: of `received` applications `answered` got an answer, after `mean_ms` on average. Withdrawn ones nobody had answered do not count; those younger than `REPLY_DUE_MS` count once answered.
 * @typedef {Object} Replies
 * @property {number} [received=0]
 * @property {number} [answered=0]
 * @property {number} [mean_ms=0]
 */

/** All that is held about one person (个人信息保护法 Art. 45).
 * @typedef {Object} MyRecord
 * @property {Array<MyApplication>} [applications=[]]
 * @property {Array<Held>} [held=[]]
 * @property {Array<Consent>} [consents=[]]
 * @property {Array<Look>} [looks=[]]
 */

/** Name and number as they lie in one application; those only that the asking device may see.
 * @typedef {Object} Held
 * @property {string} application
 * @property {string} name
 * @property {string} phone
 * @property {string} [for_whom=""]
 */

/** A consent receipt (个人信息保护法 Art. 23): which text, to whom, when; `withdrawn_at_ms` 0 while it holds.
 * @typedef {Object} Consent
 * @property {string} application
 * @property {string} enterprise
 * @property {string} enterprise_name
 * @property {string} version
 * @property {number} at_ms
 * @property {number} [withdrawn_at_ms=0]
 */

/** Somebody of this enterprise looked at the name and the number: when and why.
 * @typedef {Object} Look
 * @property {string} application
 * @property {string} enterprise_name
 * @property {number} at_ms
 * @property {string} [why="contact"]
 */

/** 招聘会: one whole day over many venues. `on_day` is ISO 8601, local to the province.
 * @typedef {Object} Fair
 * @property {string} id
 * @property {string} title
 * @property {string} on_day
 * @property {string} region
 * @property {boolean} [synthetic=false]
 */

/** 会场: one hall of a fair.
 * @typedef {Object} Venue
 * @property {string} id
 * @property {string} fair
 * @property {string} name
 * @property {string} region
 */

/** One unit of the region tree. `code` is GB/T 2260, or a local code where the standard has none.
 * @typedef {Object} Region
 * @property {string} code
 * @property {string} name
 * @property {Level} level
 * @property {string|null} [parent=null]
 * @property {number|null} [lon=null]
 * @property {number|null} [lat=null]
 */

/** One place of a shelf (岗位架): the speakable number of a position, never reused in its session.
 * @typedef {Object} ShelfSlot
 * @property {number} number
 * @property {Position} position
 */

/** 企业. `uscc` is the unified social credit code (GB 32100).
 * @typedef {Object} Enterprise
 * @property {string} id
 * @property {string} name
 * @property {string} region
 * @property {string} [uscc=""]
 * @property {string} [industry=""]
 * @property {number|null} [size=null]
 * @property {boolean} [synthetic=false]
 */

/** stage/: the session went live, was interrupted, ended, went on again after an end. `cut_off`: an operator ended it.
 * @typedef {Object} StateChanged
 * @property {'state_changed'} t
 * @property {SessionState} state
 * @property {boolean} [cut_off=false]
 */

/** stage/: the host explains this position now (讲解中). Carries the card as shown.
 * @typedef {Object} CardShown
 * @property {'card_shown'} t
 * @property {Card} card
 */

/** stage/: no position is being explained any more.
 * @typedef {Object} CardHidden
 * @property {'card_hidden'} t
 * @property {string} position
 */

/** stage/: the last show was a mistake; `card` is what stands again, absent for none.
 * @typedef {Object} CardUndone
 * @property {'card_undone'} t
 * @property {string} position
 * @property {Card|null} [card=null]
 */

/** stage/: the position being explained was edited, closed or opened again. Carries the card as it is now; another position's card stays.
 * @typedef {Object} CardUpdated
 * @property {'card_updated'} t
 * @property {Card} card
 */

/** stage/: the shelf has a new revision, to be fetched at its own address.
 * @typedef {Object} ShelfChanged
 * @property {'shelf_changed'} t
 * @property {number} revision
 */

/** stage/: 置顶公告, in the place of one that was pinned before.
 * @typedef {Object} NoticePinned
 * @property {'notice_pinned'} t
 * @property {string} text
 */

/** stage/: nothing is pinned any more.
 * @typedef {Object} NoticeCleared
 * @property {'notice_cleared'} t
 */

/** stage/: where the picture is from now on.
 * @typedef {Object} PictureSet
 * @property {'picture_set'} t
 * @property {Picture} picture
 */

/** stage/: who may write in the chat from now on, and how often.
 * @typedef {Object} TalkRuled
 * @property {'talk_ruled'} t
 * @property {TalkRule} talk
 */

/** stage/ and area/ of the branch: all its halls are opened (开幕).
 * @typedef {Object} Launched
 * @property {'launched'} t
 * @property {Launch} launch
 */

/** chat/: one line. `author` is a tag that is the same for one person within one session, `role` is set for staff. `caption`: what the host says in this moment, typed by one of them, to be read over the picture.
 * @typedef {Object} Line
 * @property {'line'} t
 * @property {string} author
 * @property {string} name
 * @property {string} text
 * @property {string} [role=""]
 * @property {boolean} [caption=false]
 */

/** chat/: the line at that offset is shown no more.
 * @typedef {Object} LineRemoved
 * @property {'line_removed'} t
 * @property {number} line
 */

/** chat/ and desk/: a question was answered, for all who asked it. `text` is the question where it was a free one; an empty `answer` was given aloud. `position` is empty for a question about none, `number` is that on the shelf.
 * @typedef {Object} Answered
 * @property {'answered'} t
 * @property {string} topic
 * @property {string} position
 * @property {number} [number=0]
 * @property {string} [text=""]
 * @property {string} [answer=""]
 */

/** desk/: a line waits for approval.
 * @typedef {Object} LineWaits
 * @property {'line_waits'} t
 * @property {string} id
 * @property {Line} line
 */

/** desk/: a waiting line was passed or dropped.
 * @typedef {Object} LineSettled
 * @property {'line_settled'} t
 * @property {string} id
 * @property {boolean} [passed=false]
 */

/** desk/: the author may not write. `until_ms` is 0 where the end of the session or the fair is meant. Where it was done `by_operator`, only an operator lets them write again.
 * @typedef {Object} Muted
 * @property {'muted'} t
 * @property {string} author
 * @property {MuteLength} length
 * @property {number} [until_ms=0]
 * @property {string} [reason=""]
 * @property {boolean} [by_operator=false]
 */

/** desk/: the author may write again.
 * @typedef {Object} Unmuted
 * @property {'unmuted'} t
 * @property {string} author
 */

/** desk/: so many persons ask this now.
 * @typedef {Object} QuestionAsked
 * @property {'question_asked'} t
 * @property {string} topic
 * @property {string} position
 * @property {number} count
 * @property {string} [text=""]
 */

/** desk/: somebody applied to this position; `total` is the session's applications so far.
 * @typedef {Object} ApplicationCame
 * @property {'application_came'} t
 * @property {string} position
 * @property {number} total
 */

/** desk/: why an operator ended the session.
 * @typedef {Object} CutOffFor
 * @property {'cut_off_for'} t
 * @property {string} reason
 */

/** firm/ and me/: an application that was not there before.
 * @typedef {Object} ApplicationNew
 * @property {'application_new'} t
 * @property {string} application
 * @property {string} position
 * @property {string} session
 */

/** firm/ and me/: an application took a step. `contact_gone`: the enterprise may see name and number no longer; what shows them hides them at once.
 * @typedef {Object} ApplicationMoved
 * @property {'application_moved'} t
 * @property {string} application
 * @property {string} position
 * @property {ApplicationStatus} status
 * @property {boolean} [contact_gone=false]
 */

/** me/: this person has shown by a code that a number is its own, and sees all applications of that number.
 * @typedef {Object} PhoneConfirmed
 * @property {'phone_confirmed'} t
 */

/** firm/: positions of this enterprise were reviewed, edited, closed or opened again; list them anew.
 * @typedef {Object} PositionsChanged
 * @property {'positions_changed'} t
 */

/** firm/: something beside the status is new (who follows it, what the person told): read it again.
 * @typedef {Object} ApplicationChanged
 * @property {'application_changed'} t
 * @property {string} application
 * @property {string} position
 */

/** watch/: somebody reported a card, the room or a chat line. Who and in which words is read with a scope.
 * @typedef {Object} Reported
 * @property {'reported'} t
 * @property {string} report
 * @property {string} session
 * @property {ReportSubject} subject
 * @property {ReportReason} reason
 */

/** watch/: an operator settled a report.
 * @typedef {Object} ReportSettled
 * @property {'report_settled'} t
 * @property {string} report
 * @property {ReportOutcome} outcome
 */

/** area/: a session of this branch changed its state.
 * @typedef {Object} RoomChanged
 * @property {'room_changed'} t
 * @property {string} session
 * @property {SessionState} state
 */

/** house/: every token of this person issued before `before_ms` is void.
 * @typedef {Object} Revoked
 * @property {'revoked'} t
 * @property {string} person
 * @property {number} before_ms
 */

/** A stage as of the reply's offset. The shelf is at `/api/sessions/SESSION/shelf/REVISION`, below `home` for a session of another province: its address, where lines and applications are posted to as well. `launch` is the last one, if it was not long ago: whether it is still to be shown, its times say.
 * @typedef {Object} StageSnapshot
 * @property {'stage'} t
 * @property {Session} session
 * @property {Card|null} [card=null]
 * @property {string} [notice=""]
 * @property {Picture} [picture={}]
 * @property {TalkRule} [talk={}]
 * @property {string} [home=""]
 * @property {Launch|null} [launch=null]
 */

/** A person's applications as of the reply's offset.
 * @typedef {Object} MeSnapshot
 * @property {'me'} t
 * @property {Array<MyApplication>} applications
 */

/** The sessions of a branch as of the reply's offset.
 * @typedef {Object} AreaSnapshot
 * @property {'area'} t
 * @property {Array<Session>} sessions
 * @property {Launch|null} [launch=null]
 */

/** pulse/SESSION: the latest known. `visits` are joins of the stage so far. `picture` is that of `/hls/SESSION/`: `on`, `paused` by the host, `gone` (it broke off), or empty when nobody sends one.
 * @typedef {Object} SessionPulse
 * @property {'session'} t
 * @property {Numbers} numbers
 * @property {number} visits
 * @property {string} [picture=""]
 */

/** pulse/REGION: the numbers of every branch below it.
 * @typedef {Object} RegionPulse
 * @property {'region'} t
 * @property {Array<RegionNumbers>} regions
 */

/** First message of a connection. Replied by `welcome`.
 * @typedef {Object} Hello
 * @property {'hello'} t
 * @property {number} [id=0]
 * @property {number} version
 * @property {string} token
 * @property {string} [locale="zh-CN"]
 */

/** A newer token of the same person, before the old one ends. Replied by `done`.
 * @typedef {Object} Renew
 * @property {'renew'} t
 * @property {number} [id=0]
 * @property {string} token
 */

/** Answer to `ping`. Not replied to.
 * @typedef {Object} Pong
 * @property {'pong'} t
 * @property {number} [id=0]
 */

/** Become a member of a channel. With `since`, what was missed comes first. Replied by `joined`.
 * @typedef {Object} Join
 * @property {'join'} t
 * @property {number} [id=0]
 * @property {string} channel KIND/SUBJECT
 * @property {Since|null} [since=null]
 */

/** Stop being a member. Replied by `done`.
 * @typedef {Object} Leave
 * @property {'leave'} t
 * @property {number} [id=0]
 * @property {string} channel KIND/SUBJECT
 */

/** What would `join` say now, without becoming a member: for pages whose network breaks websockets. Replied by `caught_up`.
 * @typedef {Object} CatchUp
 * @property {'catch_up'} t
 * @property {number} [id=0]
 * @property {Array<Want>} wants
 */

/** 开播. Replied by `done`.
 * @typedef {Object} GoLive
 * @property {'go_live'} t
 * @property {number} [id=0]
 * @property {string} session
 * @property {string} key idempotency key
 */

/** 下播. Replied by `done`.
 * @typedef {Object} EndSession
 * @property {'end_session'} t
 * @property {number} [id=0]
 * @property {string} session
 * @property {string} key idempotency key
 */

/** 讲解: every viewer sees this position's card. Replied by `done`.
 * @typedef {Object} ShowCard
 * @property {'show_card'} t
 * @property {number} [id=0]
 * @property {string} session
 * @property {string} position
 * @property {string} key idempotency key
 */

/** Take the last show back. Replied by `done`.
 * @typedef {Object} UndoCard
 * @property {'undo_card'} t
 * @property {number} [id=0]
 * @property {string} session
 * @property {string} key idempotency key
 */

/** No card any more. Replied by `done`.
 * @typedef {Object} HideCard
 * @property {'hide_card'} t
 * @property {number} [id=0]
 * @property {string} session
 * @property {string} key idempotency key
 */

/** 排练, under an id of its own that only the link tells; ended by `end_session`. One that is open is given again. Replied by `rehearsal_is`.
 * @typedef {Object} StartRehearsal
 * @property {'start_rehearsal'} t
 * @property {number} [id=0]
 * @property {string} session
 * @property {string} key idempotency key
 */

/** 画面中断: the session is `interrupted`; cards, chat and applying go on. Replied by `done`.
 * @typedef {Object} PauseSession
 * @property {'pause_session'} t
 * @property {number} [id=0]
 * @property {string} session
 * @property {string} key idempotency key
 */

/** On with an interrupted session. Replied by `done`.
 * @typedef {Object} ResumeSession
 * @property {'resume_session'} t
 * @property {number} [id=0]
 * @property {string} session
 * @property {string} key idempotency key
 */

/** Ended by mistake: live again, within REOPEN_WITHIN_S of the end. Replied by `done`.
 * @typedef {Object} ReopenSession
 * @property {'reopen_session'} t
 * @property {number} [id=0]
 * @property {string} session
 * @property {string} key idempotency key
 */

/** An operator of the branch ends a session that must not go on. The reason goes to its desk and to the audit log, viewers learn only that it was cut off. Replied by `done`.
 * @typedef {Object} CutOff
 * @property {'cut_off'} t
 * @property {number} [id=0]
 * @property {string} session
 * @property {string} reason
 * @property {string} key idempotency key
 */

/** 开幕: an operator opens all halls of the branch in one moment, `in_ms` from now. Replied by `done`.
 * @typedef {Object} LaunchHalls
 * @property {'launch'} t
 * @property {number} [id=0]
 * @property {string} region
 * @property {string} text
 * @property {string} key idempotency key
 * @property {number} [in_ms=2000]
 */

/** 置顶公告. Replied by `done`.
 * @typedef {Object} PinNotice
 * @property {'pin_notice'} t
 * @property {number} [id=0]
 * @property {string} session
 * @property {string} text
 * @property {string} key idempotency key
 */

/** Nothing pinned any more. Replied by `done`.
 * @typedef {Object} ClearNotice
 * @property {'clear_notice'} t
 * @property {number} [id=0]
 * @property {string} session
 * @property {string} key idempotency key
 */

/** Where the picture is. `url` belongs to `elsewhere` and to it alone. Replied by `done`.
 * @typedef {Object} SetPicture
 * @property {'set_picture'} t
 * @property {number} [id=0]
 * @property {string} session
 * @property {PictureKind} kind
 * @property {string} key idempotency key
 * @property {string} [url=""]
 */

/** Who may write in the chat, and how often. Replied by `done`.
 * @typedef {Object} SetTalk
 * @property {'set_talk'} t
 * @property {number} [id=0]
 * @property {string} session
 * @property {TalkMode} mode
 * @property {string} key idempotency key
 * @property {number} [slow_s=0]
 */

/** 场控 of a session. Replied by `assistants_are`.
 * @typedef {Object} ListAssistants
 * @property {'list_assistants'} t
 * @property {number} [id=0]
 * @property {string} session
 */

/** Take the duty from an assistant, at once and on every device. Replied by `done`.
 * @typedef {Object} DismissAssistant
 * @property {'dismiss_assistant'} t
 * @property {number} [id=0]
 * @property {string} session
 * @property {string} person
 * @property {string} key idempotency key
 */

/** 举报 a card (`position`), the room, or a chat line (`line`, its offset). The operators of the branch are told at once, and nobody who it was. The same again by the same person changes nothing. Replied by `done`.
 * @typedef {Object} Report
 * @property {'report'} t
 * @property {number} [id=0]
 * @property {string} session
 * @property {ReportSubject} subject
 * @property {ReportReason} reason
 * @property {string} key idempotency key
 * @property {string} [position=""]
 * @property {number} [line=0]
 * @property {string} [text=""]
 */

/** The reports of a branch, open ones first, newest first. Replied by `reports_are`.
 * @typedef {Object} ListReports
 * @property {'list_reports'} t
 * @property {number} [id=0]
 * @property {string} region
 * @property {boolean} [open_only=false]
 * @property {number} [skip=0]
 * @property {number} [limit=50]
 */

/** There was nothing to it, or something was done; the note says what. Audited. Replied by `done`.
 * @typedef {Object} SettleReport
 * @property {'settle_report'} t
 * @property {number} [id=0]
 * @property {string} report
 * @property {ReportOutcome} outcome
 * @property {string} note
 * @property {string} key idempotency key
 */

/** One chat line. Replied by `done`, or by `waits` where lines are approved first. `caption`: it is what the host says in this moment, to be read over the picture (who is on duty; at most CAPTION_LIMIT characters).
 * @typedef {Object} Say
 * @property {'say'} t
 * @property {number} [id=0]
 * @property {string} session
 * @property {string} text more than TEXT_LIMIT is refused TEXT_TOO_LONG
 * @property {string} key idempotency key
 * @property {boolean} [caption=false]
 */

/** Let a waiting line through. Replied by `done`.
 * @typedef {Object} PassLine
 * @property {'pass_line'} t
 * @property {number} [id=0]
 * @property {string} session
 * @property {string} line
 * @property {string} key idempotency key
 */

/** A waiting line is not let through; nobody is told but the desk. Replied by `done`.
 * @typedef {Object} DropLine
 * @property {'drop_line'} t
 * @property {number} [id=0]
 * @property {string} session
 * @property {string} line
 * @property {string} key idempotency key
 */

/** Take the line at that offset of chat/ from every page; the log keeps it. Replied by `done`.
 * @typedef {Object} RemoveLine
 * @property {'remove_line'} t
 * @property {number} [id=0]
 * @property {string} session
 * @property {number} offset
 * @property {string} key idempotency key
 */

/** The author of a line may not write for a while, from whatever device shows the same phone. Replied by `done`.
 * @typedef {Object} Mute
 * @property {'mute'} t
 * @property {number} [id=0]
 * @property {string} session
 * @property {string} author `author` of a line
 * @property {MuteLength} length
 * @property {string} key idempotency key
 * @property {string} [reason=""]
 */

/** A mute was a mistake, or is enough. Replied by `done`.
 * @typedef {Object} Unmute
 * @property {'unmute'} t
 * @property {number} [id=0]
 * @property {string} session
 * @property {string} author `author` of a line
 * @property {string} key idempotency key
 */

/** A quick question about a position, or `explain` (求讲解): anybody may, once for each. Replied by `asked`.
 * @typedef {Object} Ask
 * @property {'ask'} t
 * @property {number} [id=0]
 * @property {string} session
 * @property {string} position
 * @property {string} topic a quick question's name, or `t:` and a digest
 * @property {string} key idempotency key
 */

/** Answer once for all who asked: `text` is shown in the chat and stays with the position. An empty one says that it was answered aloud (已口头回答). Replied by `done`.
 * @typedef {Object} AnswerQuestion
 * @property {'answer_question'} t
 * @property {number} [id=0]
 * @property {string} session
 * @property {string} position empty for a question about no position
 * @property {string} topic a quick question's name, or `t:` and a digest
 * @property {string} key idempotency key
 * @property {string} [text=""]
 */

/** What waits on a session's desk. Replied by `desk_is`.
 * @typedef {Object} ListDesk
 * @property {'list_desk'} t
 * @property {number} [id=0]
 * @property {string} session
 */

/** 常见问题 of a position. Replied by `answers`.
 * @typedef {Object} ListAnswers
 * @property {'list_answers'} t
 * @property {number} [id=0]
 * @property {string} position
 */

/** 投递. The same phone and `for_whom` for the same position is one application, whatever is resent. Replied by `receipt`.
 * @typedef {Object} Apply
 * @property {'apply'} t
 * @property {number} [id=0]
 * @property {string} session
 * @property {string} position
 * @property {string} name
 * @property {string} phone
 * @property {string} consent version of the consent text that was shown
 * @property {boolean} age_confirmed
 * @property {string} key idempotency key
 * @property {string} [for_whom=""]
 * @property {string} [source=""] code of the QR or poster that led here
 * @property {number} [version=0] version of the position that was shown; 0: not told
 * @property {number} [age=0] years, where the person says so; never stored
 */

/** 撤回. With the number confirmed it takes the application back; without, what this device sent, and the application when nobody else sent the same. Replied by `done`.
 * @typedef {Object} Withdraw
 * @property {'withdraw'} t
 * @property {number} [id=0]
 * @property {string} application
 * @property {string} key idempotency key
 */

/** 我的投递. Replied by `my_applications_are`.
 * @typedef {Object} MyApplications
 * @property {'my_applications'} t
 * @property {number} [id=0]
 */

/** An enterprise's applicants, names and phones masked. Replied by `applications_are`.
 * @typedef {Object} ListApplications
 * @property {'list_applications'} t
 * @property {number} [id=0]
 * @property {string} enterprise
 * @property {string} [before=""] `next` of the page before
 * @property {number} [limit=50]
 * @property {Array<ApplicationStatus>} [statuses=[]] only these; empty: all
 * @property {string} [position=""] only this one; empty: all
 * @property {ApplicantOrder} [order="newest"]
 */

/** See name and phone of one applicant. The look is written to the audit log with its purpose; a first look is the step `viewed` and claims the applicant for whoever looks. Replied by `opened`.
 * @typedef {Object} OpenApplication
 * @property {'open_application'} t
 * @property {number} [id=0]
 * @property {string} application
 * @property {string} key idempotency key
 * @property {LookPurpose} [purpose="contact"]
 */

/** Move an application a step; the person sees it at once. `outcome` goes with a call: with `contacted`, or with the status it has, which is then only written down. Time and place go with `interview`, `reason` with `unsuitable`. Replied by `done`.
 * @typedef {Object} AnswerApplication
 * @property {'answer_application'} t
 * @property {number} [id=0]
 * @property {string} application
 * @property {ApplicationStatus} status
 * @property {string} key idempotency key
 * @property {string} [note=""]
 * @property {CallOutcome} [outcome=""]
 * @property {number} [interview_at_ms=0]
 * @property {string} [place=""]
 * @property {UnsuitableReason} [reason=""]
 */

/** 岗位已招满 for all who wait for a first answer (`applied`, `viewed`): of one position, or of the whole enterprise when `position` is empty. With `close` that position also takes no applications any more. Each is told once, however often this is sent. Replied by `filled`.
 * @typedef {Object} FillWaiting
 * @property {'fill_waiting'} t
 * @property {number} [id=0]
 * @property {string} enterprise
 * @property {string} key idempotency key
 * @property {string} [position=""] only this one; empty: all of the enterprise
 * @property {boolean} [close=false]
 */

/** The numbers of every branch below a region. Replied by `overview_is`.
 * @typedef {Object} Overview
 * @property {'overview'} t
 * @property {number} [id=0]
 * @property {string} region
 */

/** Send a code to this number. Replied by `code_sent`; a wish for another one has a key of its own.
 * @typedef {Object} AskCode
 * @property {'ask_code'} t
 * @property {number} [id=0]
 * @property {string} phone
 * @property {string} key idempotency key
 */

/** The code that came: from now on every application of this number is seen by this person, too. Replied by `done`.
 * @typedef {Object} ConfirmCode
 * @property {'confirm_code'} t
 * @property {number} [id=0]
 * @property {string} phone
 * @property {string} code
 * @property {string} key idempotency key
 */

/** Who works in a branch (operators of it) or for an enterprise (its specialists), and who is asked to. One of the two is named; `words` must stand in a name or title; `skip` rows of each list were read before. Replied by `people_are`.
 * @typedef {Object} ListPeople
 * @property {'list_people'} t
 * @property {number} [id=0]
 * @property {string} [region=""]
 * @property {string} [enterprise=""]
 * @property {string} [words=""]
 * @property {number} [skip=0]
 */

/** Where in this branch somebody could hold that role; `words` must stand in the title. Replied by `scopes_are`.
 * @typedef {Object} ListScopes
 * @property {'list_scopes'} t
 * @property {number} [id=0]
 * @property {string} region
 * @property {Role} role
 * @property {string} [words=""]
 */

/** Ask somebody to join in one role. The same number, role and scope again renews the invitation. Replied by `invited`.
 * @typedef {Object} Invite
 * @property {'invite'} t
 * @property {number} [id=0]
 * @property {Role} role
 * @property {string} scope
 * @property {string} name
 * @property {string} phone
 * @property {string} key idempotency key
 */

/** The link of an open invitation, and its QR code. Replied by `invitation_is`.
 * @typedef {Object} ShowInvitation
 * @property {'show_invitation'} t
 * @property {number} [id=0]
 * @property {string} invitation
 */

/** Its link works no more. Replied by `done`.
 * @typedef {Object} RevokeInvitation
 * @property {'revoke_invitation'} t
 * @property {number} [id=0]
 * @property {string} invitation
 * @property {string} key idempotency key
 */

/** Send the link of an open invitation to the number on file, once a day at most. Replied by `done`.
 * @typedef {Object} SendInvitation
 * @property {'send_invitation'} t
 * @property {number} [id=0]
 * @property {string} invitation
 */

/** Take one role from a person, at once and on every page. Replied by `done`.
 * @typedef {Object} RevokeRole
 * @property {'revoke_role'} t
 * @property {number} [id=0]
 * @property {string} person
 * @property {Role} role
 * @property {string} scope
 * @property {string} key idempotency key
 */

/** 待审 of a branch by enterprise, those with flags first. Replied by `reviews_are`.
 * @typedef {Object} ListReviews
 * @property {'list_reviews'} t
 * @property {number} [id=0]
 * @property {string} region
 * @property {number} [skip=0] `next` of the page before
 * @property {number} [limit=50]
 */

/** An enterprise's positions, of these states of review or of all, flagged ones first: all of them for who answers for the enterprise, those of their branch for operators. Replied by `positions_are`.
 * @typedef {Object} ListPositions
 * @property {'list_positions'} t
 * @property {number} [id=0]
 * @property {string} enterprise
 * @property {Array<Review>} [reviews=[]]
 * @property {number} [skip=0] `next` of the page before
 * @property {number} [limit=50]
 */

/** `approved`, `refused` (with the reason in words) or back to `waiting`. Without `positions`: all of the enterprise that wait in the person's branch. Positions whose facts were written after `seen_ms` (`at_ms` of the list) are left as they are: nobody has seen them. Replied by `changed`.
 * @typedef {Object} ReviewPositions
 * @property {'review_positions'} t
 * @property {number} [id=0]
 * @property {string} enterprise
 * @property {Review} review
 * @property {number} seen_ms
 * @property {string} key idempotency key
 * @property {Array<string>} [positions=[]]
 * @property {string} [reason=""]
 */

/** Facts of a position as they are from now on, by who answers for the enterprise or operates the branch. `version` is the one that was edited. What is left out is said to be missing. Replied by `changed`.
 * @typedef {Object} EditPosition
 * @property {'edit_position'} t
 * @property {number} [id=0]
 * @property {string} position
 * @property {number} version
 * @property {string} title
 * @property {string} place
 * @property {number} openings
 * @property {string} key idempotency key
 * @property {number|null} [base_yuan=null]
 * @property {number|null} [pay_min_yuan=null]
 * @property {number|null} [pay_max_yuan=null]
 * @property {PayUnit} [pay_unit="month"]
 * @property {boolean} [pay_negotiable=false]
 * @property {string} [shift=""]
 * @property {string} [rest=""]
 * @property {string} [education=""]
 * @property {string} [employment_type=""]
 * @property {Array<string>} [benefits=[]]
 * @property {string} [duties=""]
 * @property {string} [requirements=""]
 * @property {string} [valid_until=""]
 */

/** 招满: it takes no applications any more; with `closed` false it does again. By who answers for the enterprise, hosts a session with it, or operates the branch. Replied by `changed`.
 * @typedef {Object} ClosePosition
 * @property {'close_position'} t
 * @property {number} [id=0]
 * @property {string} position
 * @property {string} key idempotency key
 * @property {boolean} [closed=true]
 */

/** A visible page shows these steps: they need not go out to the phone any more. Replied by `done`.
 * @typedef {Object} Saw
 * @property {'saw'} t
 * @property {number} [id=0]
 * @property {Array<Seen>} applications
 */

/** The two questions after the receipt: 夜班行吗？几天能到岗？ The enterprise sees the answers. Replied by `done`.
 * @typedef {Object} TellMore
 * @property {'tell_more'} t
 * @property {number} [id=0]
 * @property {string} application
 * @property {string} key idempotency key
 * @property {NightShift} [night_shift=""]
 * @property {number|null} [start_in_days=null]
 */

/** 我的企业: the enterprises one answers for, those whose people were never here first, then by who waits longest. Replied by `firms_are`.
 * @typedef {Object} ListFirms
 * @property {'list_firms'} t
 * @property {number} [id=0]
 */

/** Take back what one agreed to for one enterprise: it sees name and number no longer, and the applications there are withdrawn. Without the number confirmed, only for what this device sent. Replied by `done`.
 * @typedef {Object} WithdrawConsent
 * @property {'withdraw_consent'} t
 * @property {number} [id=0]
 * @property {string} enterprise
 * @property {string} key idempotency key
 */

/** All that is held about this person. Replied by `my_data_is`.
 * @typedef {Object} MyData
 * @property {'my_data'} t
 * @property {number} [id=0]
 */

/** Wipe name and number: with the number confirmed from all applications of that number, without from what this device alone sent. That a service was given (position, steps, times) is kept as the law asks (网络招聘服务管理规定 Art. 25). Replied by `done`.
 * @typedef {Object} EraseMe
 * @property {'erase_me'} t
 * @property {number} [id=0]
 * @property {string} key idempotency key
 */

/** You are in, as this person.
 * @typedef {Object} Welcome
 * @property {'welcome'} t
 * @property {number} [id=0]
 * @property {string} person
 * @property {string} name
 * @property {Array<Grant>} grants
 * @property {number} until_ms
 * @property {number} now_ms
 * @property {string} consent
 * @property {number} version
 */

/** It is true now. `offset` is its place in the command's channel, where it has one.
 * @typedef {Object} Done
 * @property {'done'} t
 * @property {number} [id=0]
 * @property {number} [offset=0]
 */

/** The channel as of `offset`. `recovered`: `entries` are all that was missed, in order. Otherwise throw away what you had and start from `snapshot` (and, for chat, from the last lines in `entries`).
 * @typedef {Object} Joined
 * @property {'joined'} t
 * @property {number} [id=0]
 * @property {string} channel
 * @property {string} epoch
 * @property {number} offset
 * @property {boolean} recovered
 * @property {Array<LogEntry>} [entries=[]]
 * @property {StageSnapshot|MeSnapshot|AreaSnapshot|null} [snapshot=null]
 */

/** One `joined` for each wanted channel, or the refusal of that one.
 * @typedef {Object} CaughtUp
 * @property {'caught_up'} t
 * @property {number} [id=0]
 * @property {Array<Joined|Refused>} channels
 */

/** The application is on disk. `already`: this device sent it before, or has confirmed the number, and it was there.
 * @typedef {Object} Receipt
 * @property {'receipt'} t
 * @property {number} [id=0]
 * @property {string} application
 * @property {string} receipt
 * @property {ApplicationStatus} status
 * @property {number} applied_at_ms
 * @property {boolean} [already=false]
 */

/** 我的投递, newest first.
 * @typedef {Object} MyApplicationsAre
 * @property {'my_applications_are'} t
 * @property {number} [id=0]
 * @property {Array<MyApplication>} applications
 */

/** A page of applicants; `next` is empty on the last. `waiting` counts those nobody has answered yet.
 * @typedef {Object} ApplicationsAre
 * @property {'applications_are'} t
 * @property {number} [id=0]
 * @property {Array<Applicant>} applications
 * @property {string} [next=""]
 * @property {number} [waiting=0]
 */

/** One applicant, name and phone in the clear. `seen` is the position as this person saw it and `today` as it is, both only where pay, place or shift differ.
 * @typedef {Object} Opened
 * @property {'opened'} t
 * @property {number} [id=0]
 * @property {Applicant} application
 * @property {Position|null} [seen=null]
 * @property {Position|null} [today=null]
 */

/** The branch itself first, then every branch below it; counters are as of `at_ms`.
 * @typedef {Object} OverviewIs
 * @property {'overview_is'} t
 * @property {number} [id=0]
 * @property {number} at_ms
 * @property {Array<RegionNumbers>} regions
 */

/** A code is on its way. Another one may be asked for after `again_after_ms`. `code` is the code itself in a demonstration, which runs without a phone, and empty everywhere else. `aloud`: nobody delivers messages here, the code stands on the terminal of the house and is told by who runs it.
 * @typedef {Object} CodeSent
 * @property {'code_sent'} t
 * @property {number} [id=0]
 * @property {number} valid_ms
 * @property {number} again_after_ms
 * @property {string} [code=""]
 * @property {boolean} [aloud=false]
 */

/** Roles held and invitations made, 200 of each at most; `more`: there are others, ask with `skip` or `words`.
 * @typedef {Object} PeopleAre
 * @property {'people_are'} t
 * @property {number} [id=0]
 * @property {Array<Member>} members
 * @property {Array<Invitation>} invitations
 * @property {boolean} [more=false]
 */

/** By title, 50 at most; `more`: there are others, ask with `words`.
 * @typedef {Object} ScopesAre
 * @property {'scopes_are'} t
 * @property {number} [id=0]
 * @property {Array<ScopeView>} scopes
 * @property {boolean} [more=false]
 */

/** The invitation stands; `show_invitation` gives its link.
 * @typedef {Object} Invited
 * @property {'invited'} t
 * @property {number} [id=0]
 * @property {string} invitation
 */

/** `link` is for the invited alone; `qr` is an SVG of it. Who opens it needs the code sent to the number on file.
 * @typedef {Object} InvitationIs
 * @property {'invitation_is'} t
 * @property {number} [id=0]
 * @property {Invitation} invitation
 * @property {string} link
 * @property {string} qr
 */

/** The open rehearsal, a session like any other to who knows its id. Its page is `/room/SESSION`.
 * @typedef {Object} RehearsalIs
 * @property {'rehearsal_is'} t
 * @property {number} [id=0]
 * @property {string} session
 */

/** Those who assist in the session.
 * @typedef {Object} AssistantsAre
 * @property {'assistants_are'} t
 * @property {number} [id=0]
 * @property {Array<Assistant>} [assistants=[]]
 */

/** A page of reports. `open` counts those nobody settled yet; `next` is the next page's `skip`, 0 on the last.
 * @typedef {Object} ReportsAre
 * @property {'reports_are'} t
 * @property {number} [id=0]
 * @property {Array<ReportCase>} reports
 * @property {number} [open=0]
 * @property {number} [next=0]
 */

/** A page of enterprises as of `at_ms`; `next` is 0 on the last. `waiting` and `drafts` are the branch's sums.
 * @typedef {Object} ReviewsAre
 * @property {'reviews_are'} t
 * @property {number} [id=0]
 * @property {number} at_ms
 * @property {Array<ReviewFirm>} firms
 * @property {number} [next=0]
 * @property {number} [waiting=0]
 * @property {number} [drafts=0]
 */

/** A page of positions as of `at_ms`; `next` is 0 on the last.
 * @typedef {Object} PositionsAre
 * @property {'positions_are'} t
 * @property {number} [id=0]
 * @property {number} at_ms
 * @property {Array<PositionFile>} positions
 * @property {number} [next=0]
 */

/** The positions that are another now, and how many of those asked for were left as they were. `review` is what stands for the last of them.
 * @typedef {Object} Changed
 * @property {'changed'} t
 * @property {number} [id=0]
 * @property {Array<string>} positions
 * @property {number} [left=0]
 * @property {Review} [review="approved"]
 */

/** The line waits until somebody on duty passes it; then it comes on chat/ like any other.
 * @typedef {Object} Waits
 * @property {'waits'} t
 * @property {number} [id=0]
 * @property {string} line
 */

/** The question counts. `count`: how many ask the same; `answer` where it was answered before.
 * @typedef {Object} Asked
 * @property {'asked'} t
 * @property {number} [id=0]
 * @property {number} count
 * @property {string} [answer=""]
 */

/** Lines that wait for approval, questions (most asked first), mutes that stand, and how many applications came through the session, as of `offset` of desk/.
 * @typedef {Object} DeskIs
 * @property {'desk_is'} t
 * @property {number} [id=0]
 * @property {number} offset
 * @property {Array<WaitingLine>} [waiting=[]]
 * @property {Array<QuestionGroup>} [questions=[]]
 * @property {Array<StandingMute>} [mutes=[]]
 * @property {number} [applications=0]
 */

/** What was answered about a position.
 * @typedef {Object} Answers
 * @property {'answers'} t
 * @property {number} [id=0]
 * @property {Array<Answer>} [answers=[]]
 */

/** It was not done. `temporary`: send the same command with the same key again, later.
 * @typedef {Object} Refused
 * @property {'refused'} t
 * @property {number} [id=0]
 * @property {Code} code
 * @property {boolean} [temporary=false]
 * @property {Object<string, string|number>} [params={}]
 */

/** 我的企业.
 * @typedef {Object} FirmsAre
 * @property {'firms_are'} t
 * @property {number} [id=0]
 * @property {Array<Firm>} firms
 */

/** How many were told. `left` is true when more wait than are told at once: send it again, with a new key.
 * @typedef {Object} Filled
 * @property {'filled'} t
 * @property {number} [id=0]
 * @property {number} told
 * @property {boolean} [left=false]
 */

/** All that is held about this person; looks are those at the number, by whom and why.
 * @typedef {Object} MyDataIs
 * @property {'my_data_is'} t
 * @property {number} [id=0]
 * @property {number} at_ms
 * @property {MyRecord} record
 */

/** A publication of a joined channel: exactly one after the offset before, for every kind but chat.
 * @typedef {Object} Push
 * @property {'push'} t
 * @property {string} channel
 * @property {string} epoch
 * @property {number} offset
 * @property {number} at_ms
 * @property {Body} body
 */

/** The latest numbers of a joined pulse channel; older ones are void.
 * @typedef {Object} Pulse
 * @property {'pulse'} t
 * @property {string} channel
 * @property {number} at_ms
 * @property {SessionPulse|RegionPulse} body
 */

/** Answer with `pong` within 8 s. `tops` are the last offsets of the joined complete channels: who is behind asks again with `join` and `since`. `pong_at_ms` is when the last pong came here, if there was one: from it and `at_ms` a client knows how far its clock is off.
 * @typedef {Object} Ping
 * @property {'ping'} t
 * @property {number} at_ms
 * @property {Object<string, number>} tops
 * @property {number} [pong_at_ms=0]
 */

/** This channel can't be continued here: `join` it again without `since`.
 * @typedef {Object} Restart
 * @property {'restart'} t
 * @property {string} channel
 */

/** @typedef {StateChanged|CardShown|CardHidden|CardUndone|CardUpdated|ShelfChanged|NoticePinned|NoticeCleared|PictureSet|TalkRuled|Launched|Line|LineRemoved|Answered|LineWaits|LineSettled|Muted|Unmuted|QuestionAsked|ApplicationCame|CutOffFor|ApplicationNew|ApplicationMoved|PhoneConfirmed|PositionsChanged|ApplicationChanged|Reported|ReportSettled|RoomChanged|Revoked} Body */

/** @typedef {StageSnapshot|MeSnapshot|AreaSnapshot} Snapshot */

/** @typedef {Hello|Renew|Pong|Join|Leave|CatchUp|GoLive|EndSession|ShowCard|UndoCard|HideCard|StartRehearsal|PauseSession|ResumeSession|ReopenSession|CutOff|LaunchHalls|PinNotice|ClearNotice|SetPicture|SetTalk|ListAssistants|DismissAssistant|Report|ListReports|SettleReport|Say|PassLine|DropLine|RemoveLine|Mute|Unmute|Ask|AnswerQuestion|ListDesk|ListAnswers|Apply|Withdraw|MyApplications|ListApplications|OpenApplication|AnswerApplication|FillWaiting|Overview|AskCode|ConfirmCode|ListPeople|ListScopes|Invite|ShowInvitation|RevokeInvitation|SendInvitation|RevokeRole|ListReviews|ListPositions|ReviewPositions|EditPosition|ClosePosition|Saw|TellMore|ListFirms|WithdrawConsent|MyData|EraseMe} Command */

/** @typedef {Welcome|Done|Joined|CaughtUp|Receipt|MyApplicationsAre|ApplicationsAre|Opened|OverviewIs|CodeSent|PeopleAre|ScopesAre|Invited|InvitationIs|RehearsalIs|AssistantsAre|ReportsAre|ReviewsAre|PositionsAre|Changed|Waits|Asked|DeskIs|Answers|Refused|FirmsAre|Filled|MyDataIs} Reply */

/** @typedef {Welcome|Done|Joined|CaughtUp|Receipt|MyApplicationsAre|ApplicationsAre|Opened|OverviewIs|CodeSent|PeopleAre|ScopesAre|Invited|InvitationIs|RehearsalIs|AssistantsAre|ReportsAre|ReviewsAre|PositionsAre|Changed|Waits|Asked|DeskIs|Answers|Refused|FirmsAre|Filled|MyDataIs|Push|Pulse|Ping|Restart} ServerMessage */
