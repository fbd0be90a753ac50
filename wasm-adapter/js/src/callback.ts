import { core } from "./core.js";
import type {
  DeliveryStatus,
  Permanence,
  Remedy,
  ReportSubject,
  UnrecognizedReason,
} from "./generated/names.js";
import { type RawBody, bytes } from "./input.js";

/** An authentic callback's body, understood as far as a delivery is concerned. */
export interface Callback {
  readonly recognized: true;
  /** What it is about, as `message_delivery`. Open: Sinch adds kinds. */
  readonly kind: string;
  /** The app at Sinch; empty where the callback names none. */
  readonly appId: string;
  /** The project at Sinch; empty where the callback names none. */
  readonly projectId: string;
  /** Its delivery reports: one, one for each recipient of a batch, or none. */
  readonly reports: readonly DeliveryReport[];
  /** Why a part of it moves no message: the report of a batch that counts recipients and names
   * none, one of which some shares cannot be read, or one with a status that nobody knows yet. To be
   * kept and looked at. */
  readonly unread?: UnrecognizedReason;
}

/** A body that is not understood. It is authentic all the same, and to be kept. */
export interface Unrecognized {
  readonly recognized: false;
  readonly reason: UnrecognizedReason;
  readonly detail: string;
}

/** What has happened to one message for one recipient on one channel. Texts are as Sinch wrote
 * them, empty where it wrote none. */
export interface DeliveryReport {
  readonly subject: ReportSubject;
  /** Sinch's message or event id; for the SMS API `batch_id:recipient`. */
  readonly messageId: string;
  readonly conversationId: string;
  readonly contactId: string;
  readonly status: DeliveryStatus;
  /** The status verbatim. */
  readonly statusText: string;
  /** The channel, as `SMS` or `WHATSAPP`. */
  readonly channel: string;
  /** The recipient's identity on the channel. */
  readonly identity: string;
  readonly occurredAt: string;
  /** What ties it to your business. */
  readonly correlation: {
    readonly metadata: string;
    readonly correlationId: string;
    readonly clientReference: string;
  };
  /** Why it failed or switched, and what that asks for. What has arrived has none, whatever its
   * body carries. */
  readonly reason?: {
    readonly code: string;
    readonly subCode: string;
    readonly description: string;
    readonly channelCode: string;
    /** The carrier's own words. */
    readonly statusMessage: string;
    readonly permanence: Permanence;
    readonly remedy: Remedy;
    /** The remedy in words. */
    readonly advice: string;
  };
  /** What the carrier said of it, whatever the status. */
  readonly carrier: {
    readonly channelCode: string;
    readonly statusMessage: string;
    readonly operator: string;
    /** How many parts an SMS was sent in. */
    readonly parts?: number;
    readonly encoding: string;
  };
}

/** Texts before the reports, and texts of a report. */
const HEAD = 4;
const REPORT = 25;

/**
 * Reads the body of a callback. Verify it first: this believes what it reads.
 *
 * @example
 * import { readCallback } from "sinch-callback";
 *
 * const report = { message_id: "01H000000000000000", status: "DELIVERED" };
 * const body = new TextEncoder().encode(JSON.stringify({ message_delivery_report: report }));
 * const callback = readCallback(body);
 * if (callback.recognized) {
 *   for (const { messageId, status } of callback.reports) {
 *     console.log(messageId, status); // 01H000000000000000 delivered
 *   }
 * }
 */
export function readCallback(body: RawBody): Callback | Unrecognized {
  const here = core();
  const content = bytes(body);
  here.put(content, 0);
  const texts = here.texts(here.exports.read_callback(content.length));
  if (texts.length < HEAD) {
    const [reason = "", detail = ""] = texts;
    return { recognized: false, reason: reason as UnrecognizedReason, detail };
  }
  const [kind = "", appId = "", projectId = "", unread = ""] = texts;
  const reports: DeliveryReport[] = [];
  for (let at = HEAD; at < texts.length; at += REPORT) {
    reports.push(report(texts.slice(at, at + REPORT)));
  }
  return {
    recognized: true,
    kind,
    appId,
    projectId,
    reports,
    ...(unread === "" ? {} : { unread: unread as UnrecognizedReason }),
  };
}

function report(texts: readonly string[]): DeliveryReport {
  const text = (at: number): string => texts[at] ?? "";
  const remedy = text(18);
  return {
    subject: text(0) as ReportSubject,
    messageId: text(1),
    conversationId: text(2),
    contactId: text(3),
    status: text(4) as DeliveryStatus,
    statusText: text(5),
    channel: text(6),
    identity: text(7),
    occurredAt: text(8),
    correlation: { metadata: text(9), correlationId: text(10), clientReference: text(11) },
    ...(remedy === ""
      ? {}
      : {
          reason: {
            code: text(12),
            subCode: text(13),
            description: text(14),
            channelCode: text(15),
            statusMessage: text(16),
            permanence: text(17) as Permanence,
            remedy: remedy as Remedy,
            advice: text(19),
          },
        }),
    carrier: {
      channelCode: text(20),
      statusMessage: text(21),
      operator: text(22),
      ...(text(23) === "" ? {} : { parts: Number(text(23)) }),
      encoding: text(24),
    },
  };
}
