/**
 * All words that the pages show, in one place. Codes are what the API gives; each has its words here, and
 * one without words is shown as it is.
 */

/** What both pages have. */
export const common = {
  product: "sinch-callback",
  skip: "Skip to the content",
  nothing: "–",
  noScript: "This page needs JavaScript. Without it, “sinch-callback status” tells the same.",
};

/** Channels as people call them. */
const CHANNELS = {
  SMS: "SMS",
  MMS: "MMS",
  RCS: "RCS",
  WHATSAPP: "WhatsApp",
  MESSENGER: "Messenger",
  VIBER: "Viber",
  VIBERBM: "Viber",
  INSTAGRAM: "Instagram",
  TELEGRAM: "Telegram",
  KAKAOTALK: "KakaoTalk",
  KAKAOTALKCHAT: "KakaoTalk",
  LINE: "LINE",
  WECHAT: "WeChat",
  APPLEBC: "Apple Messages",
  EMAIL: "e-mail",
};

/**
 * What a reason's code says of a message that was not delivered. It goes on from "Not delivered: ";
 * `{there}` is the channel.
 * @type {Record<string, string>}
 */
const REASONS = {
  UNKNOWN: "Sinch gives no reason",
  INTERNAL_ERROR: "Sinch had an error of its own",
  RATE_LIMITED: "messages were sent faster than is allowed",
  RECIPIENT_INVALID_CHANNEL_IDENTITY: "the recipient’s number or address is not valid {there}",
  RECIPIENT_NOT_REACHABLE: "the recipient could not be reached {there}",
  RECIPIENT_NOT_OPTED_IN: "the recipient has not agreed to messages {there}",
  OUTSIDE_ALLOWED_SENDING_WINDOW:
    "the channel allows such a message only after the recipient wrote",
  CHANNEL_FAILURE: "the channel did not accept it",
  CHANNEL_BAD_CONFIGURATION: "the channel is not set up correctly at Sinch",
  CHANNEL_CONFIGURATION_MISSING: "the channel is not set up at Sinch",
  MEDIA_TYPE_UNSUPPORTED: "the channel does not take this type of media",
  MEDIA_TOO_LARGE: "the media is too large for the channel",
  MEDIA_NOT_REACHABLE: "the media could not be fetched",
  NO_CHANNELS_LEFT: "every channel was tried",
  TEMPLATE_NOT_FOUND: "the template does not exist",
  TEMPLATE_INSUFFICIENT_PARAMETERS: "parameters of the template are missing",
  TEMPLATE_NON_EXISTING_LANGUAGE_OR_VERSION: "the template has no such language or version",
  DELIVERY_TIMED_OUT: "it could not be delivered in time",
  DELIVERY_REPORT_TIME_OUT: "no delivery report came in time",
  DELIVERY_REJECTED_DUE_TO_POLICY: "its content was refused by a policy",
  CONTACT_NOT_FOUND: "Sinch does not know the contact",
  BAD_REQUEST: "the request was not valid",
  UNKNOWN_APP: "Sinch does not know the app",
  NO_CHANNEL_IDENTITY_FOR_CONTACT: "the contact has no number or address {there}",
  CHANNEL_REJECT: "the channel rejected it for good",
  REJECTED_BY_CHANNEL: "the channel rejected it for good",
  NO_PERMISSION: "the app may not do this",
  NO_PROFILE_AVAILABLE: "the recipient has no profile {there}",
  UNSUPPORTED_OPERATION: "the channel cannot do this",
  UNSUPPORTED_CONTENT: "the channel does not take this content",
  INACTIVE_CREDENTIAL: "the credentials are not active",
  MESSAGE_EXPIRED: "it expired before it could be delivered",
  MESSAGE_SPLIT_REQUIRED: "it is too long for one message",
};

/**
 * What to do about it.
 * @type {Record<string, string>}
 */
const REMEDIES = {
  retry_later: "Send it again later; the same channel may work then.",
  try_another_channel: "Reach the person on another channel.",
  fix_request: "Change what is sent: the same request will be refused again.",
  drop_recipient: "Do not send to this recipient again.",
  check_configuration: "Check how the app and its channel are set up at Sinch.",
  nothing: "Nothing: it was stopped on purpose.",
  unknown: "Look at the carrier’s own words, and ask Sinch’s support if they say nothing.",
};

/**
 * Whether the same message would fail again.
 * @type {Record<string, string>}
 */
const PERMANENCE = {
  permanent: "permanent: the same message would fail again",
  temporary: "temporary: the same message may get through later",
  unknown: "not known whether the same message would fail again",
};

/**
 * A state: its name, and what it means.
 * @type {Record<string, {name: string, means: string}>}
 */
const STATES = {
  queued: { name: "Queued", means: "handed to the channel, nothing since" },
  delivered: { name: "Delivered", means: "on the recipient’s device" },
  read: { name: "Read", means: "opened by the recipient" },
  failed: { name: "Failed", means: "not delivered" },
  switching: { name: "Switching", means: "failed on one channel, another follows" },
  switched: { name: "Switched", means: "failed on this channel, another follows" },
  unconfirmed: { name: "Unconfirmed", means: "sent, and no receipt will come" },
  submitted: { name: "Submitted", means: "accepted by Sinch" },
  contradicted: { name: "Contradicted", means: "reports disagree on how it ended" },
  arrived: { name: "Delivered or read", means: "on the recipient’s device" },
  overdue: { name: "Overdue", means: "no final report came in time" },
  none: { name: "Nothing yet", means: "nothing was reported" },
};

/**
 * What an answer's code says of the callbacks that got it.
 * @type {Record<string, string>}
 */
const REFUSALS = {
  signature_mismatch:
    "signed with a secret that is not ours: forged, or the secret was changed at Sinch",
  stale: "authentic, and too old: a recording that was played again",
  from_future: "authentic, and ahead of our clock: look at this machine’s time",
  missing_header: "no signature: not from Sinch, or the webhook has no secret there",
  repeated_header: "a header twice: not from Sinch",
  malformed_header: "headers that Sinch does not write: not from Sinch",
  unsupported_algorithm: "an algorithm that Sinch does not use",
  body_too_large: "larger than is taken (--max-body)",
  unknown_path: "another path than Sinch was given",
  method_not_allowed: "no POST: a browser or a scanner",
  secret_may_be_newer: "not certain while secrets are read again: Sinch retries",
  secret_unavailable: "our secret could not be read: Sinch retries",
  handoff_unavailable: "could not be stored: Sinch retries",
  request_timeout: "did not arrive in time: Sinch retries",
  request_broken: "broke off: Sinch retries",
  overloaded: "too many at once: Sinch retries",
};

/**
 * Why a callback was not understood.
 * @type {Record<string, string>}
 */
const UNRECOGNIZED = {
  not_json: "its body is not JSON",
  not_an_object: "its body is JSON, but no object",
  unknown_kind: "a kind of callback that nobody knows yet",
  incomplete_report: "a report without a message’s id or a status",
  names_nobody: "a batch’s summary, which counts recipients and names none",
  unreadable_share: "a part of a batch that could not be read",
  unknown_status: "a status that nobody knows yet",
  not_covered: "its content is not signed, so it moves nothing",
  other_scheme: "what it says is not what its signature’s scheme signs",
};

/**
 * What a decision about an intent was.
 * @type {Record<string, string>}
 */
const DECISIONS = {
  send: "Decided to send",
  wait: "Waited",
  done: "Done",
  given_up: "Gave up",
  ask_a_person: "Asked for a person",
  planned: "Planned",
  sending: "Calling the provider",
  sent: "Accepted by the provider",
  refused: "Refused by the provider",
  unresolved: "The call’s outcome is unknown, so it is not made again",
  not_called: "Not called in time, so it was not sent",
  queued: "Queued",
  delivered: "Delivered",
  read: "Read",
  failed: "Failed",
  unconfirmed: "Unconfirmed",
  switching: "Switching channel",
  doubled: "The person has it twice",
  cancelled: "Cancelled",
  retried: "A person had it tried again",
  overdue: "Deadline passed: not known to be reached",
};

/**
 * Why it was.
 * @type {Record<string, string>}
 */
const WHYS = {
  under_way: "a send is under way",
  settling: "a moment for late reports, before the next step",
  not_yet: "the step’s waiting time is not over",
  not_heard: "not everything that Sinch reports has been heard yet",
  callbacks_stopped: "callbacks have stopped: silence means nothing then",
  last_step: "the last step was taken; its report is waited for",
  switch: "sends are switched off or the switch cannot be read",
  paused: "all sends are paused",
  budget: "the limit of sends for this person or hour is reached",
  suppressions: "it could not be read who must not be sent to",
  quiet_hours: "quiet hours for this person",
  dry_run: "a dry run: nothing is sent",
  cancelled: "somebody cancelled it",
  expired: "its time was over",
  dropped: "the failure says not to send to this recipient",
  own_doing: "it was stopped on purpose",
  no_step_left: "every step of the plan was taken",
  suppressed: "the person must not be sent to on any channel that is left",
  bounced: "the e-mail came back",
  request: "the provider says that the request is wrong",
  unknown_reason: "it failed for a reason that nobody knows",
  not_sent: "the one send of it was not ours, and failed",
  accepted: "the mail server accepted it",
  delivered: "it was delivered",
  read: "it was read",
  late: "a first message came late, beside its fallback",
  two_messages: "two messages bear its id",
  no_answer: "the provider gave no answer",
  unresolved: "the outcome of a call is unknown",
  doubled: "two messages bear its id",
  deadline: "the deadline passed",
};

/** @type {Record<string, string>} */
const INTENT_STATES = {
  waiting: "Waiting",
  sending: "Sending",
  needs_person: "Needs a person",
  done: "Done",
  given_up: "Given up",
};

/** @type {Record<string, string>} */
const FOUND_BY = {
  message: "message id",
  batch: "batch",
  correlation: "correlation",
  recipient: "recipient",
  reference: "client reference",
};

/**
 * A code in words, or the code itself.
 * @param {Record<string, string>} table
 * @param {string} code
 */
function words(table, code) {
  return Object.hasOwn(table, code) ? /** @type {string} */ (table[code]) : code;
}

/** @param {number} count @param {string} one @param {string} many */
function counted(count, one, many) {
  return `${count.toLocaleString("en-GB")} ${count === 1 ? one : many}`;
}

/** What the deliveries page says. */
export const deliveries = {
  /** @param {string} view */
  title: (view) => `${view} · Deliveries · sinch-callback`,
  liveOn: "Live",
  liveOff: "Not live",
  livePaused: "Paused in the background",
  logOut: "Log out",
  inspector: "Inspector",
  nav: {
    label: "Pages",
    overview: "Overview",
    messages: "Messages",
    unrecognized: "Not understood",
    watches: "Watches",
    intents: "Intents",
  },
  search: {
    heading: "Search",
    label: "Find a message",
    hint: "Message id, batch, correlation, recipient’s number or address, or client reference; its beginning is enough. Press / to come here.",
    placeholder: "Number, message id, order …",
    by: "Search in",
    every: "everything",
    go: "Search",
    found: (/** @type {number} */ count, /** @type {boolean} */ more) =>
      more
        ? `The first ${count} messages found`
        : counted(count, "message found", "messages found"),
    none: "No message found. The beginning of an id, a number with its country code, or the whole reference finds it. A message of which nothing was ever reported is not here.",
    more: "There are more: type more of it.",
  },
  foundBy: (/** @type {string} */ field) => words(FOUND_BY, field),
  foundByAll: FOUND_BY,
  channel: (/** @type {string} */ code) => (code === "" ? "no channel" : words(CHANNELS, code)),
  state: (/** @type {string | null} */ state) => STATES[state ?? "none"]?.name ?? String(state),
  stateMeans: (/** @type {string | null} */ state) => STATES[state ?? "none"]?.means ?? "",
  states: [
    "queued",
    "overdue",
    "arrived",
    "delivered",
    "read",
    "failed",
    "unconfirmed",
    "switching",
    "contradicted",
  ],
  /** @param {string} code @param {string} [channel] as people call it */
  reason: (code, channel) => {
    // An intent's log has the sub code behind it.
    const [main = code] = code.split(" ", 1);
    const said = words(REASONS, Object.hasOwn(REASONS, main) ? main : code);
    if (said.includes("{there}"))
      return said.replace("{there}", channel ? `on ${channel}` : "there");
    return channel ? `${said} (on ${channel})` : said;
  },
  knowsReason: (/** @type {string} */ code) => Object.hasOwn(REASONS, code),
  remedy: (/** @type {string} */ code) => words(REMEDIES, code),
  permanence: (/** @type {string} */ code) => words(PERMANENCE, code),
  refusal: (/** @type {string} */ code) => words(REFUSALS, code),
  unrecognizedWhy: (/** @type {string} */ code) => words(UNRECOGNIZED, code),

  verdict: {
    label: "What became of it",
    /** @param {string} channel @param {string | null} after @param {string | null} instead */
    delivered: (channel, after, instead) =>
      `Delivered on ${channel}${after ? `, ${after} after it was queued` : ""}${instead ? `, after ${instead}` : ""}.`,
    /** @param {string} channel @param {string | null} after @param {string | null} instead */
    read: (channel, after, instead) =>
      `Read on ${channel}${after ? `, ${after} after it was queued` : ""}${instead ? `, after ${instead}` : ""}.`,
    /** @param {string} channel */
    failedThere: (channel) => `${channel} failed`,
    /** @param {string} why */
    failed: (why) => `Not delivered: ${why}.`,
    /** @param {string} channel @param {string} age */
    queued: (channel, age) => `On its way: queued on ${channel} ${age} ago, and nothing since.`,
    queuedAdvice: "Wait a little. If this lasts, the phone is off or out of reach.",
    /** @param {string} channel */
    unconfirmed: (channel) =>
      `Sent on ${channel}, but nobody can say whether it arrived: the carrier gives no receipt.`,
    unconfirmedAdvice: "Ask the person. Send again only where getting it twice does no harm.",
    /** @param {string} channel @param {string} why */
    switching: (channel, why) =>
      `On its way: ${channel} failed${why ? ` (${why})` : ""}, and another channel is to follow.`,
    switchingAdvice: "Wait a little: the next channel’s report comes by itself.",
    none: "Nothing was reported about it yet.",
    noneAdvice: "Wait a little; ask the sender whether it was really sent.",
    overdue: "A final report is overdue.",
    overdueAdvice: "Treat it as not delivered: the report that would settle it is late or lost.",
    contradicted: "Reports disagree: it was reported as delivered and as failed for good.",
    reachedAdvice: "Nothing: the person was reached by another message of the same intent, below.",
    followedAdvice: "Nothing for now: the intent goes on to reach the person, below.",
    contradictedAdvice: "Take it as arrived, and ask the person where it matters.",
    arrivedAdvice: "Nothing: it arrived.",
    todo: "What to do",
  },
  message: {
    heading: "Message",
    timeline: "Timeline",
    facts: "About it",
    id: "Message id",
    recipient: "Recipient",
    show: "Show",
    showing: "Showing it is written into the server’s log.",
    shown: "Shown. This was written into the server’s log.",
    channels: "Channels",
    correlation: "Correlation",
    metadata: "Metadata",
    reference: "Client reference",
    conversation: "Conversation",
    contact: "Contact",
    first: "First callback",
    last: "Last callback",
    due: "Has to be settled by",
    dueTold: "told as overdue",
    since: (/** @type {string} */ time) => `${time} later`,
    before: (/** @type {string} */ time) => `had happened ${time} earlier`,
    atOnce: "at the same time",
    by: (/** @type {string} */ channel) => `on ${channel}`,
    corrects: (/** @type {string} */ state) => `Corrects “${state}”`,
    repeats: (/** @type {number} */ count) =>
      `${counted(count, "repeat or replay", "repeats and replays")} absorbed`,
    late: "Came late: more was known already",
    repeated: "Says what was known already",
    unknownStep: "A status that nobody knows yet",
    submitted: "Accepted by Sinch",
    polled: "Asked for at Sinch (reconcile)",
    reason: "Reason",
    remedy: "What to do",
    permanence: "Again?",
    carrier: "In the carrier’s own words",
    carrierNone: "nothing",
    body: "Raw body",
    bodyShow: "Show the raw body",
    intent: "What was done to reach the person",
    intentOf: "Intent",
    attempts: "Sends",
    decisions: "Decisions",
    decision: (/** @type {string} */ what) => words(DECISIONS, what),
    /** @param {string} why */
    why: (why) =>
      Object.hasOwn(WHYS, why)
        ? words(WHYS, why)
        : Object.hasOwn(CHANNELS, why)
          ? `on ${words(CHANNELS, why)}`
          : deliveries.reason(why),
    attempt: (/** @type {number} */ number) => `send ${number}`,
    events: "Events told",
    noIntent:
      "No intent stands behind it: the message was sent by other means, and nothing is sent again by itself.",
    unknown: "No report about a message with this id has come.",
    unknownAdvice:
      "Check the id. If it is right, Sinch has not reported anything about it, or it was forgotten on request.",
    parts: (/** @type {number} */ count) => counted(count, "part", "parts"),
    operator: (/** @type {string} */ name) => `operator ${name}`,
  },
  list: {
    heading: "Messages",
    caption: "Messages, the newest first",
    results: "Messages found",
    message: "Message",
    state: "State",
    channel: "Channel",
    recipient: "Recipient",
    reason: "Reason",
    reference: "Reference",
    when: "Last callback",
    found: "Found by",
    filter: "Filter",
    apply: "Apply",
    clear: "Clear",
    any: "any",
    prefix: "Country prefix",
    from: "From",
    to: "Until",
    older: "Older",
    newest: "Newest",
    csv: "Download as CSV",
    csvNote: "Recipients are masked in the file.",
    none: "No message fits this filter.",
    changedSome: "Messages have changed: show them",
    changed: (/** @type {number} */ count) =>
      count === 1 ? "1 message has changed: show it" : `${count} messages have changed: show them`,
  },
  overview: {
    heading: "Overview",
    range: "Time range",
    ranges: /** @type {const} */ ([
      [3600, "Last hour"],
      [86_400, "Last 24 hours"],
      [604_800, "Last 7 days"],
    ]),
    verdicts: "Is anything wrong?",
    allWell: "Nothing is wrong.",
    failures: "Failures",
    attacks: "Forgeries",
    callbacks: "Callbacks",
    sends: "Sends",
    recent: (/** @type {number} */ seconds) =>
      seconds <= 900
        ? "in the last 15 minutes"
        : seconds <= 3600
          ? "in the last hour"
          : "in the last day",
    /** @param {string} rate @param {string} before @param {string} when @param {string} mostly */
    failuresRose: (rate, before, when, mostly) =>
      `Failures rose from ${before} to ${rate} ${when}${mostly}.`,
    /** @param {string} rate @param {string} before @param {string} when */
    failuresFell: (rate, before, when) => `Failures fell from ${before} to ${rate} ${when}.`,
    /** @param {string} rate @param {string} before @param {string} when @param {string} mostly */
    failuresSteady: (rate, before, when, mostly) =>
      `Failures are not rising: ${rate} ${when}, ${before} before${mostly}.`,
    /** @param {string} before @param {string} when */
    failuresQuiet: (before, when) => `No message has ended ${when}; ${before} had failed before.`,
    /** @param {string} rate @param {string} mostly */
    failuresOnly: (rate, mostly) =>
      `${rate} of the messages that ended have failed${mostly}. There is no earlier traffic to compare with.`,
    failuresNone: "No message has failed.",
    noTraffic: "No message has ended in this time.",
    /** @param {string} reason @param {string} channel @param {string} prefix */
    mostly: (reason, channel, prefix) =>
      `, mostly because ${deliveries.reason(reason, channel)}${prefix ? `, at ${prefix} numbers` : ""}`,
    /** @param {number} count */
    attacked: (count) =>
      `Somebody sends forged callbacks: ${counted(count, "request was", "requests were")} refused. None got in.`,
    attackedTodo:
      "Nothing has to be done. If Sinch’s own callbacks are missing, the secret was changed: the inspector says why a signature does not match.",
    /** @param {number} count */
    secretWrong: (count) =>
      `No authentic callback has come, and ${counted(count, "request was", "requests were")} refused: the secret is probably not the one at Sinch.`,
    secretWrongTodo:
      "Compare the secret with the webhook’s at Sinch; the inspector says why a signature does not match.",
    /** @param {number} count */
    strays: (count) =>
      `Not attacked: ${counted(count, "stray request was", "stray requests were")} refused, as happens on any public address.`,
    /** @param {boolean} isWhole whether it is known of the whole time */
    calm: (isWhole) =>
      `Not attacked: no forged callback has come${isWhole ? "" : " since the receiver started"}.`,
    heard: "Callbacks come in.",
    /** @param {string} since */
    stopped: (since) =>
      `Callbacks have stopped: none${since && ` for ${since}`} has come, while messages wait for theirs.`,
    stoppedTodo: "Look at the webhook at Sinch and at the proxy in front, not at the messages.",
    /** @param {number} count */
    overdue: (count) =>
      `${counted(count, "message is", "messages are")} overdue: no final report came in time.`,
    /** @param {string} count */
    deferred: (count) =>
      `${count} callbacks could not be stored when they came. Sinch retries them, so nothing is lost.`,
    noOverdue: "Callbacks come in, and no message is overdue.",
    /** @param {string} why @param {string} since */
    paused: (why, since) => `All sends are paused since ${since}: ${why}.`,
    counting:
      "The messages of an earlier version are still being counted: the figures below are not whole yet.",
    /** @param {string} time */
    since: (time) => `Counted since the receiver started, ${time}.`,
    funnel: "From queued to read",
    funnelNote: "Messages first heard of in this time, each counted where it stands.",
    all: "Messages",
    arrived: "Delivered",
    read: "Read",
    ofAll: (/** @type {string} */ share) => `${share} of all`,
    open: "Not ended",
    times: "How long it takes",
    queuedDelivered: "Queued to delivered",
    deliveredRead: "Delivered to read",
    step: "From … to",
    median: "median",
    p95: "95 of 100 within",
    measured: (/** @type {number} */ count) => counted(count, "message", "messages"),
    failuresOver: "Failures over time",
    by: "By",
    byReason: "reason",
    byChannel: "channel",
    byPrefix: "country prefix",
    chartLabel: (/** @type {string} */ by) =>
      `Failed messages over time, by ${by}. The same figures are in the table below it.`,
    table: "The same as a table",
    tableCaption: (/** @type {string} */ by) =>
      `Failed messages by time and ${by}; each number links to its messages`,
    time: "Time",
    others: "others",
    more: {
      failures: "Show these messages",
      attacks: "Open the inspector",
      callbacks: "Show what waits",
      sends: "Show intents",
    },
    barHint: "Choose a bar or a name to see its messages.",
    refusals: "Refused requests",
    refusalsNote: "By the code of their answer.",
    noRefusals: "No request was refused.",
    code: "Code",
    count: "Requests",
    means: "What it means",
    ages: "Age of authentic callbacks",
    agesNote: "Time from signature to arrival. Old ones are Sinch’s retries after an outage.",
    agesOf: (/** @type {string} */ median, /** @type {string} */ p95) =>
      `Half came within ${median}, 95 of 100 within ${p95}.`,
    agesNone: "No authentic callback has come in this time.",
    age: "Age",
    upTo: (/** @type {string} */ age) => `up to ${age}`,
    over: (/** @type {string} */ age) => `over ${age}`,
    waiting: "What waits",
    overdueLabel: "Overdue messages",
    none: "none",
    updated: (/** @type {string} */ time) => `As of ${time}`,
    prefix: (/** @type {string} */ prefix) => (prefix === "" ? "no number" : prefix),
  },
  unrecognized: {
    heading: "Not understood",
    intro:
      "Authentic callbacks that moved no message, or only in part. They are kept: after an upgrade, “sinch-callback reprocess --all” reads them again.",
    caption: "Callbacks not understood, the newest first",
    why: "Why",
    when: "Received",
    size: "Size",
    repeats: "Repeats",
    body: "Body",
    download: "Download",
    none: "Every callback was understood.",
    bytes: (/** @type {number} */ count) => counted(count, "byte", "bytes"),
  },
  watches: {
    heading: "Watches",
    intro:
      "Messages that have to end by a moment, the next first. One that stays silent past it is told as overdue.",
    caption: "Watched messages",
    deadline: "Has to end by",
    cause: "Because",
    overdue: "overdue",
    none: "No message is watched.",
    causes: /** @type {Record<string, string>} */ ({
      stuck: "a channel failed, and no other followed",
      submitted: "Sinch said that it was sent",
      watched: "somebody asked for it",
    }),
    causeWords: (/** @type {string} */ cause) => words(deliveries.watches.causes, cause),
  },
  intents: {
    heading: "Intents",
    intro: "What has to reach whom by when, and what was decided about it.",
    caption: "Intents, the newest first",
    key: "Key",
    state: "State",
    why: "Why",
    to: "To",
    accepted: "Accepted",
    deadline: "Deadline",
    none: "No intent was asked for.",
    modes: /** @type {Record<string, string>} */ ({
      off: "Recovery is off: nothing is sent by itself.",
      "dry-run": "Recovery runs dry: it decides, and sends nothing.",
      on: "Recovery is on: what fails is sent again or on another channel.",
    }),
    stateWords: (/** @type {string} */ state) => words(INTENT_STATES, state),
    verdict: {
      done: (/** @type {string} */ why) => `The person was reached: ${why}.`,
      given_up: (/** @type {string} */ why) => `Given up: ${why}.`,
      needs_person: (/** @type {string} */ why) => `A person has to look: ${why}.`,
      sending: () => "A send is under way.",
      waiting: (/** @type {string} */ why) => (why ? `Waiting: ${why}.` : "Waiting."),
    },
    dryRun: "dry run",
    unknown: "No intent has this key.",
    plan: "Plan",
    called: "Called",
    channel: "Channel",
    message: "Message",
    failure: "Failure",
    unresolved: "outcome once unknown",
  },
  errors: {
    heading: "Something did not work",
    401: "The session is over.",
    network: "The server does not answer. Is it still running?",
    retry: "Try again",
    logIn: "Log in",
    notFound: "There is no such page.",
    notHere: "Not available here",
  },
  time: {
    zone: (/** @type {string} */ zone) => `Times are in your time zone, ${zone}.`,
  },
};

/** What the form to log in says. */
export const login = {
  token: "Token",
  hint: "The line in the file that --admin-token-file names.",
  wrong: "This is not the token. It is in the file that --admin-token-file names.",
};
