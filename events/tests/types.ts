// What must compile against the generated types, and what must not: tsc runs over it, nobody else.

import {
  type Callback,
  type ConversationCallback,
  type ConversationEvent,
  type DeliveryStatus,
  readCallback,
  type SmsCallback,
} from "../../wasm-adapter/js/src/generated/callbacks.ts";

declare const body: string;

/** A switch without a case for each kind does not compile, and neither does one with a made-up kind. */
export function told(callback: Callback): string | undefined {
  switch (callback.kind) {
    case "message_delivery":
      return callback.callback.message_delivery_report.reason?.code;
    case "sms_inbound_text":
      return callback.callback.body;
    case "sms_batch_delivery_report":
      return callback.callback.statuses?.[0]?.recipients?.[0];
    case "numbers":
      return callback.callback.eventId;
    case "voice_v2":
    case "voice_v2_ended":
      return callback.callback.call?.callId;
    // @ts-expect-error: there is no such kind
    case "message_by_pigeon":
      return;
    default:
      // @ts-expect-error: others are left
      return unreachable(callback);
  }
}

/** A switch with a case for each kind compiles, and leaves none. */
export function name(callback: Callback): Callback["kind"] {
  switch (callback.kind) {
    case "sms_recipient_delivery_report":
    case "sms_batch_delivery_report":
    case "sms_inbound_text":
    case "sms_inbound_binary":
    case "sms_inbound_media":
    case "voice_incoming_call":
    case "voice_answered_call":
    case "voice_disconnected_call":
    case "voice_prompt_input":
    case "voice_notification":
    case "verification_request":
    case "verification_result":
    case "verification_sms_delivered":
    case "voice_v2":
    case "voice_v2_ended":
    case "numbers":
    case "message_delivery":
    case "event_delivery":
    case "message_submit":
    case "message_inbound":
    case "message_inbound_smart_conversation_redaction":
    case "event_inbound":
    case "conversation_start":
    case "conversation_stop":
    case "conversation_delete":
    case "contact_create":
    case "contact_update":
    case "contact_delete":
    case "contact_merge":
    case "contact_identities_duplication":
    case "capability":
    case "opt_in":
    case "opt_out":
    case "channel_event":
    case "unsupported":
    case "smart_conversations":
    case "record_notification":
    case "batch_status_update":
    case "unrecognized":
      return callback.kind;
    default:
      return unreachable(callback);
  }
}

/** All of one API's, by its own tag. */
export function sms(callback: SmsCallback): number | undefined {
  switch (callback.type) {
    case "mo_text":
    case "mo_binary":
      return callback.body?.length;
    case "mo_media":
      return callback.body?.media?.length;
    case "recipient_delivery_report_sms":
    case "recipient_delivery_report_mms":
      return callback.code;
    case "delivery_report_sms":
    case "delivery_report_mms":
      return callback.total_message_count;
    default:
      return unreachable(callback);
  }
}

/** A callback has one thing that happened. */
export function happened(callback: ConversationCallback): string | undefined {
  if (callback.opt_out_notification) {
    const none: undefined = callback.opt_in_notification;
    return callback.opt_out_notification.identity ?? none;
  }
  return callback.message?.contact_message?.text_message?.text;
}

// @ts-expect-error: two things do not happen in one callback
export const two: ConversationEvent = { message: {}, event: {} };

/** Texts stay open, and those that are listed are offered. */
export const open: DeliveryStatus[] = ["READ", "TELEPORTED"];

export const read: Callback = readCallback(JSON.parse(body));

function unreachable(callback: never): never {
  throw new TypeError(callback);
}
