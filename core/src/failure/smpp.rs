//! Codes below 400 of the SMS API, which its networks send in SMPP receipts.
//!
//! Code, permanence and meaning are Sinch's table of the codes that its networks send
//! (<https://developers.sinch.com/docs/sms/smpp/error-codes>); what a row asks for is our reading
//! of it, with the reason at the row's end. Only what is about the person drops the recipient.

use super::{
    permanence::Permanence::{self, Permanent, Temporary},
    remedy::Remedy::{
        self, CheckConfiguration, DropRecipient, FixRequest, RetryLater, TryAnotherChannel,
    },
};

/// Code, permanence, remedy, meaning.
pub(super) type Row = (u16, Permanence, Remedy, &'static str);

#[rustfmt::skip]
pub(super) const CODES: &[Row] = &[
    (0, Temporary, RetryLater, "no error, or unknown"), // the table names no cause and calls it temporary
    (1, Permanent, TryAnotherChannel, "internal routing"), // inside the SMS networks, nothing that we wrote
    (2, Permanent, TryAnotherChannel, "internal routing"), // inside the SMS networks, nothing that we wrote
    (3, Permanent, TryAnotherChannel, "internal routing"), // inside the SMS networks, nothing that we wrote
    (4, Temporary, RetryLater, "internal routing"), // temporary by the table
    (5, Permanent, TryAnotherChannel, "internal routing"), // inside the SMS networks, nothing that we wrote
    (6, Permanent, TryAnotherChannel, "internal routing"), // inside the SMS networks, nothing that we wrote
    (7, Permanent, TryAnotherChannel, "internal routing"), // inside the SMS networks, nothing that we wrote
    (8, Permanent, TryAnotherChannel, "internal routing"), // inside the SMS networks, nothing that we wrote
    (9, Permanent, TryAnotherChannel, "numbering plan not supported"), // SMS has no route to this kind of number
    (10, Permanent, TryAnotherChannel, "type of number not supported"), // SMS has no route to this kind of number
    (11, Permanent, TryAnotherChannel, "not delivered"), // inside the SMS networks, nothing that we wrote
    (12, Permanent, TryAnotherChannel, "dialling zone not found"), // inside the SMS networks, nothing that we wrote
    (13, Permanent, TryAnotherChannel, "not the home zone, IMSI not allowed"), // inside the SMS networks, nothing that we wrote
    (14, Temporary, RetryLater, "not the home zone, IMSI not fetched"), // temporary by the table
    (15, Permanent, TryAnotherChannel, "blocked by screening"), // what was screened is not said: nothing about the recipient
    (16, Permanent, TryAnotherChannel, "terminating IMSI blocked"), // the SIM is barred from SMS
    (17, Permanent, TryAnotherChannel, "type of destination network unknown"), // inside the SMS networks, nothing that we wrote
    (18, Temporary, RetryLater, "ESME"), // temporary by the table
    (19, Permanent, CheckConfiguration, "originating location does not match"), // where we send from does not fit the sender
    (40, Temporary, RetryLater, "internal"), // temporary by the table
    (50, Temporary, RetryLater, "internal"), // temporary by the table
    (51, Temporary, RetryLater, "internal"), // temporary by the table
    (52, Temporary, RetryLater, "internal"), // temporary by the table
    (53, Permanent, TryAnotherChannel, "internal"), // inside the SMS networks, nothing that we wrote
    (54, Permanent, TryAnotherChannel, "internal"), // inside the SMS networks, nothing that we wrote
    (55, Permanent, TryAnotherChannel, "internal"), // inside the SMS networks, nothing that we wrote
    (56, Temporary, RetryLater, "internal"), // temporary by the table
    (60, Permanent, CheckConfiguration, "originator blocked"), // the sender is blocked
    (61, Permanent, DropRecipient, "destination blocked"), // the recipient's number itself is on a list of those not to be sent to
    (62, Permanent, FixRequest, "keyword blocked"), // a word of the text is blocked
    (63, Permanent, TryAnotherChannel, "service centre address blocked"), // the network does not take SMS from this service centre
    (64, Permanent, CheckConfiguration, "quota exceeded"), // a quota of the account or the route
    (65, Permanent, TryAnotherChannel, "loop"), // a loop between networks
    (66, Permanent, FixRequest, "data coding scheme blocked"), // the encoding is blocked
    (67, Permanent, FixRequest, "information element blocked"), // a header of the text is blocked
    (70, Temporary, RetryLater, "internal"), // temporary by the table
    (71, Temporary, RetryLater, "internal"), // temporary by the table
    (72, Permanent, TryAnotherChannel, "internal"), // inside the SMS networks, nothing that we wrote
    (73, Temporary, RetryLater, "internal"), // temporary by the table
    (74, Temporary, RetryLater, "internal"), // temporary by the table
    (75, Temporary, RetryLater, "internal"), // temporary by the table
    (76, Temporary, RetryLater, "internal"), // temporary by the table
    (77, Permanent, TryAnotherChannel, "IMSI look-up blocked"), // the look-up of the SIM is barred on the SMS network
    (100, Permanent, TryAnotherChannel, "unidentified subscriber"), // the service centre does not know the subscriber; another channel may
    (101, Temporary, RetryLater, "facility not supported"), // temporary by the table
    (102, Temporary, RetryLater, "system failure"), // temporary by the table
    (103, Permanent, TryAnotherChannel, "unexpected data value"), // between networks, nothing that we wrote
    (104, Permanent, TryAnotherChannel, "data missing"), // between networks, nothing that we wrote
    (105, Permanent, TryAnotherChannel, "equipment protocol"), // the handset's SMS failed
    (106, Temporary, RetryLater, "service centre address unknown"), // temporary by the table
    (107, Temporary, RetryLater, "service centre congested"), // temporary by the table
    (108, Permanent, TryAnotherChannel, "invalid short message entity address"), // no address on SMS, as an invalid channel identity is none on its channel
    (109, Temporary, RetryLater, "not a subscriber of the service centre"), // temporary by the table
    (110, Permanent, TryAnotherChannel, "reject (temporary problem or lost reach)"), // lost reach on SMS for good, by the table
    (111, Temporary, RetryLater, "local cancel"), // temporary by the table
    (112, Temporary, RetryLater, "abort"), // temporary by the table
    (113, Permanent, TryAnotherChannel, "internal exception"), // between networks, nothing that we wrote
    (114, Temporary, RetryLater, "unknown"), // temporary by the table
    (150, Permanent, DropRecipient, "unknown subscriber: no such number"), // the number does not exist
    (151, Permanent, TryAnotherChannel, "subscriber barred"), // barred from SMS, not from being reached
    (152, Permanent, TryAnotherChannel, "subscriber has no SMS"), // the subscription has no SMS
    (153, Temporary, RetryLater, "absent subscriber"), // temporary by the table
    (154, Permanent, TryAnotherChannel, "visited network has no SMS"), // no SMS where the subscriber is
    (155, Temporary, RetryLater, "system failure"), // temporary by the table
    (156, Permanent, TryAnotherChannel, "unexpected data value"), // between networks, nothing that we wrote
    (157, Permanent, TryAnotherChannel, "data missing"), // between networks, nothing that we wrote
    (158, Temporary, RetryLater, "handset memory full"), // temporary by the table
    (159, Temporary, RetryLater, "subscriber not reachable"), // temporary by the table
    (160, Permanent, TryAnotherChannel, "reject (temporary problem or lost reach)"), // lost reach on SMS for good, by the table
    (161, Temporary, RetryLater, "local cancel"), // temporary by the table
    (162, Temporary, RetryLater, "abort"), // temporary by the table
    (163, Permanent, TryAnotherChannel, "internal exception"), // between networks, nothing that we wrote
    (164, Temporary, RetryLater, "unknown"), // temporary by the table
    (200, Temporary, RetryLater, "unidentified subscriber"), // temporary by the table
    (201, Temporary, RetryLater, "absent subscriber, detached for some time"), // temporary by the table
    (202, Temporary, RetryLater, "absent subscriber, no answer to paging"), // temporary by the table
    (203, Temporary, RetryLater, "subscriber busy"), // temporary by the table
    (204, Permanent, TryAnotherChannel, "SIM has no SMS"), // the SIM has no SMS
    (205, Permanent, TryAnotherChannel, "illegal subscriber: not authenticated"), // the SIM may not use the mobile network
    (206, Permanent, TryAnotherChannel, "illegal equipment: blocklisted"), // the handset may not use the mobile network
    (207, Temporary, RetryLater, "system failure"), // temporary by the table
    (208, Permanent, TryAnotherChannel, "unexpected data value"), // between networks, nothing that we wrote
    (209, Permanent, TryAnotherChannel, "data missing"), // between networks, nothing that we wrote
    (210, Temporary, RetryLater, "handset memory full"), // temporary by the table
    (211, Temporary, RetryLater, "equipment protocol"), // temporary by the table
    (212, Temporary, RetryLater, "equipment without SMS"), // temporary by the table
    (213, Permanent, TryAnotherChannel, "reject (temporary problem or lost reach)"), // lost reach on SMS for good, by the table
    (214, Temporary, RetryLater, "local cancel"), // temporary by the table
    (215, Temporary, RetryLater, "abort"), // temporary by the table
    (216, Permanent, TryAnotherChannel, "internal exception"), // between networks, nothing that we wrote
    (217, Temporary, RetryLater, "unknown"), // temporary by the table
    (250, Permanent, DropRecipient, "barred by a personal or operator list"), // a list of the person or their operator bars us
    (251, Permanent, DropRecipient, "barred by a personal or operator list"), // a list of the person or their operator bars us
    (252, Permanent, DropRecipient, "barred by a personal or operator list"), // a list of the person or their operator bars us
    (253, Permanent, DropRecipient, "barred by a personal or operator list"), // a list of the person or their operator bars us
    (254, Permanent, DropRecipient, "barred by a personal or operator list"), // a list of the person or their operator bars us
    (255, Permanent, DropRecipient, "barred by a personal or operator list"), // a list of the person or their operator bars us
    (256, Permanent, DropRecipient, "barred by a personal or operator list"), // a list of the person or their operator bars us
    (257, Permanent, DropRecipient, "barred by a personal or operator list"), // a list of the person or their operator bars us
    (300, Permanent, TryAnotherChannel, "destination address invalid"), // no address on SMS, as an invalid channel identity is none on its channel
    (301, Permanent, FixRequest, "destination numbering plan invalid"), // a parameter of the address as we gave it
    (302, Permanent, FixRequest, "destination type of number invalid"), // a parameter of the address as we gave it
    (303, Permanent, FixRequest, "destination flag invalid"), // a parameter of the address as we gave it
    (304, Permanent, FixRequest, "number of destinations invalid"), // a parameter of the address as we gave it
    (310, Permanent, CheckConfiguration, "source address invalid"), // the sender is not set up for this route
    (311, Permanent, FixRequest, "source numbering plan invalid"), // a parameter of the sender as we gave it
    (312, Permanent, FixRequest, "source type of number invalid"), // a parameter of the sender as we gave it
    (320, Permanent, TryAnotherChannel, "receiver permanent error"), // the receiving system's own failure
    (321, Permanent, TryAnotherChannel, "receiver reject"), // the receiving system's own refusal
    (322, Temporary, RetryLater, "receiver temporary error"), // temporary by its name; the table leaves the column empty
    (330, Permanent, FixRequest, "command length"), // a parameter of the message as we gave it
    (331, Permanent, FixRequest, "service type"), // a parameter of the message as we gave it
    (332, Permanent, FixRequest, "operation"), // a parameter of the message as we gave it
    (333, Permanent, CheckConfiguration, "operation not allowed"), // the account may not do this
    (334, Permanent, FixRequest, "parameter"), // a parameter of the message as we gave it
    (335, Permanent, FixRequest, "parameter not allowed"), // a parameter of the message as we gave it
    (336, Permanent, FixRequest, "parameter length"), // a parameter of the message as we gave it
    (337, Permanent, FixRequest, "optional parameter"), // a parameter of the message as we gave it
    (338, Permanent, FixRequest, "optional parameter missing"), // a parameter of the message as we gave it
    (339, Permanent, FixRequest, "validity"), // a parameter of the message as we gave it
    (340, Permanent, FixRequest, "scheduled delivery"), // a parameter of the message as we gave it
    (341, Permanent, FixRequest, "distribution list"), // a parameter of the message as we gave it
    (342, Permanent, FixRequest, "message class"), // a parameter of the message as we gave it
    (343, Permanent, FixRequest, "message length"), // a parameter of the message as we gave it
    (344, Permanent, FixRequest, "message reference"), // a parameter of the message as we gave it
    (345, Permanent, FixRequest, "number of messages"), // a parameter of the message as we gave it
    (346, Permanent, FixRequest, "predefined message"), // a parameter of the message as we gave it
    (347, Permanent, FixRequest, "priority"), // a parameter of the message as we gave it
    (348, Permanent, FixRequest, "replace flag"), // a parameter of the message as we gave it
    (349, Permanent, TryAnotherChannel, "request failed"), // what failed is not said
    (350, Temporary, RetryLater, "delivery report request invalid"), // temporary by the table
    (360, Temporary, RetryLater, "message queue full"), // temporary by the table
    (361, Temporary, RetryLater, "external error"), // temporary by the table
    (362, Temporary, RetryLater, "external error"), // temporary by the table
    (370, Temporary, RetryLater, "information not found"), // temporary by the table
    (399, Temporary, RetryLater, "unknown"), // temporary by the table
];
