//! What the messages of the Conversation API say, a contact's and an app's.
//!
//! Made by scripts/make-events from events/types; not to be edited.

use alloc::{boxed::Box, collections::BTreeMap, string::String, vec::Vec};

use crate::{
    generated::reason::Reason,
    json::{number::Number, value::Object, value::Value},
    unlisted::Unlisted,
};

/// What a contact's message says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct ContactMessage {
    /// What it says.
    pub content: Option<ContactMessageContent>,
    /// The message that it answers.
    pub reply_to: Option<ReplyTo>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(ContactMessage {
    reply_to: "reply_to",
} content);

/// The message that another answers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct ReplyTo {
    /// The message.
    pub message_id: Option<String>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(ReplyTo {
    message_id: "message_id",
});

/// A text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct TextMessage {
    /// The text.
    pub text: Option<String>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(TextMessage { text: "text" });

/// A picture, a sound, a film or a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct MediaMessage {
    /// Where a small picture of it can be fetched.
    pub thumbnail_url: Option<String>,
    /// Where it can be fetched.
    pub url: Option<String>,
    /// The name of the file.
    pub filename_override: Option<String>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(MediaMessage {
    thumbnail_url: "thumbnail_url",
    url: "url",
    filename_override: "filename_override",
});

/// A medium with a caption.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct MediaCardMessage {
    /// The caption.
    pub caption: Option<String>,
    /// Where the medium can be fetched.
    pub url: Option<String>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(MediaCardMessage {
    caption: "caption",
    url: "url",
});

/// A place.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct LocationMessage {
    /// Where it is.
    pub coordinates: Option<Coordinates>,
    /// Its name.
    pub label: Option<String>,
    /// The title of the message.
    pub title: Option<String>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(LocationMessage {
    coordinates: "coordinates",
    label: "label",
    title: "title",
});

/// Where a place is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Coordinates {
    /// Degrees north.
    pub latitude: Option<Number>,
    /// Degrees east.
    pub longitude: Option<Number>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(Coordinates {
    latitude: "latitude",
    longitude: "longitude",
});

/// The choice among those that the app gave.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct ChoiceResponseMessage {
    /// The message that gave the choice.
    pub message_id: Option<String>,
    /// What the app gave the choice to come back with.
    pub postback_data: Option<String>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(ChoiceResponseMessage {
    message_id: "message_id",
    postback_data: "postback_data",
});

/// An order of products.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct ProductResponseMessage {
    /// The products.
    pub products: Option<Vec<ProductItem>>,
    /// What the contact wrote to it.
    pub text: Option<String>,
    /// The same, as Java's SDK spells it.
    pub title: Option<String>,
    /// The catalog.
    pub catalog_id: Option<String>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(ProductResponseMessage {
    products: "products",
    text: "text",
    title: "title",
    catalog_id: "catalog_id",
});

/// A product and how many of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct ProductItem {
    /// The product.
    pub id: Option<String>,
    /// Where it is sold.
    pub marketplace: Option<String>,
    /// How many.
    pub quantity: Option<i64>,
    /// The price of one.
    pub item_price: Option<Number>,
    /// The currency, by its ISO 4217 code.
    pub currency: Option<String>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(ProductItem {
    id: "id",
    marketplace: "marketplace",
    quantity: "quantity",
    item_price: "item_price",
    currency: "currency",
});

/// What the Conversation API has no type for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct FallbackMessage {
    /// What the channel told.
    pub raw_message: Option<String>,
    /// Why it was not understood.
    pub reason: Option<Reason>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(FallbackMessage {
    raw_message: "raw_message",
    reason: "reason",
});

/// What only one channel has.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct ContactChannelSpecificMessage {
    /// What it is.
    pub message_type: Option<ContactChannelSpecificType>,
    /// What it says.
    pub message: Option<WhatsAppReply>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(ContactChannelSpecificMessage {
    message_type: "message_type",
    message: "message",
});

/// An answer on WhatsApp.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct WhatsAppReply {
    /// What it answers.
    pub r#type: Option<ContactChannelSpecificType>,
    /// The answer to a flow.
    pub nfm_reply: Option<WhatsAppFlowReply>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(WhatsAppReply {
    r#type: "type",
    nfm_reply: "nfm_reply",
});

/// The answer to a WhatsApp flow.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct WhatsAppFlowReply {
    /// Which kind of flow it was.
    pub name: Option<WhatsAppFlowName>,
    /// What was entered; JSON in a text.
    pub response_json: Option<String>,
    /// What the contact sees of it.
    pub body: Option<String>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(WhatsAppFlowReply {
    name: "name",
    response_json: "response_json",
    body: "body",
});

/// What an app's message says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct AppMessage {
    /// What it says.
    pub content: Option<AppMessageContent>,
    /// What it says on a channel instead, in that channel's own form.
    pub explicit_channel_message: Option<BTreeMap<String, String>>,
    /// What it says on a channel instead.
    pub explicit_channel_omni_message: Option<BTreeMap<String, OmniMessageOverride>>,
    /// What only one channel has, by channel.
    pub channel_specific_message: Option<BTreeMap<String, ChannelSpecificMessage>>,
    /// Who writes for the app.
    pub agent: Option<Agent>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(AppMessage {
    explicit_channel_message: "explicit_channel_message",
    explicit_channel_omni_message: "explicit_channel_omni_message",
    channel_specific_message: "channel_specific_message",
    agent: "agent",
} content);

/// What a message says on one channel instead.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct OmniMessageOverride {
    /// What it says.
    pub content: Option<OmniMessageOverrideContent>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(OmniMessageOverride {
} content);

/// Who writes for an app.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Agent {
    /// Their name.
    pub display_name: Option<String>,
    /// Who they are.
    pub r#type: Option<AgentType>,
    /// Where their picture can be fetched.
    pub picture_url: Option<String>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(Agent {
    display_name: "display_name",
    r#type: "type",
    picture_url: "picture_url",
});

/// A card.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct CardMessage {
    /// What can be chosen.
    pub choices: Option<Vec<Choice>>,
    /// Its text.
    pub description: Option<String>,
    /// How high it is.
    pub height: Option<CardHeight>,
    /// Its picture.
    pub media_message: Option<MediaMessage>,
    /// Its title.
    pub title: Option<String>,
    /// What single channels show besides.
    pub message_properties: Option<CardProperties>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(CardMessage {
    choices: "choices",
    description: "description",
    height: "height",
    media_message: "media_message",
    title: "title",
    message_properties: "message_properties",
});

/// What single channels show on a card.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct CardProperties {
    /// The header on WhatsApp.
    pub whatsapp_header: Option<String>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(CardProperties {
    whatsapp_header: "whatsapp_header",
});

/// Cards beside each other.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct CarouselMessage {
    /// The cards.
    pub cards: Option<Vec<CardMessage>>,
    /// What can be chosen besides.
    pub choices: Option<Vec<Choice>>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(CarouselMessage {
    cards: "cards",
    choices: "choices",
});

/// A text with choices.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct ChoiceMessage {
    /// What can be chosen.
    pub choices: Option<Vec<Choice>>,
    /// The text.
    pub text_message: Option<TextMessage>,
    /// What single channels show besides.
    pub message_properties: Option<ChoiceProperties>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(ChoiceMessage {
    choices: "choices",
    text_message: "text_message",
    message_properties: "message_properties",
});

/// What single channels show beside choices.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct ChoiceProperties {
    /// The footer on WhatsApp.
    pub whatsapp_footer: Option<String>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(ChoiceProperties {
    whatsapp_footer: "whatsapp_footer",
});

/// Something that can be chosen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Choice {
    /// What choosing it does.
    pub content: Option<ChoiceContent>,
    /// What comes back where it is chosen.
    pub postback_data: Option<String>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(Choice {
    postback_data: "postback_data",
} content);

/// A number to call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct CallMessage {
    /// The number.
    pub phone_number: Option<String>,
    /// What the choice says.
    pub title: Option<String>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(CallMessage {
    phone_number: "phone_number",
    title: "title",
});

/// A page to open.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct UrlMessage {
    /// What the choice says.
    pub title: Option<String>,
    /// The page.
    pub url: Option<String>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(UrlMessage {
    title: "title",
    url: "url",
});

/// An event to write into a calendar.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct CalendarMessage {
    /// What the choice says.
    pub title: Option<String>,
    /// When the event begins.
    pub event_start: Option<String>,
    /// When it ends.
    pub event_end: Option<String>,
    /// Its title.
    pub event_title: Option<String>,
    /// Its description.
    pub event_description: Option<String>,
    /// A page for devices that cannot.
    pub fallback_url: Option<String>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(CalendarMessage {
    title: "title",
    event_start: "event_start",
    event_end: "event_end",
    event_title: "event_title",
    event_description: "event_description",
    fallback_url: "fallback_url",
});

/// The question where the contact is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct ShareLocationMessage {
    /// What the choice says.
    pub title: Option<String>,
    /// A page for devices that cannot.
    pub fallback_url: Option<String>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(ShareLocationMessage {
    title: "title",
    fallback_url: "fallback_url",
});

/// A template.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct TemplateMessage {
    /// A channel's own template, by channel.
    pub channel_template: Option<BTreeMap<String, TemplateReference>>,
    /// A template for all channels.
    pub omni_template: Option<TemplateReference>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(TemplateMessage {
    channel_template: "channel_template",
    omni_template: "omni_template",
});

/// Which template, and what is put into it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct TemplateReference {
    /// Its language.
    pub language_code: Option<String>,
    /// What is put into it, by name.
    pub parameters: Option<BTreeMap<String, String>>,
    /// The template.
    pub template_id: Option<String>,
    /// Its version.
    pub version: Option<String>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(TemplateReference {
    language_code: "language_code",
    parameters: "parameters",
    template_id: "template_id",
    version: "version",
});

/// A list to choose from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct ListMessage {
    /// Its title.
    pub title: Option<String>,
    /// Its text.
    pub description: Option<String>,
    /// Its picture.
    pub media: Option<MediaMessage>,
    /// Its parts.
    pub sections: Option<Vec<ListSection>>,
    /// What single channels show besides.
    pub message_properties: Option<ListProperties>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(ListMessage {
    title: "title",
    description: "description",
    media: "media",
    sections: "sections",
    message_properties: "message_properties",
});

/// What single channels show beside a list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct ListProperties {
    /// The catalog of the products.
    pub catalog_id: Option<String>,
    /// What the button says that opens it.
    pub menu: Option<String>,
    /// The header on WhatsApp.
    pub whatsapp_header: Option<String>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(ListProperties {
    catalog_id: "catalog_id",
    menu: "menu",
    whatsapp_header: "whatsapp_header",
});

/// A part of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct ListSection {
    /// Its title.
    pub title: Option<String>,
    /// What can be chosen.
    pub items: Option<Vec<ListItem>>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(ListSection {
    title: "title",
    items: "items",
});

/// Something that can be chosen from a list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct ListItem {
    /// What it is.
    pub content: Option<ListItemContent>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(ListItem {
} content);

/// A choice in a list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct ChoiceItem {
    /// Its title.
    pub title: Option<String>,
    /// Its text.
    pub description: Option<String>,
    /// Its picture.
    pub media: Option<MediaMessage>,
    /// What comes back where it is chosen.
    pub postback_data: Option<String>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(ChoiceItem {
    title: "title",
    description: "description",
    media: "media",
    postback_data: "postback_data",
});

/// A visiting card.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct ContactInfoMessage {
    /// The name.
    pub name: Option<NameInfo>,
    /// The phone numbers.
    pub phone_numbers: Option<Vec<PhoneNumberInfo>>,
    /// The addresses.
    pub addresses: Option<Vec<AddressInfo>>,
    /// The e-mail addresses.
    pub email_addresses: Option<Vec<EmailInfo>>,
    /// Where they work.
    pub organization: Option<OrganizationInfo>,
    /// The pages.
    pub urls: Option<Vec<UrlInfo>>,
    /// The birthday, as year, month and day.
    pub birthday: Option<String>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(ContactInfoMessage {
    name: "name",
    phone_numbers: "phone_numbers",
    addresses: "addresses",
    email_addresses: "email_addresses",
    organization: "organization",
    urls: "urls",
    birthday: "birthday",
});

/// A person's name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct NameInfo {
    /// The name.
    pub full_name: Option<String>,
    /// The first name.
    pub first_name: Option<String>,
    /// The last name.
    pub last_name: Option<String>,
    /// The middle name.
    pub middle_name: Option<String>,
    /// What stands in front of it, such as a title.
    pub prefix: Option<String>,
    /// What stands behind it.
    pub suffix: Option<String>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(NameInfo {
    full_name: "full_name",
    first_name: "first_name",
    last_name: "last_name",
    middle_name: "middle_name",
    prefix: "prefix",
    suffix: "suffix",
});

/// A phone number.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct PhoneNumberInfo {
    /// The number.
    pub phone_number: Option<String>,
    /// Which it is, such as `home`.
    pub r#type: Option<String>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(PhoneNumberInfo {
    phone_number: "phone_number",
    r#type: "type",
});

/// An address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct AddressInfo {
    /// The city.
    pub city: Option<String>,
    /// The country.
    pub country: Option<String>,
    /// The state or region.
    pub state: Option<String>,
    /// The postal code.
    pub zip: Option<String>,
    /// Which it is, such as `home`.
    pub r#type: Option<String>,
    /// The country, by its ISO 3166 code.
    pub country_code: Option<String>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(AddressInfo {
    city: "city",
    country: "country",
    state: "state",
    zip: "zip",
    r#type: "type",
    country_code: "country_code",
});

/// An e-mail address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct EmailInfo {
    /// The address.
    pub email_address: Option<String>,
    /// Which it is, such as `home`.
    pub r#type: Option<String>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(EmailInfo {
    email_address: "email_address",
    r#type: "type",
});

/// Where somebody works.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct OrganizationInfo {
    /// The company.
    pub company: Option<String>,
    /// The department.
    pub department: Option<String>,
    /// Their position.
    pub title: Option<String>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(OrganizationInfo {
    company: "company",
    department: "department",
    title: "title",
});

/// A page about somebody.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct UrlInfo {
    /// The page.
    pub url: Option<String>,
    /// Which it is, such as `company`.
    pub r#type: Option<String>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(UrlInfo {
    url: "url",
    r#type: "type",
});

/// A flow on WhatsApp.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct WhatsAppFlowMessage {
    /// The flow.
    pub message: Option<WhatsAppFlow>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(WhatsAppFlowMessage { message: "message" });

/// A flow on WhatsApp.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct WhatsAppFlow {
    /// What stands above it.
    pub header: Option<WhatsAppHeader>,
    /// Its text.
    pub body: Option<WhatsAppText>,
    /// What stands below it.
    pub footer: Option<WhatsAppText>,
    /// The flow.
    pub flow_id: Option<String>,
    /// What it comes back with.
    pub flow_token: Option<String>,
    /// Whether it is published.
    pub flow_mode: Option<WhatsAppFlowMode>,
    /// What its button says.
    pub flow_cta: Option<String>,
    /// What its button does.
    pub flow_action: Option<WhatsAppFlowAction>,
    /// What its button does it with.
    pub flow_action_payload: Option<WhatsAppFlowActionPayload>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(WhatsAppFlow {
    header: "header",
    body: "body",
    footer: "footer",
    flow_id: "flow_id",
    flow_token: "flow_token",
    flow_mode: "flow_mode",
    flow_cta: "flow_cta",
    flow_action: "flow_action",
    flow_action_payload: "flow_action_payload",
});

/// What a flow's button does its work with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct WhatsAppFlowActionPayload {
    /// The screen.
    pub screen: Option<String>,
    /// What it is given.
    pub data: Option<Value>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(WhatsAppFlowActionPayload {
    screen: "screen",
    data: "data",
});

/// A text of an interactive message.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct WhatsAppText {
    /// The text.
    pub text: Option<String>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(WhatsAppText { text: "text" });

/// A picture above an interactive message.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct WhatsAppImageHeader {
    /// The picture.
    pub image: Option<WhatsAppMedia>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(WhatsAppImageHeader { image: "image" });

/// A file above an interactive message.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct WhatsAppDocumentHeader {
    /// The file.
    pub document: Option<WhatsAppMedia>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(WhatsAppDocumentHeader {
    document: "document",
});

/// A film above an interactive message.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct WhatsAppVideoHeader {
    /// The film.
    pub video: Option<WhatsAppMedia>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(WhatsAppVideoHeader { video: "video" });

/// Where a medium of an interactive message can be fetched.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct WhatsAppMedia {
    /// The address.
    pub link: Option<String>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(WhatsAppMedia { link: "link" });

/// An order to be paid on WhatsApp.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct WhatsAppOrderDetailsMessage {
    /// The order.
    pub message: Option<WhatsAppOrderDetails>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(WhatsAppOrderDetailsMessage { message: "message" });

/// An order to be paid on WhatsApp.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct WhatsAppOrderDetails {
    /// What stands above it.
    pub header: Option<WhatsAppHeader>,
    /// Its text.
    pub body: Option<WhatsAppText>,
    /// What stands below it.
    pub footer: Option<WhatsAppText>,
    /// How it is paid.
    pub payment: Option<OrderPayment>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(WhatsAppOrderDetails {
    header: "header",
    body: "body",
    footer: "footer",
    payment: "payment",
});

/// How an order is paid.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct OrderPayment {
    /// By which country's rules.
    pub r#type: Option<OrderPaymentType>,
    /// The order.
    pub reference_id: Option<String>,
    /// What is bought.
    pub type_of_goods: Option<OrderGoods>,
    /// How it can be paid.
    pub payment_settings: Option<OrderPaymentSettings>,
    /// The buttons to pay by.
    pub payment_buttons: Option<Vec<OrderPaymentButton>>,
    /// What it costs, in hundredths.
    pub total_amount_value: Option<i64>,
    /// What is bought.
    pub order: Option<Order>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(OrderPayment {
    r#type: "type",
    reference_id: "reference_id",
    type_of_goods: "type_of_goods",
    payment_settings: "payment_settings",
    payment_buttons: "payment_buttons",
    total_amount_value: "total_amount_value",
    order: "order",
});

/// How an order can be paid.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct OrderPaymentSettings {
    /// By Pix. Without a `type` here in some SDKs.
    pub dynamic_pix: Option<DynamicPix>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(OrderPaymentSettings {
    dynamic_pix: "dynamic_pix",
});

/// A payment by Pix.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct DynamicPix {
    /// `pix_dynamic_code`, where it does not stand in a button.
    pub r#type: Option<String>,
    /// The code.
    pub code: Option<String>,
    /// Who is paid.
    pub merchant_name: Option<String>,
    /// The key of who is paid.
    pub key: Option<String>,
    /// What the key is.
    pub key_type: Option<PixKeyType>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(DynamicPix {
    r#type: "type",
    code: "code",
    merchant_name: "merchant_name",
    key: "key",
    key_type: "key_type",
});

/// A page to pay on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct PaymentLink {
    /// The page.
    pub uri: Option<String>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(PaymentLink { uri: "uri" });

/// A boleto to pay.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Boleto {
    /// Its digits.
    pub digitable_line: Option<String>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(Boleto {
    digitable_line: "digitable_line",
});

/// What is bought. Amounts are in hundredths.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Order {
    /// The catalog.
    pub catalog_id: Option<String>,
    /// Until when it can be paid.
    pub expiration_time: Option<String>,
    /// The same, for people.
    pub expiration_description: Option<String>,
    /// The sum of the items.
    pub subtotal_value: Option<i64>,
    /// The tax.
    pub tax_value: Option<i64>,
    /// The tax, for people.
    pub tax_description: Option<String>,
    /// What shipping costs.
    pub shipping_value: Option<i64>,
    /// The shipping, for people.
    pub shipping_description: Option<String>,
    /// The discount.
    pub discount_value: Option<i64>,
    /// The discount, for people.
    pub discount_description: Option<String>,
    /// The program that gives the discount.
    pub discount_program_name: Option<String>,
    /// The items.
    pub items: Option<Vec<OrderItem>>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(Order {
    catalog_id: "catalog_id",
    expiration_time: "expiration_time",
    expiration_description: "expiration_description",
    subtotal_value: "subtotal_value",
    tax_value: "tax_value",
    tax_description: "tax_description",
    shipping_value: "shipping_value",
    shipping_description: "shipping_description",
    discount_value: "discount_value",
    discount_description: "discount_description",
    discount_program_name: "discount_program_name",
    items: "items",
});

/// An item of an order. Amounts are in hundredths.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct OrderItem {
    /// The item.
    pub retailer_id: Option<String>,
    /// Its name.
    pub name: Option<String>,
    /// The price of one.
    pub amount_value: Option<i64>,
    /// How many.
    pub quantity: Option<i64>,
    /// The price of one on sale.
    pub sale_amount_value: Option<i64>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(OrderItem {
    retailer_id: "retailer_id",
    name: "name",
    amount_value: "amount_value",
    quantity: "quantity",
    sale_amount_value: "sale_amount_value",
});

/// How far an order on WhatsApp is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct WhatsAppOrderStatusMessage {
    /// How far it is.
    pub message: Option<WhatsAppOrderStatus>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(WhatsAppOrderStatusMessage { message: "message" });

/// How far an order on WhatsApp is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct WhatsAppOrderStatus {
    /// What stands above it.
    pub header: Option<WhatsAppHeader>,
    /// Its text.
    pub body: Option<WhatsAppText>,
    /// What stands below it.
    pub footer: Option<WhatsAppText>,
    /// The order.
    pub payment: Option<OrderStatusPayment>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(WhatsAppOrderStatus {
    header: "header",
    body: "body",
    footer: "footer",
    payment: "payment",
});

/// An order and how far it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct OrderStatusPayment {
    /// The order.
    pub reference_id: Option<String>,
    /// How far it is.
    pub order: Option<OrderProgress>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(OrderStatusPayment {
    reference_id: "reference_id",
    order: "order",
});

/// How far an order is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct OrderProgress {
    /// How far it is.
    pub status: Option<OrderStatus>,
    /// The same, for people.
    pub description: Option<String>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(OrderProgress {
    status: "status",
    description: "description",
});

/// An offer on KakaoTalk.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct KakaoTalkCommerceMessage {
    /// The offer.
    pub message: Option<KakaoTalkOffer>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(KakaoTalkCommerceMessage { message: "message" });

/// An offer on KakaoTalk.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct KakaoTalkOffer {
    /// Whether the device rings.
    pub push_alarm: Option<bool>,
    /// Whether it is for adults only.
    pub adult: Option<bool>,
    /// Its text.
    pub additional_content: Option<String>,
    /// Its picture.
    pub image: Option<KakaoTalkImage>,
    /// Its price.
    pub commerce: Option<KakaoTalkPrice>,
    /// Its buttons.
    pub buttons: Option<Vec<KakaoTalkButton>>,
    /// Its coupon.
    pub coupon: Option<KakaoTalkCoupon>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(KakaoTalkOffer {
    push_alarm: "push_alarm",
    adult: "adult",
    additional_content: "additional_content",
    image: "image",
    commerce: "commerce",
    buttons: "buttons",
    coupon: "coupon",
});

/// A picture on KakaoTalk.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct KakaoTalkImage {
    /// Where it can be fetched.
    pub image_url: Option<String>,
    /// What it opens.
    pub image_link: Option<String>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(KakaoTalkImage {
    image_url: "image_url",
    image_link: "image_link",
});

/// A regular price.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct KakaoTalkRegularPrice {
    /// The product.
    pub title: Option<String>,
    /// The price.
    pub regular_price: Option<i64>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(KakaoTalkRegularPrice {
    title: "title",
    regular_price: "regular_price",
});

/// A price less a sum.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct KakaoTalkFixedDiscountPrice {
    /// The product.
    pub title: Option<String>,
    /// The price without the discount.
    pub regular_price: Option<i64>,
    /// The price with it.
    pub discount_price: Option<i64>,
    /// The discount.
    pub discount_fixed: Option<i64>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(KakaoTalkFixedDiscountPrice {
    title: "title",
    regular_price: "regular_price",
    discount_price: "discount_price",
    discount_fixed: "discount_fixed",
});

/// A price less a share.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct KakaoTalkPercentageDiscountPrice {
    /// The product.
    pub title: Option<String>,
    /// The price without the discount.
    pub regular_price: Option<i64>,
    /// The price with it.
    pub discount_price: Option<i64>,
    /// The discount in percent.
    pub discount_rate: Option<i64>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(KakaoTalkPercentageDiscountPrice {
    title: "title",
    regular_price: "regular_price",
    discount_price: "discount_price",
    discount_rate: "discount_rate",
});

/// A button that opens a page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct KakaoTalkWebLink {
    /// What it says.
    pub name: Option<String>,
    /// The page on a phone.
    pub link_mo: Option<String>,
    /// The page on a computer.
    pub link_pc: Option<String>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(KakaoTalkWebLink {
    name: "name",
    link_mo: "link_mo",
    link_pc: "link_pc",
});

/// A button that opens an app.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct KakaoTalkAppLink {
    /// What it says.
    pub name: Option<String>,
    /// The app's link on iOS.
    pub scheme_ios: Option<String>,
    /// The app's link on Android.
    pub scheme_android: Option<String>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(KakaoTalkAppLink {
    name: "name",
    scheme_ios: "scheme_ios",
    scheme_android: "scheme_android",
});

/// A button that sends a keyword.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct KakaoTalkBotKeyword {
    /// What it says and sends.
    pub name: Option<String>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(KakaoTalkBotKeyword { name: "name" });

/// What a coupon on KakaoTalk gives.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct KakaoTalkCouponDetails {
    /// What it is for; of free and upgrade coupons.
    pub title: Option<String>,
    /// The discount; of fixed discounts.
    pub discount_fixed: Option<i64>,
    /// The discount in percent; of percentages.
    pub discount_rate: Option<i64>,
    /// Its text.
    pub description: Option<String>,
    /// The page on a phone.
    pub link_mo: Option<String>,
    /// The page on a computer.
    pub link_pc: Option<String>,
    /// The app's link on Android.
    pub scheme_android: Option<String>,
    /// The app's link on iOS.
    pub scheme_ios: Option<String>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(KakaoTalkCouponDetails {
    title: "title",
    discount_fixed: "discount_fixed",
    discount_rate: "discount_rate",
    description: "description",
    link_mo: "link_mo",
    link_pc: "link_pc",
    scheme_android: "scheme_android",
    scheme_ios: "scheme_ios",
});

/// Offers beside each other on KakaoTalk.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct KakaoTalkCarouselMessage {
    /// The offers.
    pub message: Option<KakaoTalkCarouselOffers>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(KakaoTalkCarouselMessage { message: "message" });

/// Offers beside each other on KakaoTalk.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct KakaoTalkCarouselOffers {
    /// Whether the device rings.
    pub push_alarm: Option<bool>,
    /// Whether they are for adults only.
    pub adult: Option<bool>,
    /// The offers.
    pub carousel: Option<KakaoTalkCarousel>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(KakaoTalkCarouselOffers {
    push_alarm: "push_alarm",
    adult: "adult",
    carousel: "carousel",
});

/// The offers of a carousel, and what stands around them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct KakaoTalkCarousel {
    /// What stands in front of them.
    pub head: Option<KakaoTalkCarouselHead>,
    /// The offers.
    pub list: Option<Vec<KakaoTalkOffer>>,
    /// What stands behind them.
    pub tail: Option<KakaoTalkCarouselTail>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(KakaoTalkCarousel {
    head: "head",
    list: "list",
    tail: "tail",
});

/// What stands in front of a carousel.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct KakaoTalkCarouselHead {
    /// Its title.
    pub header: Option<String>,
    /// Its text.
    pub content: Option<String>,
    /// Its picture.
    pub image_url: Option<String>,
    /// The page on a phone.
    pub link_mo: Option<String>,
    /// The page on a computer.
    pub link_pc: Option<String>,
    /// The app's link on iOS.
    pub scheme_ios: Option<String>,
    /// The app's link on Android.
    pub scheme_android: Option<String>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(KakaoTalkCarouselHead {
    header: "header",
    content: "content",
    image_url: "image_url",
    link_mo: "link_mo",
    link_pc: "link_pc",
    scheme_ios: "scheme_ios",
    scheme_android: "scheme_android",
});

/// What stands behind a carousel.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct KakaoTalkCarouselTail {
    /// The page on a phone.
    pub link_mo: Option<String>,
    /// The page on a computer.
    pub link_pc: Option<String>,
    /// The app's link on iOS.
    pub scheme_ios: Option<String>,
    /// The app's link on Android.
    pub scheme_android: Option<String>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(KakaoTalkCarouselTail {
    link_mo: "link_mo",
    link_pc: "link_pc",
    scheme_ios: "scheme_ios",
    scheme_android: "scheme_android",
});

/// A template on LINE.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct LineTemplateMessage {
    /// The template.
    pub message: Option<LineTemplate>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(LineTemplateMessage { message: "message" });

/// A template on LINE, and what is put into it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct LineTemplate {
    /// The template.
    pub template_key: Option<String>,
    /// What is put into it.
    pub body: Option<LineTemplateBody>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(LineTemplate {
    template_key: "template_key",
    body: "body",
});

/// What is put into a template on LINE.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct LineTemplateBody {
    /// The item that stands out.
    pub emphasized_item: Option<LineTemplateItem>,
    /// The items.
    pub items: Option<Vec<LineTemplateItem>>,
    /// The buttons.
    pub buttons: Option<Vec<LineTemplateButton>>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(LineTemplateBody {
    emphasized_item: "emphasized_item",
    items: "items",
    buttons: "buttons",
});

/// An item of a template on LINE.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct LineTemplateItem {
    /// The item.
    pub item_key: Option<String>,
    /// What it says.
    pub content: Option<String>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(LineTemplateItem {
    item_key: "item_key",
    content: "content",
});

/// A button of a template on LINE.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct LineTemplateButton {
    /// The button.
    pub button_key: Option<String>,
    /// What it opens.
    pub url: Option<String>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(LineTemplateButton {
    button_key: "button_key",
    url: "url",
});

/// What a contact's message says.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ContactMessageContent {
    /// A text.
    Text(Box<TextMessage>),
    /// A picture, a sound, a film or a file.
    Media(Box<MediaMessage>),
    /// A place.
    Location(Box<LocationMessage>),
    /// The choice among those that the app gave.
    ChoiceResponse(Box<ChoiceResponseMessage>),
    /// A medium with a caption.
    MediaCard(Box<MediaCardMessage>),
    /// An order of products.
    ProductResponse(Box<ProductResponseMessage>),
    /// What the Conversation API has no type for.
    Fallback(Box<FallbackMessage>),
    /// What only one channel has.
    ChannelSpecific(Box<ContactChannelSpecificMessage>),
}

one_of!(ContactMessageContent {
    Text: "text_message",
    Media: "media_message",
    Location: "location_message",
    ChoiceResponse: "choice_response_message",
    MediaCard: "media_card_message",
    ProductResponse: "product_response_message",
    Fallback: "fallback_message",
    ChannelSpecific: "channel_specific_message",
});

/// What an app's message says.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AppMessageContent {
    /// A text.
    Text(Box<TextMessage>),
    /// A picture, a sound, a film or a file.
    Media(Box<MediaMessage>),
    /// A card.
    Card(Box<CardMessage>),
    /// Cards beside each other.
    Carousel(Box<CarouselMessage>),
    /// A text with choices.
    Choice(Box<ChoiceMessage>),
    /// A place.
    Location(Box<LocationMessage>),
    /// A template.
    Template(Box<TemplateMessage>),
    /// A list to choose from.
    List(Box<ListMessage>),
    /// A visiting card.
    ContactInfo(Box<ContactInfoMessage>),
}

one_of!(AppMessageContent {
    Text: "text_message",
    Media: "media_message",
    Card: "card_message",
    Carousel: "carousel_message",
    Choice: "choice_message",
    Location: "location_message",
    Template: "template_message",
    List: "list_message",
    ContactInfo: "contact_info_message",
});

/// What a message says on one channel instead.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OmniMessageOverrideContent {
    /// A text.
    Text(Box<TextMessage>),
    /// A picture, a sound, a film or a file.
    Media(Box<MediaMessage>),
    /// A card.
    Card(Box<CardMessage>),
    /// Cards beside each other.
    Carousel(Box<CarouselMessage>),
    /// A text with choices.
    Choice(Box<ChoiceMessage>),
    /// A place.
    Location(Box<LocationMessage>),
    /// A template.
    TemplateReference(Box<TemplateReference>),
    /// A list to choose from.
    List(Box<ListMessage>),
    /// A visiting card.
    ContactInfo(Box<ContactInfoMessage>),
}

one_of!(OmniMessageOverrideContent {
    Text: "text_message",
    Media: "media_message",
    Card: "card_message",
    Carousel: "carousel_message",
    Choice: "choice_message",
    Location: "location_message",
    TemplateReference: "template_reference",
    List: "list_message",
    ContactInfo: "contact_info_message",
});

/// What choosing something does.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ChoiceContent {
    /// Calls a number.
    Call(Box<CallMessage>),
    /// Shows a place.
    Location(Box<LocationMessage>),
    /// Sends a text.
    Text(Box<TextMessage>),
    /// Opens a page.
    Url(Box<UrlMessage>),
    /// Writes an event into a calendar.
    Calendar(Box<CalendarMessage>),
    /// Asks where the contact is.
    ShareLocation(Box<ShareLocationMessage>),
}

one_of!(ChoiceContent {
    Call: "call_message",
    Location: "location_message",
    Text: "text_message",
    Url: "url_message",
    Calendar: "calendar_message",
    ShareLocation: "share_location_message",
});

/// What can be chosen from a list.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ListItemContent {
    /// A choice.
    Choice(Box<ChoiceItem>),
    /// A product.
    Product(Box<ProductItem>),
}

one_of!(ListItemContent {
    Choice: "choice",
    Product: "product",
});

/// What only one channel has, by its `message_type`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ChannelSpecificMessage {
    /// A flow on WhatsApp.
    Flows(Box<WhatsAppFlowMessage>),
    /// An order to be paid on WhatsApp.
    OrderDetails(Box<WhatsAppOrderDetailsMessage>),
    /// How far an order on WhatsApp is.
    OrderStatus(Box<WhatsAppOrderStatusMessage>),
    /// An offer on KakaoTalk.
    Commerce(Box<KakaoTalkCommerceMessage>),
    /// Offers beside each other on KakaoTalk.
    CarouselCommerce(Box<KakaoTalkCarouselMessage>),
    /// A template on LINE.
    NotificationMessageTemplate(Box<LineTemplateMessage>),
    /// One that is not described, as it was.
    Unlisted(Object),
}

union!(ChannelSpecificMessage by "message_type" {
    Flows: "FLOWS",
    OrderDetails: "ORDER_DETAILS",
    OrderStatus: "ORDER_STATUS",
    Commerce: "COMMERCE",
    CarouselCommerce: "CAROUSEL_COMMERCE",
    NotificationMessageTemplate: "NOTIFICATION_MESSAGE_TEMPLATE",
});

/// What stands above an interactive message on WhatsApp, by its `type`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WhatsAppHeader {
    /// A text.
    Text(Box<WhatsAppText>),
    /// A picture.
    Image(Box<WhatsAppImageHeader>),
    /// A file.
    Document(Box<WhatsAppDocumentHeader>),
    /// A film.
    Video(Box<WhatsAppVideoHeader>),
    /// One that is not described, as it was.
    Unlisted(Object),
}

union!(WhatsAppHeader by "type" {
    Text: "text",
    Image: "image",
    Document: "document",
    Video: "video",
});

/// A button to pay by, by its `type`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OrderPaymentButton {
    /// Pix.
    PixDynamicCode(Box<DynamicPix>),
    /// A page.
    PaymentLink(Box<PaymentLink>),
    /// A boleto.
    Boleto(Box<Boleto>),
    /// One that is not described, as it was.
    Unlisted(Object),
}

union!(OrderPaymentButton by "type" {
    PixDynamicCode: "pix_dynamic_code",
    PaymentLink: "payment_link",
    Boleto: "boleto",
});

/// A price on KakaoTalk, by its `type`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KakaoTalkPrice {
    /// The regular price.
    RegularPriceCommerce(Box<KakaoTalkRegularPrice>),
    /// A price less a sum.
    FixedDiscountCommerce(Box<KakaoTalkFixedDiscountPrice>),
    /// A price less a share.
    PercentageDiscountCommerce(Box<KakaoTalkPercentageDiscountPrice>),
    /// One that is not described, as it was.
    Unlisted(Object),
}

union!(KakaoTalkPrice by "type" {
    RegularPriceCommerce: "REGULAR_PRICE_COMMERCE",
    FixedDiscountCommerce: "FIXED_DISCOUNT_COMMERCE",
    PercentageDiscountCommerce: "PERCENTAGE_DISCOUNT_COMMERCE",
});

/// A button on KakaoTalk, by its `type`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KakaoTalkButton {
    /// Opens a page.
    Wl(Box<KakaoTalkWebLink>),
    /// Opens an app.
    Al(Box<KakaoTalkAppLink>),
    /// Sends a keyword.
    Bk(Box<KakaoTalkBotKeyword>),
    /// One that is not described, as it was.
    Unlisted(Object),
}

union!(KakaoTalkButton by "type" {
    Wl: "WL",
    Al: "AL",
    Bk: "BK",
});

/// A coupon on KakaoTalk, by its `type`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KakaoTalkCoupon {
    /// A sum less.
    FixedDiscountCoupon(Box<KakaoTalkCouponDetails>),
    /// A share less.
    PercentageDiscountCoupon(Box<KakaoTalkCouponDetails>),
    /// Cheaper shipping.
    ShippingDiscountCoupon(Box<KakaoTalkCouponDetails>),
    /// Something for nothing.
    FreeCoupon(Box<KakaoTalkCouponDetails>),
    /// More for the same.
    UpCoupon(Box<KakaoTalkCouponDetails>),
    /// One that is not described, as it was.
    Unlisted(Object),
}

union!(KakaoTalkCoupon by "type" {
    FixedDiscountCoupon: "FIXED_DISCOUNT_COUPON",
    PercentageDiscountCoupon: "PERCENTAGE_DISCOUNT_COUPON",
    ShippingDiscountCoupon: "SHIPPING_DISCOUNT_COUPON",
    FreeCoupon: "FREE_COUPON",
    UpCoupon: "UP_COUPON",
});

/// What a message is that only one channel has.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ContactChannelSpecificType {
    /// `nfm_reply`. The answer to a WhatsApp flow.
    NfmReply,
    /// One that is not listed.
    Unlisted(Unlisted),
}

open!(ContactChannelSpecificType {
    NfmReply: "nfm_reply",
});

/// A kind of WhatsApp flow.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WhatsAppFlowName {
    /// `flow`. A flow of the app's own.
    Flow,
    /// `address_message`. The question for an address.
    AddressMessage,
    /// One that is not listed.
    Unlisted(Unlisted),
}

open!(WhatsAppFlowName {
    Flow: "flow",
    AddressMessage: "address_message",
});

/// Who writes for an app.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AgentType {
    /// `UNKNOWN_AGENT_TYPE`. Not said.
    UnknownAgentType,
    /// `HUMAN`. A person.
    Human,
    /// `BOT`. A program.
    Bot,
    /// One that is not listed.
    Unlisted(Unlisted),
}

open!(AgentType {
    UnknownAgentType: "UNKNOWN_AGENT_TYPE",
    Human: "HUMAN",
    Bot: "BOT",
});

/// How high a card is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CardHeight {
    /// `UNSPECIFIED_HEIGHT`. Not said.
    UnspecifiedHeight,
    /// `SHORT`.
    Short,
    /// `MEDIUM`.
    Medium,
    /// `TALL`.
    Tall,
    /// One that is not listed.
    Unlisted(Unlisted),
}

open!(CardHeight {
    UnspecifiedHeight: "UNSPECIFIED_HEIGHT",
    Short: "SHORT",
    Medium: "MEDIUM",
    Tall: "TALL",
});

/// Whether a flow is published.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WhatsAppFlowMode {
    /// `draft`. It is not.
    Draft,
    /// `published`. It is.
    Published,
    /// One that is not listed.
    Unlisted(Unlisted),
}

open!(WhatsAppFlowMode {
    Draft: "draft",
    Published: "published",
});

/// What a flow's button does.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WhatsAppFlowAction {
    /// `navigate`. Opens a screen.
    Navigate,
    /// `data_exchange`. Asks the app.
    DataExchange,
    /// One that is not listed.
    Unlisted(Unlisted),
}

open!(WhatsAppFlowAction {
    Navigate: "navigate",
    DataExchange: "data_exchange",
});

/// By which country's rules an order is paid.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OrderPaymentType {
    /// `br`. Brazil's.
    Br,
    /// `sg`. Singapore's.
    Sg,
    /// One that is not listed.
    Unlisted(Unlisted),
}

open!(OrderPaymentType { Br: "br", Sg: "sg" });

/// What kind of goods an order is about.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OrderGoods {
    /// `digital-goods`.
    DigitalGoods,
    /// `physical-goods`.
    PhysicalGoods,
    /// One that is not listed.
    Unlisted(Unlisted),
}

open!(OrderGoods {
    DigitalGoods: "digital-goods",
    PhysicalGoods: "physical-goods",
});

/// What a key of Pix is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PixKeyType {
    /// `CPF`.
    Cpf,
    /// `CNPJ`.
    Cnpj,
    /// `EMAIL`.
    Email,
    /// `PHONE`.
    Phone,
    /// `EVP`.
    Evp,
    /// One that is not listed.
    Unlisted(Unlisted),
}

open!(PixKeyType {
    Cpf: "CPF",
    Cnpj: "CNPJ",
    Email: "EMAIL",
    Phone: "PHONE",
    Evp: "EVP",
});

/// How far an order is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OrderStatus {
    /// `pending`.
    Pending,
    /// `processing`.
    Processing,
    /// `partially-shipped`.
    PartiallyShipped,
    /// `shipped`.
    Shipped,
    /// `completed`.
    Completed,
    /// `canceled`.
    Canceled,
    /// One that is not listed.
    Unlisted(Unlisted),
}

open!(OrderStatus {
    Pending: "pending",
    Processing: "processing",
    PartiallyShipped: "partially-shipped",
    Shipped: "shipped",
    Completed: "completed",
    Canceled: "canceled",
});
