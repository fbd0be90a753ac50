// Sinch's callbacks as types, and what tells them apart. Made by scripts/make-events from events/types; not to be edited.

/** Any JSON. */
export type Json = null | boolean | number | string | Json[] | JsonObject;

/** Any object of JSON. */
export interface JsonObject {
  [key: string]: Json;
}

/** A text that is mostly one of those that are listed. */
export type Open<T extends string> = T | (string & {});

/** An object that has exactly one of several members. */
export type OneOf<T> = {
  [K in keyof T]: { [P in K]: T[P] } & { [P in Exclude<keyof T, K>]?: never };
}[keyof T];

/** Why something failed. */
export interface Reason {
  /** The reason. */
  code?: ReasonCode;
  /** For people. */
  description?: string;
  /** The reason in more detail. */
  sub_code?: ReasonSubCode;
  /** The channel's own code. */
  channel_code?: string;
}

/** Why something failed. What it means for a delivery, `sinch-callback` knows. */
export type ReasonCode = Open<
  | "UNKNOWN"
  | "INTERNAL_ERROR"
  | "RATE_LIMITED"
  | "RECIPIENT_INVALID_CHANNEL_IDENTITY"
  | "RECIPIENT_NOT_REACHABLE"
  | "RECIPIENT_NOT_OPTED_IN"
  | "OUTSIDE_ALLOWED_SENDING_WINDOW"
  | "CHANNEL_FAILURE"
  | "CHANNEL_BAD_CONFIGURATION"
  | "CHANNEL_CONFIGURATION_MISSING"
  | "MEDIA_TYPE_UNSUPPORTED"
  | "MEDIA_TOO_LARGE"
  | "MEDIA_NOT_REACHABLE"
  | "NO_CHANNELS_LEFT"
  | "TEMPLATE_NOT_FOUND"
  | "TEMPLATE_INSUFFICIENT_PARAMETERS"
  | "TEMPLATE_NON_EXISTING_LANGUAGE_OR_VERSION"
  | "DELIVERY_TIMED_OUT"
  | "DELIVERY_REJECTED_DUE_TO_POLICY"
  | "CONTACT_NOT_FOUND"
  | "BAD_REQUEST"
  | "UNKNOWN_APP"
  | "NO_CHANNEL_IDENTITY_FOR_CONTACT"
  | "CHANNEL_REJECT"
  | "NO_PERMISSION"
  | "NO_PROFILE_AVAILABLE"
  | "UNSUPPORTED_OPERATION"
  | "INACTIVE_CREDENTIAL"
  | "MESSAGE_EXPIRED"
  | "MESSAGE_SPLIT_REQUIRED"
  | "DELIVERY_REPORT_TIME_OUT"
  | "UNSUPPORTED_CONTENT"
  | "REJECTED_BY_CHANNEL"
>;

/** Why something failed, in more detail. */
export type ReasonSubCode = Open<
  | "UNSPECIFIED_SUB_CODE"
  | "ATTACHMENT_REJECTED"
  | "MEDIA_TYPE_UNDETERMINED"
  | "INACTIVE_SENDER"
  | "UNDELIVERABLE_DESTINATION"
  | "CHANNEL_POLICY_VIOLATION"
>;

/** What a contact's message says. */
export type ContactMessage = {
  /** The message that it answers. */
  reply_to?: ReplyTo;
} & ContactMessageContent;

/** The message that another answers. */
export interface ReplyTo {
  /** The message. */
  message_id?: string;
}

/** A text. */
export interface TextMessage {
  /** The text. */
  text?: string;
}

/** A picture, a sound, a film or a file. */
export interface MediaMessage {
  /** Where a small picture of it can be fetched. */
  thumbnail_url?: string;
  /** Where it can be fetched. */
  url?: string;
  /** The name of the file. */
  filename_override?: string;
}

/** A medium with a caption. */
export interface MediaCardMessage {
  /** The caption. */
  caption?: string;
  /** Where the medium can be fetched. */
  url?: string;
}

/** A place. */
export interface LocationMessage {
  /** Where it is. */
  coordinates?: Coordinates;
  /** Its name. */
  label?: string;
  /** The title of the message. */
  title?: string;
}

/** Where a place is. */
export interface Coordinates {
  /** Degrees north. */
  latitude?: number;
  /** Degrees east. */
  longitude?: number;
}

/** The choice among those that the app gave. */
export interface ChoiceResponseMessage {
  /** The message that gave the choice. */
  message_id?: string;
  /** What the app gave the choice to come back with. */
  postback_data?: string;
}

/** An order of products. */
export interface ProductResponseMessage {
  /** The products. */
  products?: ProductItem[];
  /** What the contact wrote to it. */
  text?: string;
  /** The same, as Java's SDK spells it. */
  title?: string;
  /** The catalog. */
  catalog_id?: string;
}

/** A product and how many of it. */
export interface ProductItem {
  /** The product. */
  id?: string;
  /** Where it is sold. */
  marketplace?: string;
  /** How many. */
  quantity?: number;
  /** The price of one. */
  item_price?: number;
  /** The currency, by its ISO 4217 code. */
  currency?: string;
}

/** What the Conversation API has no type for. */
export interface FallbackMessage {
  /** What the channel told. */
  raw_message?: string;
  /** Why it was not understood. */
  reason?: Reason;
}

/** What only one channel has. */
export interface ContactChannelSpecificMessage {
  /** What it is. */
  message_type?: ContactChannelSpecificType;
  /** What it says. */
  message?: WhatsAppReply;
}

/** An answer on WhatsApp. */
export interface WhatsAppReply {
  /** What it answers. */
  type?: ContactChannelSpecificType;
  /** The answer to a flow. */
  nfm_reply?: WhatsAppFlowReply;
}

/** The answer to a WhatsApp flow. */
export interface WhatsAppFlowReply {
  /** Which kind of flow it was. */
  name?: WhatsAppFlowName;
  /** What was entered; JSON in a text. */
  response_json?: string;
  /** What the contact sees of it. */
  body?: string;
}

/** What an app's message says. */
export type AppMessage = {
  /** What it says on a channel instead, in that channel's own form. */
  explicit_channel_message?: Record<string, string>;
  /** What it says on a channel instead. */
  explicit_channel_omni_message?: Record<string, OmniMessageOverride>;
  /** What only one channel has, by channel. */
  channel_specific_message?: Record<string, ChannelSpecificMessage>;
  /** Who writes for the app. */
  agent?: Agent;
} & AppMessageContent;

/** What a message says on one channel instead. */
export type OmniMessageOverride = {
} & OmniMessageOverrideContent;

/** Who writes for an app. */
export interface Agent {
  /** Their name. */
  display_name?: string;
  /** Who they are. */
  type?: AgentType;
  /** Where their picture can be fetched. */
  picture_url?: string;
}

/** A card. */
export interface CardMessage {
  /** What can be chosen. */
  choices?: Choice[];
  /** Its text. */
  description?: string;
  /** How high it is. */
  height?: CardHeight;
  /** Its picture. */
  media_message?: MediaMessage;
  /** Its title. */
  title?: string;
  /** What single channels show besides. */
  message_properties?: CardProperties;
}

/** What single channels show on a card. */
export interface CardProperties {
  /** The header on WhatsApp. */
  whatsapp_header?: string;
}

/** Cards beside each other. */
export interface CarouselMessage {
  /** The cards. */
  cards?: CardMessage[];
  /** What can be chosen besides. */
  choices?: Choice[];
}

/** A text with choices. */
export interface ChoiceMessage {
  /** What can be chosen. */
  choices?: Choice[];
  /** The text. */
  text_message?: TextMessage;
  /** What single channels show besides. */
  message_properties?: ChoiceProperties;
}

/** What single channels show beside choices. */
export interface ChoiceProperties {
  /** The footer on WhatsApp. */
  whatsapp_footer?: string;
}

/** Something that can be chosen. */
export type Choice = {
  /** What comes back where it is chosen. */
  postback_data?: string;
} & ChoiceContent;

/** A number to call. */
export interface CallMessage {
  /** The number. */
  phone_number?: string;
  /** What the choice says. */
  title?: string;
}

/** A page to open. */
export interface UrlMessage {
  /** What the choice says. */
  title?: string;
  /** The page. */
  url?: string;
}

/** An event to write into a calendar. */
export interface CalendarMessage {
  /** What the choice says. */
  title?: string;
  /** When the event begins. */
  event_start?: string;
  /** When it ends. */
  event_end?: string;
  /** Its title. */
  event_title?: string;
  /** Its description. */
  event_description?: string;
  /** A page for devices that cannot. */
  fallback_url?: string;
}

/** The question where the contact is. */
export interface ShareLocationMessage {
  /** What the choice says. */
  title?: string;
  /** A page for devices that cannot. */
  fallback_url?: string;
}

/** A template. */
export interface TemplateMessage {
  /** A channel's own template, by channel. */
  channel_template?: Record<string, TemplateReference>;
  /** A template for all channels. */
  omni_template?: TemplateReference;
}

/** Which template, and what is put into it. */
export interface TemplateReference {
  /** Its language. */
  language_code?: string;
  /** What is put into it, by name. */
  parameters?: Record<string, string>;
  /** The template. */
  template_id?: string;
  /** Its version. */
  version?: string;
}

/** A list to choose from. */
export interface ListMessage {
  /** Its title. */
  title?: string;
  /** Its text. */
  description?: string;
  /** Its picture. */
  media?: MediaMessage;
  /** Its parts. */
  sections?: ListSection[];
  /** What single channels show besides. */
  message_properties?: ListProperties;
}

/** What single channels show beside a list. */
export interface ListProperties {
  /** The catalog of the products. */
  catalog_id?: string;
  /** What the button says that opens it. */
  menu?: string;
  /** The header on WhatsApp. */
  whatsapp_header?: string;
}

/** A part of a list. */
export interface ListSection {
  /** Its title. */
  title?: string;
  /** What can be chosen. */
  items?: ListItem[];
}

/** Something that can be chosen from a list. */
export type ListItem = {
} & ListItemContent;

/** A choice in a list. */
export interface ChoiceItem {
  /** Its title. */
  title?: string;
  /** Its text. */
  description?: string;
  /** Its picture. */
  media?: MediaMessage;
  /** What comes back where it is chosen. */
  postback_data?: string;
}

/** A visiting card. */
export interface ContactInfoMessage {
  /** The name. */
  name?: NameInfo;
  /** The phone numbers. */
  phone_numbers?: PhoneNumberInfo[];
  /** The addresses. */
  addresses?: AddressInfo[];
  /** The e-mail addresses. */
  email_addresses?: EmailInfo[];
  /** Where they work. */
  organization?: OrganizationInfo;
  /** The pages. */
  urls?: UrlInfo[];
  /** The birthday, as year, month and day. */
  birthday?: string;
}

/** A person's name. */
export interface NameInfo {
  /** The name. */
  full_name?: string;
  /** The first name. */
  first_name?: string;
  /** The last name. */
  last_name?: string;
  /** The middle name. */
  middle_name?: string;
  /** What stands in front of it, such as a title. */
  prefix?: string;
  /** What stands behind it. */
  suffix?: string;
}

/** A phone number. */
export interface PhoneNumberInfo {
  /** The number. */
  phone_number?: string;
  /** Which it is, such as `home`. */
  type?: string;
}

/** An address. */
export interface AddressInfo {
  /** The city. */
  city?: string;
  /** The country. */
  country?: string;
  /** The state or region. */
  state?: string;
  /** The postal code. */
  zip?: string;
  /** Which it is, such as `home`. */
  type?: string;
  /** The country, by its ISO 3166 code. */
  country_code?: string;
}

/** An e-mail address. */
export interface EmailInfo {
  /** The address. */
  email_address?: string;
  /** Which it is, such as `home`. */
  type?: string;
}

/** Where somebody works. */
export interface OrganizationInfo {
  /** The company. */
  company?: string;
  /** The department. */
  department?: string;
  /** Their position. */
  title?: string;
}

/** A page about somebody. */
export interface UrlInfo {
  /** The page. */
  url?: string;
  /** Which it is, such as `company`. */
  type?: string;
}

/** A flow on WhatsApp. */
export interface WhatsAppFlowMessage {
  /** The flow. */
  message?: WhatsAppFlow;
}

/** A flow on WhatsApp. */
export interface WhatsAppFlow {
  /** What stands above it. */
  header?: WhatsAppHeader;
  /** Its text. */
  body?: WhatsAppText;
  /** What stands below it. */
  footer?: WhatsAppText;
  /** The flow. */
  flow_id?: string;
  /** What it comes back with. */
  flow_token?: string;
  /** Whether it is published. */
  flow_mode?: WhatsAppFlowMode;
  /** What its button says. */
  flow_cta?: string;
  /** What its button does. */
  flow_action?: WhatsAppFlowAction;
  /** What its button does it with. */
  flow_action_payload?: WhatsAppFlowActionPayload;
}

/** What a flow's button does its work with. */
export interface WhatsAppFlowActionPayload {
  /** The screen. */
  screen?: string;
  /** What it is given. */
  data?: Json;
}

/** A text of an interactive message. */
export interface WhatsAppText {
  /** The text. */
  text?: string;
}

/** A picture above an interactive message. */
export interface WhatsAppImageHeader {
  /** The picture. */
  image?: WhatsAppMedia;
}

/** A file above an interactive message. */
export interface WhatsAppDocumentHeader {
  /** The file. */
  document?: WhatsAppMedia;
}

/** A film above an interactive message. */
export interface WhatsAppVideoHeader {
  /** The film. */
  video?: WhatsAppMedia;
}

/** Where a medium of an interactive message can be fetched. */
export interface WhatsAppMedia {
  /** The address. */
  link?: string;
}

/** An order to be paid on WhatsApp. */
export interface WhatsAppOrderDetailsMessage {
  /** The order. */
  message?: WhatsAppOrderDetails;
}

/** An order to be paid on WhatsApp. */
export interface WhatsAppOrderDetails {
  /** What stands above it. */
  header?: WhatsAppHeader;
  /** Its text. */
  body?: WhatsAppText;
  /** What stands below it. */
  footer?: WhatsAppText;
  /** How it is paid. */
  payment?: OrderPayment;
}

/** How an order is paid. */
export interface OrderPayment {
  /** By which country's rules. */
  type?: OrderPaymentType;
  /** The order. */
  reference_id?: string;
  /** What is bought. */
  type_of_goods?: OrderGoods;
  /** How it can be paid. */
  payment_settings?: OrderPaymentSettings;
  /** The buttons to pay by. */
  payment_buttons?: OrderPaymentButton[];
  /** What it costs, in hundredths. */
  total_amount_value?: number;
  /** What is bought. */
  order?: Order;
}

/** How an order can be paid. */
export interface OrderPaymentSettings {
  /** By Pix. Without a `type` here in some SDKs. */
  dynamic_pix?: DynamicPix;
}

/** A payment by Pix. */
export interface DynamicPix {
  /** `pix_dynamic_code`, where it does not stand in a button. */
  type?: string;
  /** The code. */
  code?: string;
  /** Who is paid. */
  merchant_name?: string;
  /** The key of who is paid. */
  key?: string;
  /** What the key is. */
  key_type?: PixKeyType;
}

/** A page to pay on. */
export interface PaymentLink {
  /** The page. */
  uri?: string;
}

/** A boleto to pay. */
export interface Boleto {
  /** Its digits. */
  digitable_line?: string;
}

/** What is bought. Amounts are in hundredths. */
export interface Order {
  /** The catalog. */
  catalog_id?: string;
  /** Until when it can be paid. */
  expiration_time?: string;
  /** The same, for people. */
  expiration_description?: string;
  /** The sum of the items. */
  subtotal_value?: number;
  /** The tax. */
  tax_value?: number;
  /** The tax, for people. */
  tax_description?: string;
  /** What shipping costs. */
  shipping_value?: number;
  /** The shipping, for people. */
  shipping_description?: string;
  /** The discount. */
  discount_value?: number;
  /** The discount, for people. */
  discount_description?: string;
  /** The program that gives the discount. */
  discount_program_name?: string;
  /** The items. */
  items?: OrderItem[];
}

/** An item of an order. Amounts are in hundredths. */
export interface OrderItem {
  /** The item. */
  retailer_id?: string;
  /** Its name. */
  name?: string;
  /** The price of one. */
  amount_value?: number;
  /** How many. */
  quantity?: number;
  /** The price of one on sale. */
  sale_amount_value?: number;
}

/** How far an order on WhatsApp is. */
export interface WhatsAppOrderStatusMessage {
  /** How far it is. */
  message?: WhatsAppOrderStatus;
}

/** How far an order on WhatsApp is. */
export interface WhatsAppOrderStatus {
  /** What stands above it. */
  header?: WhatsAppHeader;
  /** Its text. */
  body?: WhatsAppText;
  /** What stands below it. */
  footer?: WhatsAppText;
  /** The order. */
  payment?: OrderStatusPayment;
}

/** An order and how far it is. */
export interface OrderStatusPayment {
  /** The order. */
  reference_id?: string;
  /** How far it is. */
  order?: OrderProgress;
}

/** How far an order is. */
export interface OrderProgress {
  /** How far it is. */
  status?: OrderStatus;
  /** The same, for people. */
  description?: string;
}

/** An offer on KakaoTalk. */
export interface KakaoTalkCommerceMessage {
  /** The offer. */
  message?: KakaoTalkOffer;
}

/** An offer on KakaoTalk. */
export interface KakaoTalkOffer {
  /** Whether the device rings. */
  push_alarm?: boolean;
  /** Whether it is for adults only. */
  adult?: boolean;
  /** Its text. */
  additional_content?: string;
  /** Its picture. */
  image?: KakaoTalkImage;
  /** Its price. */
  commerce?: KakaoTalkPrice;
  /** Its buttons. */
  buttons?: KakaoTalkButton[];
  /** Its coupon. */
  coupon?: KakaoTalkCoupon;
}

/** A picture on KakaoTalk. */
export interface KakaoTalkImage {
  /** Where it can be fetched. */
  image_url?: string;
  /** What it opens. */
  image_link?: string;
}

/** A regular price. */
export interface KakaoTalkRegularPrice {
  /** The product. */
  title?: string;
  /** The price. */
  regular_price?: number;
}

/** A price less a sum. */
export interface KakaoTalkFixedDiscountPrice {
  /** The product. */
  title?: string;
  /** The price without the discount. */
  regular_price?: number;
  /** The price with it. */
  discount_price?: number;
  /** The discount. */
  discount_fixed?: number;
}

/** A price less a share. */
export interface KakaoTalkPercentageDiscountPrice {
  /** The product. */
  title?: string;
  /** The price without the discount. */
  regular_price?: number;
  /** The price with it. */
  discount_price?: number;
  /** The discount in percent. */
  discount_rate?: number;
}

/** A button that opens a page. */
export interface KakaoTalkWebLink {
  /** What it says. */
  name?: string;
  /** The page on a phone. */
  link_mo?: string;
  /** The page on a computer. */
  link_pc?: string;
}

/** A button that opens an app. */
export interface KakaoTalkAppLink {
  /** What it says. */
  name?: string;
  /** The app's link on iOS. */
  scheme_ios?: string;
  /** The app's link on Android. */
  scheme_android?: string;
}

/** A button that sends a keyword. */
export interface KakaoTalkBotKeyword {
  /** What it says and sends. */
  name?: string;
}

/** What a coupon on KakaoTalk gives. */
export interface KakaoTalkCouponDetails {
  /** What it is for; of free and upgrade coupons. */
  title?: string;
  /** The discount; of fixed discounts. */
  discount_fixed?: number;
  /** The discount in percent; of percentages. */
  discount_rate?: number;
  /** Its text. */
  description?: string;
  /** The page on a phone. */
  link_mo?: string;
  /** The page on a computer. */
  link_pc?: string;
  /** The app's link on Android. */
  scheme_android?: string;
  /** The app's link on iOS. */
  scheme_ios?: string;
}

/** Offers beside each other on KakaoTalk. */
export interface KakaoTalkCarouselMessage {
  /** The offers. */
  message?: KakaoTalkCarouselOffers;
}

/** Offers beside each other on KakaoTalk. */
export interface KakaoTalkCarouselOffers {
  /** Whether the device rings. */
  push_alarm?: boolean;
  /** Whether they are for adults only. */
  adult?: boolean;
  /** The offers. */
  carousel?: KakaoTalkCarousel;
}

/** The offers of a carousel, and what stands around them. */
export interface KakaoTalkCarousel {
  /** What stands in front of them. */
  head?: KakaoTalkCarouselHead;
  /** The offers. */
  list?: KakaoTalkOffer[];
  /** What stands behind them. */
  tail?: KakaoTalkCarouselTail;
}

/** What stands in front of a carousel. */
export interface KakaoTalkCarouselHead {
  /** Its title. */
  header?: string;
  /** Its text. */
  content?: string;
  /** Its picture. */
  image_url?: string;
  /** The page on a phone. */
  link_mo?: string;
  /** The page on a computer. */
  link_pc?: string;
  /** The app's link on iOS. */
  scheme_ios?: string;
  /** The app's link on Android. */
  scheme_android?: string;
}

/** What stands behind a carousel. */
export interface KakaoTalkCarouselTail {
  /** The page on a phone. */
  link_mo?: string;
  /** The page on a computer. */
  link_pc?: string;
  /** The app's link on iOS. */
  scheme_ios?: string;
  /** The app's link on Android. */
  scheme_android?: string;
}

/** A template on LINE. */
export interface LineTemplateMessage {
  /** The template. */
  message?: LineTemplate;
}

/** A template on LINE, and what is put into it. */
export interface LineTemplate {
  /** The template. */
  template_key?: string;
  /** What is put into it. */
  body?: LineTemplateBody;
}

/** What is put into a template on LINE. */
export interface LineTemplateBody {
  /** The item that stands out. */
  emphasized_item?: LineTemplateItem;
  /** The items. */
  items?: LineTemplateItem[];
  /** The buttons. */
  buttons?: LineTemplateButton[];
}

/** An item of a template on LINE. */
export interface LineTemplateItem {
  /** The item. */
  item_key?: string;
  /** What it says. */
  content?: string;
}

/** A button of a template on LINE. */
export interface LineTemplateButton {
  /** The button. */
  button_key?: string;
  /** What it opens. */
  url?: string;
}

/** What a contact's message says. */
export type ContactMessageContent = OneOf<{
  /** A text. */
  text_message: TextMessage;
  /** A picture, a sound, a film or a file. */
  media_message: MediaMessage;
  /** A place. */
  location_message: LocationMessage;
  /** The choice among those that the app gave. */
  choice_response_message: ChoiceResponseMessage;
  /** A medium with a caption. */
  media_card_message: MediaCardMessage;
  /** An order of products. */
  product_response_message: ProductResponseMessage;
  /** What the Conversation API has no type for. */
  fallback_message: FallbackMessage;
  /** What only one channel has. */
  channel_specific_message: ContactChannelSpecificMessage;
}>;

/** What an app's message says. */
export type AppMessageContent = OneOf<{
  /** A text. */
  text_message: TextMessage;
  /** A picture, a sound, a film or a file. */
  media_message: MediaMessage;
  /** A card. */
  card_message: CardMessage;
  /** Cards beside each other. */
  carousel_message: CarouselMessage;
  /** A text with choices. */
  choice_message: ChoiceMessage;
  /** A place. */
  location_message: LocationMessage;
  /** A template. */
  template_message: TemplateMessage;
  /** A list to choose from. */
  list_message: ListMessage;
  /** A visiting card. */
  contact_info_message: ContactInfoMessage;
}>;

/** What a message says on one channel instead. */
export type OmniMessageOverrideContent = OneOf<{
  /** A text. */
  text_message: TextMessage;
  /** A picture, a sound, a film or a file. */
  media_message: MediaMessage;
  /** A card. */
  card_message: CardMessage;
  /** Cards beside each other. */
  carousel_message: CarouselMessage;
  /** A text with choices. */
  choice_message: ChoiceMessage;
  /** A place. */
  location_message: LocationMessage;
  /** A template. */
  template_reference: TemplateReference;
  /** A list to choose from. */
  list_message: ListMessage;
  /** A visiting card. */
  contact_info_message: ContactInfoMessage;
}>;

/** What choosing something does. */
export type ChoiceContent = OneOf<{
  /** Calls a number. */
  call_message: CallMessage;
  /** Shows a place. */
  location_message: LocationMessage;
  /** Sends a text. */
  text_message: TextMessage;
  /** Opens a page. */
  url_message: UrlMessage;
  /** Writes an event into a calendar. */
  calendar_message: CalendarMessage;
  /** Asks where the contact is. */
  share_location_message: ShareLocationMessage;
}>;

/** What can be chosen from a list. */
export type ListItemContent = OneOf<{
  /** A choice. */
  choice: ChoiceItem;
  /** A product. */
  product: ProductItem;
}>;

/** What only one channel has, by its `message_type`. */
export type ChannelSpecificMessage =
  | ({ message_type: "FLOWS" } & WhatsAppFlowMessage)
  | ({ message_type: "ORDER_DETAILS" } & WhatsAppOrderDetailsMessage)
  | ({ message_type: "ORDER_STATUS" } & WhatsAppOrderStatusMessage)
  | ({ message_type: "COMMERCE" } & KakaoTalkCommerceMessage)
  | ({ message_type: "CAROUSEL_COMMERCE" } & KakaoTalkCarouselMessage)
  | ({ message_type: "NOTIFICATION_MESSAGE_TEMPLATE" } & LineTemplateMessage);

/** What stands above an interactive message on WhatsApp, by its `type`. */
export type WhatsAppHeader =
  | ({ type: "text" } & WhatsAppText)
  | ({ type: "image" } & WhatsAppImageHeader)
  | ({ type: "document" } & WhatsAppDocumentHeader)
  | ({ type: "video" } & WhatsAppVideoHeader);

/** A button to pay by, by its `type`. */
export type OrderPaymentButton =
  | ({ type: "pix_dynamic_code" } & DynamicPix)
  | ({ type: "payment_link" } & PaymentLink)
  | ({ type: "boleto" } & Boleto);

/** A price on KakaoTalk, by its `type`. */
export type KakaoTalkPrice =
  | ({ type: "REGULAR_PRICE_COMMERCE" } & KakaoTalkRegularPrice)
  | ({ type: "FIXED_DISCOUNT_COMMERCE" } & KakaoTalkFixedDiscountPrice)
  | ({ type: "PERCENTAGE_DISCOUNT_COMMERCE" } & KakaoTalkPercentageDiscountPrice);

/** A button on KakaoTalk, by its `type`. */
export type KakaoTalkButton =
  | ({ type: "WL" } & KakaoTalkWebLink)
  | ({ type: "AL" } & KakaoTalkAppLink)
  | ({ type: "BK" } & KakaoTalkBotKeyword);

/** A coupon on KakaoTalk, by its `type`. */
export type KakaoTalkCoupon =
  | ({ type: "FIXED_DISCOUNT_COUPON" } & KakaoTalkCouponDetails)
  | ({ type: "PERCENTAGE_DISCOUNT_COUPON" } & KakaoTalkCouponDetails)
  | ({ type: "SHIPPING_DISCOUNT_COUPON" } & KakaoTalkCouponDetails)
  | ({ type: "FREE_COUPON" } & KakaoTalkCouponDetails)
  | ({ type: "UP_COUPON" } & KakaoTalkCouponDetails);

/** What a message is that only one channel has. */
export type ContactChannelSpecificType = Open<
  | "nfm_reply"
>;

/** A kind of WhatsApp flow. */
export type WhatsAppFlowName = Open<
  | "flow"
  | "address_message"
>;

/** Who writes for an app. */
export type AgentType = Open<
  | "UNKNOWN_AGENT_TYPE"
  | "HUMAN"
  | "BOT"
>;

/** How high a card is. */
export type CardHeight = Open<
  | "UNSPECIFIED_HEIGHT"
  | "SHORT"
  | "MEDIUM"
  | "TALL"
>;

/** Whether a flow is published. */
export type WhatsAppFlowMode = Open<
  | "draft"
  | "published"
>;

/** What a flow's button does. */
export type WhatsAppFlowAction = Open<
  | "navigate"
  | "data_exchange"
>;

/** By which country's rules an order is paid. */
export type OrderPaymentType = Open<
  | "br"
  | "sg"
>;

/** What kind of goods an order is about. */
export type OrderGoods = Open<
  | "digital-goods"
  | "physical-goods"
>;

/** What a key of Pix is. */
export type PixKeyType = Open<
  | "CPF"
  | "CNPJ"
  | "EMAIL"
  | "PHONE"
  | "EVP"
>;

/** How far an order is. */
export type OrderStatus = Open<
  | "pending"
  | "processing"
  | "partially-shipped"
  | "shipped"
  | "completed"
  | "canceled"
>;

/** A callback of the Conversation API: what all of them say, and the one thing that happened. */
export type ConversationCallback = {
  /** The app that has subscribed; empty for callbacks about contacts. */
  app_id?: string;
  /** The project of the app; may be empty. */
  project_id?: string;
  /** When the Conversation API accepted what the channel told. */
  accepted_time?: string;
  /** When it happened, as the channel tells. */
  event_time?: string;
  /** The metadata of the message that it is about. */
  message_metadata?: string;
  /** What the sender gave as `correlation_id`, up to 128 characters. */
  correlation_id?: string;
} & ConversationEvent;

/** What became of a message that the app sent. */
export interface MessageDeliveryReport {
  /** The message. */
  message_id?: string;
  /** Its conversation; empty in DISPATCH mode. */
  conversation_id?: string;
  /** What became of it. */
  status?: DeliveryStatus;
  /** To whom, on which channel. */
  channel_identity?: ChannelIdentity;
  /** Its recipient; empty in DISPATCH mode. */
  contact_id?: string;
  /** Why, where it failed or switches the channel. */
  reason?: Reason;
  /** What the sender gave as `message_metadata`, up to 1,024 characters. */
  metadata?: string;
  /** How the app processes messages. */
  processing_mode?: ProcessingMode;
}

/** What became of an event that the app sent. */
export interface EventDeliveryReport {
  /** The event. */
  event_id?: string;
  /** What became of it. */
  status?: DeliveryStatus;
  /** To whom, on which channel. */
  channel_identity?: ChannelIdentity;
  /** Its recipient; empty in DISPATCH mode. */
  contact_id?: string;
  /** Why, where it failed. */
  reason?: Reason;
  /** The metadata of the event. */
  metadata?: string;
  /** How the app processes messages. */
  processing_mode?: ProcessingMode;
}

/** A message of the app was handed to a channel. Nothing is said about its delivery yet. */
export interface MessageSubmitNotification {
  /** The message. */
  message_id?: string;
  /** Its conversation; empty in DISPATCH mode. */
  conversation_id?: string;
  /** To whom, on which channel. */
  channel_identity?: ChannelIdentity;
  /** Its recipient; empty in DISPATCH mode. */
  contact_id?: string;
  /** What was sent. An app's message, as Java and Python have it; Node's SDK says a contact's. */
  submitted_message?: AppMessage;
  /** What the sender gave as `message_metadata`. */
  metadata?: string;
  /** How the app processes messages. */
  processing_mode?: ProcessingMode;
}

/** A message from a contact. */
export interface InboundMessage {
  /** The message. */
  id?: string;
  /** Where it goes. */
  direction?: Direction;
  /** What it says. */
  contact_message?: ContactMessage;
  /** From whom, on which channel. */
  channel_identity?: ChannelIdentity;
  /** Its conversation; empty in DISPATCH mode. */
  conversation_id?: string;
  /** Its sender; empty in DISPATCH mode. */
  contact_id?: string;
  /** The metadata of the conversation. */
  metadata?: string;
  /** When the Conversation API accepted it. */
  accept_time?: string;
  /** The app's own number or name, to which it was sent. */
  sender_id?: string;
  /** How the app processes messages. */
  processing_mode?: ProcessingMode;
  /** Whether it was put into the conversation by a call of the API. */
  injected?: boolean;
}

/** Something that a contact did and that is no message. */
export type InboundEvent = {
  /** The event. */
  id?: string;
  /** Where it goes. */
  direction?: Direction;
  /** By whom, on which channel. */
  channel_identity?: ChannelIdentity;
  /** By whom; empty in DISPATCH mode. */
  contact_id?: string;
  /** Its conversation; empty in DISPATCH mode. */
  conversation_id?: string;
  /** When the Conversation API accepted it. */
  accept_time?: string;
  /** How the app processes messages. */
  processing_mode?: ProcessingMode;
} & InboundEventContent;

/** Something that a contact did in a conversation. */
export type ContactEvent = {
} & ContactEventContent;

/** A comment on a post of the app's page. */
export interface CommentEvent {
  /** The comment. */
  id?: string;
  /** What it says. */
  text?: string;
  /** What was commented on. */
  comment_type?: CommentType;
  /** The address of the post. */
  commented_on?: string;
  /** Who commented. */
  user?: string;
}

/** An event that has no type of its own. */
export interface GenericEvent {
  /** What the channel told. */
  payload?: Json;
}

/** Something that a contact did with a message. */
export type ContactMessageEvent = {
} & ContactMessageEventContent;

/** How far the payment of an order is. */
export interface PaymentStatusUpdateEvent {
  /** The order, by the reference that its message gave it. */
  reference_id?: string;
  /** How far the payment is. */
  payment_status?: PaymentStatus;
  /** How far its transaction is. */
  payment_transaction_status?: PaymentTransactionStatus;
  /** The transaction. */
  payment_transaction_id?: string;
}

/** A short link, or a button that holds one, was opened. */
export interface ShortLinkActivatedEvent {
  /** The payload of the button. */
  payload?: string;
  /** The title of the button. */
  title?: string;
  /** The link's own reference. */
  ref?: string;
  /** Where the link stood. */
  source?: string;
  /** The kind of the referral. */
  type?: string;
  /** Whether the contact had written before. */
  existing_thread?: boolean;
}

/** A reaction to a message. */
export interface ReactionEvent {
  /** The emoji. */
  emoji?: string;
  /** Whether it was put there or taken away. */
  action?: ReactionAction;
  /** The message that was reacted to. */
  message_id?: string;
  /** The channel's own word for the reaction. */
  reaction_category?: string;
}

/** A conversation that has begun, ended or been deleted. */
export interface ConversationNotification {
  /** The conversation. */
  conversation?: Conversation;
}

/** The messages between a contact and an app. */
export interface Conversation {
  /** Whether it goes on. */
  active?: boolean;
  /** The channel that was used last. */
  active_channel?: ConversationChannel;
  /** The app. */
  app_id?: string;
  /** The contact. */
  contact_id?: string;
  /** The conversation. */
  id?: string;
  /** When its last message was received. */
  last_received?: string;
  /** The metadata that the app gave it. */
  metadata?: string;
  /** The same as JSON. */
  metadata_json?: Json;
  /** The correlation id that the app gave it. */
  correlation_id?: string;
}

/** A contact that was created, changed or deleted. */
export interface ContactNotification {
  /** The contact. */
  contact?: Contact;
}

/** Two contacts that became one. */
export interface ContactMergeNotification {
  /** The one that remains. */
  preserved_contact?: Contact;
  /** The one that is gone. */
  deleted_contact?: Contact;
}

/** A person, with all channels on which they are known. */
export interface Contact {
  /** Who they are on each channel. */
  channel_identities?: ChannelIdentity[];
  /** The channels, those first that are tried first. */
  channel_priority?: ConversationChannel[];
  /** Their name. */
  display_name?: string;
  /** Their e-mail address. */
  email?: string;
  /** Their id in the app's own systems. */
  external_id?: string;
  /** Their id at Sinch. */
  id?: string;
  /** Their language. */
  language?: ContactLanguage;
  /** The metadata that the app gave them. */
  metadata?: string;
}

/** Identities that several contacts have. */
export interface DuplicatedIdentitiesNotification {
  /** The identities. */
  duplicated_identities?: DuplicatedIdentity[];
}

/** An identity that several contacts have. */
export interface DuplicatedIdentity {
  /** The channel. */
  channel?: ConversationChannel;
  /** The identity on it. The SDKs do not know it. */
  identity?: string;
  /** The app, on channels whose identities are an app's own. The SDKs do not know it. */
  app_id?: string;
  /** The contacts. */
  contact_ids?: string[];
}

/** What a contact can receive on a channel. */
export interface CapabilityNotification {
  /** The look-up that it answers. */
  request_id?: string;
  /** The contact. */
  contact_id?: string;
  /** The channel. */
  channel?: ConversationChannel;
  /** The contact's identity on it. */
  identity?: string;
  /** Whether the contact can be reached there. */
  capability_status?: CapabilityStatus;
  /** What the contact's device can show, in the channel's own words. */
  channel_capabilities?: string[];
  /** Why the look-up brought nothing. */
  reason?: Reason;
}

/** Whether a contact's consent to be sent messages was recorded. */
export interface OptInNotification {
  /** The request that it answers. */
  request_id?: string;
  /** The contact. */
  contact_id?: string;
  /** The channel that it holds for. */
  channel?: ConversationChannel;
  /** The contact's identity on it. */
  identity?: string;
  /** Whether it was recorded. */
  status?: OptInStatus;
  /** Why it was not. */
  error_details?: OptErrorDetails;
  /** How the app processes messages. */
  processing_mode?: ProcessingMode;
}

/** Whether the end of a contact's consent was recorded. */
export interface OptOutNotification {
  /** The request that it answers. */
  request_id?: string;
  /** The contact. */
  contact_id?: string;
  /** The channel that it holds for. */
  channel?: ConversationChannel;
  /** The contact's identity on it. */
  identity?: string;
  /** Whether it was recorded. */
  status?: OptOutStatus;
  /** Why it was not. */
  error_details?: OptErrorDetails;
  /** How the app processes messages. */
  processing_mode?: ProcessingMode;
}

/** Why a consent or its end was not recorded. */
export interface OptErrorDetails {
  /** For people. */
  description?: string;
}

/** Something that happened to a channel of the app. */
export interface ChannelEventNotification {
  /** What happened. */
  channel_event?: ChannelEvent;
}

/** What happened to a channel. */
export interface ChannelEvent {
  /** The channel. */
  channel?: ConversationChannel;
  /** The channel's own word for it, such as `WHATS_APP_QUALITY_RATING_CHANGED`. */
  event_type?: string;
  /** What the channel tells besides. */
  additional_data?: Json;
}

/** What a channel told and the Conversation API has no kind for. */
export interface UnsupportedCallback {
  /** The channel. */
  channel?: ConversationChannel;
  /** What it told; JSON in a text, for the most part. */
  payload?: string;
  /** How the app processes messages. */
  processing_mode?: ProcessingMode;
  /** The message or event. */
  id?: string;
  /** The contact; empty in DISPATCH mode. */
  contact_id?: string;
  /** The conversation; empty in DISPATCH mode. */
  conversation_id?: string;
  /** From whom. */
  channel_identity?: ChannelIdentity;
}

/** What the analysis of a contact's message found. */
export interface SmartConversationNotification {
  /** The contact. */
  contact_id?: string;
  /** The contact's identity on the channel. A text here, and nowhere else. */
  channel_identity?: string;
  /** The channel. */
  channel?: ConversationChannel;
  /** The message that was analyzed. */
  message_id?: string;
  /** Its conversation. */
  conversation_id?: string;
  /** What was found. */
  analysis_results?: AnalysisResults;
}

/** What each analysis found. */
export interface AnalysisResults {
  /** The mood of the message. */
  ml_sentiment_result?: SentimentAnalysis[];
  /** What its author wants. */
  ml_nlu_result?: IntentAnalysis[];
  /** What its pictures show. */
  ml_image_recognition_result?: ImageAnalysis[];
  /** What in it identifies people. */
  ml_pii_result?: PersonalDataAnalysis[];
  /** Whether it offends. */
  ml_offensive_analysis_result?: OffensiveAnalysis[];
}

/** The mood of a message. */
export interface SentimentAnalysis {
  /** What was analyzed. */
  message?: string;
  /** Each mood with its probability. */
  results?: SentimentScore[];
  /** The most probable one. */
  sentiment?: Sentiment;
  /** Its probability, 0 to 1. */
  score?: number;
}

/** A mood and its probability. */
export interface SentimentScore {
  /** The mood. */
  sentiment?: Sentiment;
  /** Its probability, 0 to 1. */
  score?: number;
}

/** What the author of a message wants. */
export interface IntentAnalysis {
  /** What was analyzed. */
  message?: string;
  /** Each intent with its probability. */
  results?: IntentScore[];
  /** The most probable one, such as `chitchat.greeting`. */
  intent?: string;
  /** Its probability, 0 to 1. */
  score?: number;
}

/** An intent and its probability. */
export interface IntentScore {
  /** The intent. */
  intent?: string;
  /** Its probability, 0 to 1. */
  score?: number;
}

/** What a picture shows. */
export interface ImageAnalysis {
  /** The picture. */
  url?: string;
  /** What kind of document it shows. */
  document_image_classification?: DocumentClassification;
  /** The texts in it. */
  optical_character_recognition?: RecognizedText;
  /** The fields of the document. */
  document_field_classification?: DocumentFields;
}

/** The kind of a document. */
export interface DocumentClassification {
  /** The kind. */
  doc_type?: string;
  /** How probable it is, 0 to 1. */
  confidence?: number;
}

/** The texts in a picture. */
export interface RecognizedText {
  /** One entry for each part of the picture. */
  result?: RecognizedStrings[];
}

/** Texts that belong together. */
export interface RecognizedStrings {
  /** The texts. */
  data?: string[];
}

/** The fields of a document. */
export interface DocumentFields {
  /** The fields by their names. */
  result?: Record<string, RecognizedStrings>[];
}

/** A message without what identifies people. */
export interface PersonalDataAnalysis {
  /** The message. */
  message?: string;
  /** The same with placeholders. */
  masked?: string;
}

/** Whether a message or a picture offends. */
export interface OffensiveAnalysis {
  /** The message. */
  message?: string;
  /** The picture. */
  url?: string;
  /** The finding. */
  evaluation?: OffensiveEvaluation;
  /** How probable it is, 0 to 1. */
  score?: number;
}

/** A record of a message or event was stored. */
export interface RecordNotification {
  /** The message or event. */
  entity_id?: string;
  /** What became of the record. */
  record_status?: RecordStatus;
  /** To whom, on which channel. */
  channel_identity?: ChannelIdentity;
  /** The contact. */
  contact_id?: string;
  /** The conversation. */
  conversation_id?: string;
  /** Why it was not stored. */
  reason?: Reason;
  /** How the app processes messages. */
  processing_mode?: ProcessingMode;
}

/** The state of a batch has changed. */
export interface BatchStatusUpdateNotification {
  /** The batch. */
  batch_id?: string;
  /** Its state, such as `BATCH_STATUS_PROCESSED`. No list of them is published. */
  batch_status?: string;
  /** What it holds, such as `BATCH_TYPE_MESSAGES`. */
  batch_type?: string;
  /** What depends on its type. */
  additional_data?: BatchData;
}

/** What a batch is told to do, by its type. */
export interface BatchData {
  /** Of a batch of messages. */
  message_batch_data?: MessageBatchData;
}

/** What a batch of messages was given. */
export interface MessageBatchData {
  /** When it is to be sent. */
  send_after?: string;
  /** The metadata that its sender gave it. */
  batch_metadata?: Json;
}

/** Who somebody is on a channel. */
export interface ChannelIdentity {
  /** The app, on channels whose identities are an app's own; else empty. */
  app_id?: string;
  /** The channel. */
  channel?: ConversationChannel;
  /** A phone number on most channels, an id of the channel's own on others. */
  identity?: string;
}

/** What happened: the one key of a callback that tells its kind, for it has no type field. */
export type ConversationEvent = OneOf<{
  /** MESSAGE_DELIVERY: what became of a message of the app. */
  message_delivery_report: MessageDeliveryReport;
  /** EVENT_DELIVERY: what became of an event of the app. */
  event_delivery_report: EventDeliveryReport;
  /** MESSAGE_SUBMIT: a message was handed to a channel. */
  message_submit_notification: MessageSubmitNotification;
  /** MESSAGE_INBOUND: a contact has sent a message. */
  message: InboundMessage;
  /** MESSAGE_INBOUND_SMART_CONVERSATION_REDACTION: a contact's message, without what identifies people. */
  message_redaction: InboundMessage;
  /** EVENT_INBOUND: a contact has done something that is no message. */
  event: InboundEvent;
  /** CONVERSATION_START: a conversation has begun. */
  conversation_start_notification: ConversationNotification;
  /** CONVERSATION_STOP: a conversation has ended. */
  conversation_stop_notification: ConversationNotification;
  /** CONVERSATION_DELETE: a conversation was deleted. */
  conversation_delete_notification: ConversationNotification;
  /** CONTACT_CREATE: a contact was created. */
  contact_create_notification: ContactNotification;
  /** CONTACT_UPDATE: a contact was changed. */
  contact_update_notification: ContactNotification;
  /** CONTACT_DELETE: a contact was deleted. */
  contact_delete_notification: ContactNotification;
  /** CONTACT_MERGE: two contacts became one. */
  contact_merge_notification: ContactMergeNotification;
  /** CONTACT_IDENTITIES_DUPLICATION: several contacts have the same identity. */
  duplicated_contact_identities_notification: DuplicatedIdentitiesNotification;
  /** CAPABILITY: the answer to a look-up of what a contact can receive. */
  capability_notification: CapabilityNotification;
  /** OPT_IN: a contact agrees to be sent messages. */
  opt_in_notification: OptInNotification;
  /** OPT_OUT: a contact agrees no longer. */
  opt_out_notification: OptOutNotification;
  /** CHANNEL_EVENT: something happened to a channel. */
  channel_event_notification: ChannelEventNotification;
  /** UNSUPPORTED: what a channel told and the Conversation API has no kind for. */
  unsupported_callback: UnsupportedCallback;
  /** SMART_CONVERSATIONS: what the analysis of a contact's message found. */
  smart_conversation_notification: SmartConversationNotification;
  /** RECORD_NOTIFICATION: a record was stored. */
  record_notification: RecordNotification;
  /** BATCH_STATUS_UPDATE: the state of a batch has changed. */
  batch_status_update_notification: BatchStatusUpdateNotification;
}>;

/** What an inbound event is about. */
export type InboundEventContent = OneOf<{
  /** Something about the conversation. */
  contact_event: ContactEvent;
  /** Something about a message. */
  contact_message_event: ContactMessageEvent;
}>;

/** What a contact did in a conversation. */
export type ContactEventContent = OneOf<{
  /** The contact has begun to write. Empty. */
  composing_event: JsonObject;
  /** The contact has stopped writing. Empty. */
  composing_end_event: JsonObject;
  /** The contact has deleted the conversation. Empty. */
  conversation_deleted_event: JsonObject;
  /** The contact has commented on a post. */
  comment_event: CommentEvent;
  /** What has no type of its own. */
  generic_event: GenericEvent;
}>;

/** What a contact did with a message. */
export type ContactMessageEventContent = OneOf<{
  /** A payment has moved on. */
  payment_status_update_event: PaymentStatusUpdateEvent;
  /** A short link was opened. */
  shortlink_activated_event: ShortLinkActivatedEvent;
  /** The contact has reacted to a message. */
  reaction_event: ReactionEvent;
}>;

/** What was commented on. */
export type CommentType = Open<
  | "FEED"
  | "LIVE"
>;

/** How far a payment is. */
export type PaymentStatus = Open<
  | "PAYMENT_STATUS_UNKNOWN"
  | "PAYMENT_STATUS_NEW"
  | "PAYMENT_STATUS_PENDING"
  | "PAYMENT_STATUS_CAPTURED"
  | "PAYMENT_STATUS_CANCELED"
  | "PAYMENT_STATUS_FAILED"
>;

/** How far a payment's transaction is. */
export type PaymentTransactionStatus = Open<
  | "PAYMENT_STATUS_TRANSACTION_UNKNOWN"
  | "PAYMENT_STATUS_TRANSACTION_PENDING"
  | "PAYMENT_STATUS_TRANSACTION_FAILED"
  | "PAYMENT_STATUS_TRANSACTION_SUCCESS"
  | "PAYMENT_STATUS_TRANSACTION_CANCELED"
>;

/** Whether a reaction was put to a message or taken away. */
export type ReactionAction = Open<
  | "REACTION_ACTION_UNKNOWN"
  | "REACTION_ACTION_REACT"
  | "REACTION_ACTION_UNREACT"
>;

/** Whether a contact can be reached on a channel. */
export type CapabilityStatus = Open<
  | "CAPABILITY_UNKNOWN"
  | "CAPABILITY_FULL"
  | "CAPABILITY_PARTIAL"
  | "NO_CAPABILITY"
>;

/** Whether a consent was recorded. */
export type OptInStatus = Open<
  | "OPT_IN_SUCCEEDED"
  | "OPT_IN_FAILED"
  | "OPT_IN_STATUS_UNSPECIFIED"
>;

/** Whether the end of a consent was recorded. */
export type OptOutStatus = Open<
  | "OPT_OUT_SUCCEEDED"
  | "OPT_OUT_FAILED"
  | "OPT_OUT_STATUS_UNSPECIFIED"
>;

/** The mood of a message. */
export type Sentiment = Open<
  | "positive"
  | "negative"
  | "neutral"
>;

/** Whether something offends. */
export type OffensiveEvaluation = Open<
  | "SAFE"
  | "UNSAFE"
>;

/** What became of a record. */
export type RecordStatus = Open<
  | "RECORD_STATUS_UNSPECIFIED"
  | "EVENT_RECORD_STORED"
>;

/** What became of a message or event. */
export type DeliveryStatus = Open<
  | "QUEUED_ON_CHANNEL"
  | "DELIVERED"
  | "READ"
  | "FAILED"
  | "SWITCHING_CHANNEL"
>;

/** A channel of the Conversation API. */
export type ConversationChannel = Open<
  | "WHATSAPP"
  | "RCS"
  | "SMS"
  | "MESSENGER"
  | "VIBERBM"
  | "MMS"
  | "INSTAGRAM"
  | "TELEGRAM"
  | "KAKAOTALK"
  | "KAKAOTALKCHAT"
  | "LINE"
  | "WECHAT"
  | "APPLEBC"
  | "CHANNEL_UNSPECIFIED"
>;

/** How an app processes messages. */
export type ProcessingMode = Open<
  | "CONVERSATION"
  | "DISPATCH"
>;

/** Where a message or event goes. */
export type Direction = Open<
  | "TO_APP"
  | "TO_CONTACT"
>;

/** A language, by its ISO 639 code, with an ISO 3166 country behind it where that matters. */
export type ContactLanguage = Open<
  | "AF"
  | "SQ"
  | "AR"
  | "AZ"
  | "BN"
  | "BG"
  | "CA"
  | "ZH"
  | "ZH_CN"
  | "ZH_HK"
  | "ZH_TW"
  | "HR"
  | "CS"
  | "DA"
  | "NL"
  | "EN"
  | "EN_GB"
  | "EN_US"
  | "ET"
  | "FIL"
  | "FI"
  | "FR"
  | "DE"
  | "EL"
  | "GU"
  | "HA"
  | "HE"
  | "HI"
  | "HU"
  | "ID"
  | "GA"
  | "IT"
  | "JA"
  | "KN"
  | "KK"
  | "KO"
  | "LO"
  | "LV"
  | "LT"
  | "MK"
  | "MS"
  | "ML"
  | "MR"
  | "NB"
  | "FA"
  | "PL"
  | "PT"
  | "PT_BR"
  | "PT_PT"
  | "PA"
  | "RO"
  | "RU"
  | "SR"
  | "SK"
  | "SL"
  | "ES"
  | "ES_AR"
  | "ES_ES"
  | "ES_MX"
  | "SW"
  | "SV"
  | "TA"
  | "TE"
  | "TH"
  | "TR"
  | "UK"
  | "UR"
  | "UZ"
  | "VI"
  | "ZU"
  | "UNSPECIFIED"
>;

/** What became of a batch for one recipient. */
export interface RecipientDeliveryReport {
  /** The sender that the recipient saw, where Sinch chose it. */
  applied_originator?: string;
  /** When Sinch learnt of it. */
  at?: string;
  /** The batch. */
  batch_id?: string;
  /** What the sender gave as `client_reference`. */
  client_reference?: string;
  /** The detailed status: 0, 400 to 408, 410 to 418. */
  code?: number;
  /** How the text was encoded. */
  encoding?: SmsEncoding;
  /** In how many parts it was sent. */
  number_of_message_parts?: number;
  /** The recipient's operator, where looking it up was asked for. */
  operator?: string;
  /** When it happened, as the operator tells. */
  operator_status_at?: string;
  /** The recipient, a phone number in E.164 format. */
  recipient?: string;
  /** What became of it. */
  status?: SmsDeliveryStatus;
}

/** What became of a batch, counted by status. */
export interface BatchDeliveryReport {
  /** The batch. */
  batch_id?: string;
  /** What the sender gave as `client_reference`. */
  client_reference?: string;
  /** The messages by their status. */
  statuses?: BatchShare[];
  /** How many messages the batch has. */
  total_message_count?: number;
}

/** The messages of a batch that have one status. */
export interface BatchShare {
  /** The detailed status. */
  code?: number;
  /** How many they are. */
  count?: number;
  /** Their recipients; only a full report names them. */
  recipients?: string[];
  /** What became of them. */
  status?: SmsDeliveryStatus;
}

/** A text from a person. */
export interface InboundText {
  /** What it says. */
  body?: string;
  /** The reference of the message that it answers, where that is known. */
  client_reference?: string;
  /** Who sent it, a phone number. */
  from?: string;
  /** The message. */
  id?: string;
  /** The sender's operator, as MCC and MNC. */
  operator_id?: string;
  /** When Sinch received it. */
  received_at?: string;
  /** When it was sent, where the operator tells. */
  sent_at?: string;
  /** The number or short code that it was sent to. */
  to?: string;
}

/** A binary message from a person. */
export interface InboundBinary {
  /** What it holds, in base64. */
  body?: string;
  /** The reference of the message that it answers, where that is known. */
  client_reference?: string;
  /** Who sent it, a phone number. */
  from?: string;
  /** The message. */
  id?: string;
  /** The sender's operator, as MCC and MNC. */
  operator_id?: string;
  /** When Sinch received it. */
  received_at?: string;
  /** When it was sent, where the operator tells. */
  sent_at?: string;
  /** The number or short code that it was sent to. */
  to?: string;
  /** Its user data header, in hexadecimal digits. */
  udh?: string;
}

/** Media from a person. */
export interface InboundMedia {
  /** What it holds. */
  body?: MediaBody;
  /** The reference of the message that it answers, where that is known. */
  client_reference?: string;
  /** Who sent it, a phone number. */
  from?: string;
  /** The message. */
  id?: string;
  /** The sender's operator, as MCC and MNC. */
  operator_id?: string;
  /** When Sinch received it. */
  received_at?: string;
  /** When it was sent, where the operator tells. */
  sent_at?: string;
  /** The number or short code that it was sent to. */
  to?: string;
}

/** What an inbound MMS holds. */
export interface MediaBody {
  /** Its subject. */
  subject?: string;
  /** Its text. */
  message?: string;
  /** Its parts. */
  media?: MediaItem[];
}

/** A part of an inbound MMS. */
export interface MediaItem {
  /** The result of uploading it: 0 is success. */
  code?: number;
  /** Its content type. */
  content_type?: string;
  /** Whether it can be fetched. */
  status?: MediaStatus;
  /** Where it can be fetched. */
  url?: string;
}

/** A callback of the SMS API, by its `type`. */
export type SmsCallback =
  | ({ type: "recipient_delivery_report_sms" } & RecipientDeliveryReport)
  | ({ type: "recipient_delivery_report_mms" } & RecipientDeliveryReport)
  | ({ type: "delivery_report_sms" } & BatchDeliveryReport)
  | ({ type: "delivery_report_mms" } & BatchDeliveryReport)
  | ({ type: "mo_text" } & InboundText)
  | ({ type: "mo_binary" } & InboundBinary)
  | ({ type: "mo_media" } & InboundMedia);

/** Whether a part of an MMS can be fetched. */
export type MediaStatus = Open<
  | "Uploaded"
  | "Failed"
>;

/** How a text was encoded. */
export type SmsEncoding = Open<
  | "GSM"
  | "UNICODE"
>;

/** What became of a message of the SMS API. */
export type SmsDeliveryStatus = Open<
  | "Queued"
  | "Dispatched"
  | "Aborted"
  | "Cancelled"
  | "Rejected"
  | "Deleted"
  | "Delivered"
  | "Failed"
  | "Expired"
  | "Unknown"
>;

/** What happened to a number, an order of numbers, or a hosted number. It is not timely, and only `eventId` tells it from its own repetition. */
export interface NumbersCallback {
  /** The event. */
  eventId?: string;
  /** When it was put into the queue, UTC, with up to nine digits of a second and often without a zone. */
  timestamp?: string;
  /** The project. */
  projectId?: string;
  /** The phone number, order or brand that it is about. */
  resourceId?: string;
  /** What that is. */
  resourceType?: NumbersResourceType;
  /** What happened to it. */
  eventType?: NumbersEventType;
  /** How it ended. */
  status?: NumbersStatus;
  /** Why it failed. */
  failureCode?: NumbersFailureCode;
  /** The partner's own code, where there is one. */
  internalFailureCode?: string;
}

/** What a callback of the Numbers API is about. */
export type NumbersResourceType = Open<
  | "ACTIVE_NUMBER"
  | "NUMBER_ORDER"
  | "IMPORTED_NUMBER"
  | "HOSTING_ORDER_NUMBER"
>;

/** What happened to a number or an order. */
export type NumbersEventType = Open<
  | "PROVISIONING_TO_SMS_PLATFORM"
  | "DEPROVISIONING_FROM_SMS_PLATFORM"
  | "PROVISIONING_TO_CAMPAIGN"
  | "DEPROVISIONING_FROM_CAMPAIGN"
  | "PROVISIONING_TO_VOICE_PLATFORM"
  | "DEPROVISIONING_FROM_VOICE_PLATFORM"
  | "DEPROVISIONING_TO_VOICE_PLATFORM"
  | "NUMBER_ORDER_PROCESSING"
  | "DEPROVISIONING_TO_SMS_PLATFORM"
  | "LINK_TO_10DLC_CAMPAIGN"
  | "UNLINK_TO_10DLC_CAMPAIGN"
  | "HOSTING_PROCESS"
  | "OSR_UPDATE"
  | "DELETE"
>;

/** How an event of the Numbers API ended. */
export type NumbersStatus = Open<
  | "SUCCEEDED"
  | "FAILED"
  | "IN_REVIEW"
  | "BLOCKED"
  | "COMPLETED"
  | "REJECTED"
  | "EXPIRED"
>;

/** Why an event of the Numbers API failed. */
export type NumbersFailureCode = Open<
  | "CAMPAIGN_NOT_AVAILABLE"
  | "EXCEEDED_10DLC_LIMIT"
  | "NUMBER_PROVISIONING_FAILED"
  | "PARTNER_SERVICE_UNAVAILABLE"
  | "CAMPAIGN_PENDING_ACCEPTANCE"
  | "MNO_SHARING_ERROR"
  | "CAMPAIGN_PROVISIONING_FAILED"
  | "CAMPAIGN_EXPIRED"
  | "CAMPAIGN_MNO_REJECTED"
  | "CAMPAIGN_MNO_SUSPENDED"
  | "CAMPAIGN_MNO_REVIEW"
  | "INSUFFICIENT_BALANCE"
  | "MOCK_CAMPAIGN_NOT_ALLOWED"
  | "TFN_NOT_ALLOWED"
  | "INVALID_NNID"
>;

/** A call has come in. */
export interface IncomingCall {
  /** The call. */
  callid?: string;
  /** Where the call can be managed. */
  callResourceUrl?: string;
  /** The conference that it belongs to. */
  conferenceId?: string;
  /** When it came in. */
  timestamp?: string;
  /** The version of the API. */
  version?: number;
  /** What whoever placed the call gave it. */
  custom?: string;
  /** What a minute costs. */
  userRate?: VoicePrice;
  /** Who calls. */
  cli?: string;
  /** Who is called. */
  to?: VoiceDestination;
  /** Where the call is to go. */
  domain?: VoiceDomain;
  /** The app. */
  applicationKey?: string;
  /** Where the call comes from. */
  originationType?: VoiceDomain;
  /** Its duration in seconds. */
  duration?: number;
  /** The number that it was redirected from. */
  rdnis?: string;
  /** The headers that whoever placed the call gave it. */
  callHeaders?: CallHeader[];
}

/** A call was answered. */
export interface AnsweredCall {
  /** The call. */
  callid?: string;
  /** Where the call can be managed. */
  callResourceUrl?: string;
  /** The conference that it belongs to. */
  conferenceId?: string;
  /** When it was answered. */
  timestamp?: string;
  /** The version of the API. */
  version?: number;
  /** What whoever placed the call gave it. */
  custom?: string;
  /** Whether a machine answered. */
  amd?: MachineDetection;
  /** The app. */
  applicationKey?: string;
}

/** A call has ended. */
export interface DisconnectedCall {
  /** The call. */
  callid?: string;
  /** The conference that it belonged to. */
  conferenceId?: string;
  /** When it ended. */
  timestamp?: string;
  /** Why it ended. */
  reason?: DisconnectReason;
  /** How it went. */
  result?: CallResult;
  /** The version of the API. */
  version?: number;
  /** What whoever placed the call gave it. */
  custom?: string;
  /** What it has cost. */
  debit?: VoicePrice;
  /** What a minute costs. */
  userRate?: VoicePrice;
  /** Who was called. */
  to?: VoiceDestination;
  /** Its duration in seconds. */
  duration?: number;
  /** Who called. */
  from?: string;
  /** The headers that whoever placed the call gave it. */
  callHeaders?: CallHeader[];
  /** The app. */
  applicationKey?: string;
}

/** A menu was used. */
export interface PromptInput {
  /** The call. */
  callid?: string;
  /** The conference that it belongs to. */
  conferenceId?: string;
  /** When it was used. */
  timestamp?: string;
  /** What was entered. */
  menuResult?: MenuResult;
  /** The version of the API. */
  version?: number;
  /** What whoever placed the call gave it. */
  custom?: string;
  /** The app. */
  applicationKey?: string;
}

/** Something that belongs to a call is ready, or failed. */
export interface Notification {
  /** The call. */
  callid?: string;
  /** The conference that it belongs to. */
  conferenceId?: string;
  /** The version of the API. */
  version?: number;
  /** What it is about: `recording_finished`, `recording_available`, `transcription_available`, `amd`, `amd_beep`, or another. */
  type?: string;
  /** What depends on the type. */
  custom?: string;
  /** Whether a machine answered. */
  amd?: MachineDetection;
  /** Where a recording or transcription can be fetched. */
  destination?: string;
  /** The app. */
  applicationKey?: string;
  /** The code of an error. */
  errorCode?: number;
  /** The error, for people. */
  errorMsg?: string;
  /** The user whom an error is about. */
  user?: string;
}

/** An amount of money. */
export interface VoicePrice {
  /** The currency, by its ISO 4217 code. */
  currencyId?: string;
  /** The amount. */
  amount?: number;
}

/** Who is called. */
export interface VoiceDestination {
  /** What the endpoint is. */
  type?: DestinationType;
  /** A phone number, the name of an app's user, or an address. */
  endpoint?: string;
}

/** A header that was given to a call. */
export interface CallHeader {
  /** Its name. */
  key?: string;
  /** Its value. */
  value?: string;
}

/** Whether a machine answered a call. */
export interface MachineDetection {
  /** What answered. */
  status?: MachineStatus;
  /** What tells it. */
  reason?: MachineReason;
  /** How long the detection took. */
  duration?: number;
}

/** What was entered into a menu. */
export interface MenuResult {
  /** The menu. */
  menuId?: string;
  /** How it was left. */
  type?: MenuResultType;
  /** What was entered or returned. */
  value?: string;
  /** How it was entered. */
  inputMethod?: MenuInputMethod;
}

/** A callback of the Voice API, by its `event`. */
export type VoiceCallback =
  | ({ event: "ice" } & IncomingCall)
  | ({ event: "ace" } & AnsweredCall)
  | ({ event: "dice" } & DisconnectedCall)
  | ({ event: "pie" } & PromptInput)
  | ({ event: "notify" } & Notification);

/** What an endpoint is. Sinch writes it both ways. */
export type DestinationType = Open<
  | "number"
  | "Number"
  | "username"
  | "Username"
  | "sip"
  | "Sip"
  | "did"
  | "Did"
  | "Websocket"
>;

/** Where a call comes from or goes. Sinch writes it both ways. */
export type VoiceDomain = Open<
  | "pstn"
  | "PSTN"
  | "mxp"
  | "MXP"
>;

/** What answered a call. */
export type MachineStatus = Open<
  | "machine"
  | "human"
  | "notsure"
  | "hangup"
  | "inprogress"
>;

/** What tells a machine from a person. */
export type MachineReason = Open<
  | "longgreeting"
  | "initialsilence"
  | "greeting"
  | "beep"
  | "n/a"
>;

/** Why a call ended. */
export type DisconnectReason = Open<
  | "N/A"
  | "ESTABLISHED"
  | "OTHERPEERANSWERED"
  | "TIMEOUT"
  | "CALLERHANGUP"
  | "CALLEEHANGUP"
  | "BLOCKED"
  | "MANAGERHANGUP"
  | "NOCREDITPARTNER"
  | "CLIENTNETWORK"
  | "CONGESTION"
  | "GENERALERROR"
  | "CANCEL"
  | "USERNOTFOUND"
  | "CALLBACKERROR"
  | "BUSY"
  | "NOANSWER"
>;

/** How a call went. */
export type CallResult = Open<
  | "N/A"
  | "ANSWERED"
  | "BUSY"
  | "NOANSWER"
  | "FAILED"
>;

/** How a menu was left. */
export type MenuResultType = Open<
  | "error"
  | "return"
  | "sequence"
  | "timeout"
  | "hangup"
  | "invalidinput"
>;

/** How something was entered into a menu. */
export type MenuInputMethod = Open<
  | "dtmf"
  | "voice"
>;

/** Something happened to a call. While it goes on, Sinch waits for an answer that says how. */
export interface VoiceV2Callback {
  /** What happened. */
  event?: VoiceV2Event;
  /** The call as it was then. */
  call?: Call;
  /** What was entered into a menu. */
  menu?: MenuInput;
}

/** What was entered into a menu. */
export interface MenuInput {
  /** The menu. */
  menuName?: string;
  /** What was entered. */
  input?: string;
}

/** A call. */
export interface Call {
  /** The call. */
  callId?: string;
  /** The project. */
  projectId?: string;
  /** The service. */
  serviceId?: string;
  /** The session. */
  sessionId?: string;
  /** The name of this leg in the session. */
  callName?: string;
  /** The bridge that it belongs to. */
  bridgeName?: string;
  /** The batch that it belongs to. */
  batchId?: string;
  /** Who calls. */
  from?: CallOrigin;
  /** Who is called. */
  to?: CallDestination;
  /** When its set-up began. */
  startTime?: string;
  /** When it was last changed. */
  updateTime?: string;
  /** What is called. */
  callType?: CallType;
  /** Which way it goes. */
  direction?: CallDirection;
  /** When it was answered. */
  answerTime?: string;
  /** When it ended. */
  endTime?: string;
  /** Its duration in seconds. */
  callDurationSeconds?: number;
  /** How far it is. */
  callResult?: CallV2Result;
  /** Why it ended. */
  callReason?: CallReason;
  /** Where it comes from. */
  originationType?: OriginationType;
  /** What a minute costs. */
  callRate?: Money;
  /** Where the call can be managed. */
  callResourceUrl?: string;
}

/** A phone. */
export interface PhoneParty {
  /** The phone. */
  phone?: Phone;
}

/** A phone's number. */
export interface Phone {
  /** The number, in E.164 format. */
  number?: string;
}

/** A SIP address that calls. */
export interface SipOrigin {
  /** The address. */
  sip?: SipFrom;
}

/** The address and name of who calls by SIP. */
export interface SipFrom {
  /** The address. */
  endpoint?: string;
  /** The name to show. */
  displayName?: string;
}

/** A SIP address that is called. */
export interface SipParty {
  /** The address. */
  sip?: SipEndpoint;
}

/** A SIP address and how it is reached. */
export interface SipEndpoint {
  /** The address. */
  endpoint?: string;
  /** How it is reached. */
  transport?: SipTransport;
  /** The headers that are sent with the call. */
  callHeaders?: CallV2Header[];
}

/** A stream of sound. */
export interface StreamParty {
  /** The stream. */
  stream?: StreamEndpoint;
}

/** Where sound is streamed to. */
export interface StreamEndpoint {
  /** The address. */
  endpoint?: string;
  /** How the sound is encoded. */
  streamOptions?: StreamOptions;
  /** The headers that are sent with the call. */
  callHeaders?: CallV2Header[];
}

/** How streamed sound is encoded. */
export interface StreamOptions {
  /** The version of the protocol. */
  version?: number;
  /** The codec. */
  codec?: StreamCodec;
  /** Samples a second: 8000, 16000, 24000, 44100, 48000 or 96000. */
  sampleRate?: number;
}

/** A relay that turns speech into text and back. */
export interface VoiceRelayParty {
  /** The relay. */
  voiceRelay?: VoiceRelay;
}

/** Where texts of a call are relayed to. */
export interface VoiceRelay {
  /** The address. */
  endpoint?: string;
  /** Whether who speaks may be interrupted. */
  enableInterruptions?: boolean;
  /** The voice that speaks. */
  ttsVoice?: string;
  /** The language that is recognized. */
  sttLanguage?: string;
  /** The headers that are sent with the call. */
  callHeaders?: CallV2Header[];
}

/** A header that was given to a call. */
export interface CallV2Header {
  /** Its name. */
  key?: string;
  /** Its value. */
  value?: string;
}

/** An amount of money. */
export interface Money {
  /** The currency, by its ISO 4217 code. */
  currencyCode?: string;
  /** The amount, in decimal digits. */
  amount?: string;
}

/** Who calls, by its `type`. */
export type CallOrigin =
  | ({ type: "PHONE" } & PhoneParty)
  | ({ type: "SIP" } & SipOrigin);

/** Who is called, by its `type`. */
export type CallDestination =
  | ({ type: "PHONE" } & PhoneParty)
  | ({ type: "SIP" } & SipParty)
  | ({ type: "STREAM" } & StreamParty)
  | ({ type: "VOICE_RELAY" } & VoiceRelayParty);

/** What happened to a call. A script's own events are `call.webhook.` with their name behind it. */
export type VoiceV2Event = Open<
  | "call.incoming"
  | "call.answered"
  | "call.busy"
  | "call.rejected"
  | "call.timeout"
  | "call.hangup"
  | "call.failed"
  | "call.amd.human"
  | "call.amd.machine"
  | "call.amd.beep"
  | "call.amd.unknown"
  | "call.message.finished"
  | "call.recording.finished"
  | "call.recording.failed"
  | "call.menu"
>;

/** How a SIP address is reached. */
export type SipTransport = Open<
  | "UDP"
  | "TCP"
  | "TLS"
>;

/** How streamed sound is encoded. */
export type StreamCodec = Open<
  | "PCM"
>;

/** What is called. */
export type CallType = Open<
  | "PHONE"
  | "SIP"
  | "STREAM"
  | "VOICE_RELAY"
>;

/** Which way a call goes. */
export type CallDirection = Open<
  | "INBOUND"
  | "OUTBOUND"
>;

/** How far a call is. */
export type CallV2Result = Open<
  | "QUEUED"
  | "INITIATED"
  | "IN_PROGRESS"
  | "COMPLETED"
  | "REJECTED"
  | "NO_ANSWER"
  | "CANCEL"
  | "BUSY"
  | "FAILED"
>;

/** Why a call ended. */
export type CallReason = Open<
  | "OK"
  | "NOT_AVAILABLE"
  | "CALLER_HANGUP"
  | "CALLEE_HANGUP"
  | "MANAGER_HANGUP"
  | "DID_NOT_FOUND"
  | "INVALID_SCRIPT"
  | "UNKNOWN_PRODUCT"
  | "NO_MORE_ROUTES"
  | "ERROR"
>;

/** Where a call comes from. */
export type OriginationType = Open<
  | "PHONE"
  | "SIP"
  | "SERVER"
>;

/** A verification is about to begin. */
export interface VerificationRequest {
  /** The verification. */
  id?: string;
  /** How it is done. */
  method?: VerificationMethod;
  /** Whose number is verified. */
  identity?: VerificationIdentity;
  /** What it costs. */
  price?: VerificationPrice;
  /** What a minute of its call costs. */
  rate?: VerificationPrice;
  /** What the app gave as its reference. */
  reference?: string;
  /** What the app gave besides. */
  custom?: string;
  /** The languages that the recipient prefers. */
  acceptLanguage?: string[];
}

/** A verification has ended. */
export interface VerificationResult {
  /** The verification. */
  id?: string;
  /** How it was done. */
  method?: VerificationMethod;
  /** Whose number was verified. */
  identity?: VerificationIdentity;
  /** How it ended. */
  status?: VerificationStatus;
  /** Why it ended so. */
  reason?: VerificationReason;
  /** What the app gave as its reference. */
  reference?: string;
  /** How the code came back. */
  source?: VerificationSource;
  /** What the app gave besides. */
  custom?: string;
}

/** What became of a verification's SMS. */
export interface VerificationSmsDelivered {
  /** The verification. */
  id?: string;
  /** How it is done. */
  method?: VerificationMethod;
  /** Whose number is verified. */
  identity?: VerificationIdentity;
  /** What became of the SMS. */
  smsResult?: VerificationSmsResult;
  /** What the app gave as its reference. */
  reference?: string;
  /** What the app gave besides. */
  custom?: string;
}

/** Whose number is verified. */
export interface VerificationIdentity {
  /** What the endpoint is. */
  type?: VerificationIdentityType;
  /** The number, in E.164 format. */
  endpoint?: string;
}

/** An amount of money. */
export interface VerificationPrice {
  /** The currency, by its ISO 4217 code. */
  currencyId?: string;
  /** The amount. */
  amount?: number;
}

/** A callback of the Verification API, by its `event`. */
export type VerificationCallback =
  | ({ event: "VerificationRequestEvent" } & VerificationRequest)
  | ({ event: "VerificationResultEvent" } & VerificationResult)
  | ({ event: "VerificationSmsDeliveredEvent" } & VerificationSmsDelivered);

/** What an endpoint is. */
export type VerificationIdentityType = Open<
  | "number"
>;

/** How a verification is done. */
export type VerificationMethod = Open<
  | "sms"
  | "flashcall"
  | "callout"
  | "seamless"
  | "whatsapp"
>;

/** How a verification ended. */
export type VerificationStatus = Open<
  | "PENDING"
  | "SUCCESSFUL"
  | "FAIL"
  | "DENIED"
  | "ABORTED"
  | "ERROR"
>;

/** Why a verification ended as it did. */
export type VerificationReason = Open<
  | "Fraud"
  | "Not enough credit"
  | "Blocked"
  | "Denied by callback"
  | "Invalid callback"
  | "Internal error"
  | "Destination denied"
  | "Network error or number unreachable"
  | "Failed pending"
  | "SMS delivery failure"
  | "Invalid CLI"
  | "Invalid code"
  | "Expired"
  | "Hung up without entering valid code"
>;

/** How a verification's code came back. */
export type VerificationSource = Open<
  | "intercepted"
  | "manual"
>;

/** What became of a verification's SMS. */
export type VerificationSmsResult = Open<
  | "Successful"
  | "Failed"
>;

/** A callback with its kind, so that a `switch` over the kind is exhaustive. */
export type Callback =
  | { kind: "sms_recipient_delivery_report"; callback: Extract<SmsCallback, { type: "recipient_delivery_report_sms" }> }
  | { kind: "sms_recipient_delivery_report"; callback: Extract<SmsCallback, { type: "recipient_delivery_report_mms" }> }
  | { kind: "sms_batch_delivery_report"; callback: Extract<SmsCallback, { type: "delivery_report_sms" }> }
  | { kind: "sms_batch_delivery_report"; callback: Extract<SmsCallback, { type: "delivery_report_mms" }> }
  | { kind: "sms_inbound_text"; callback: Extract<SmsCallback, { type: "mo_text" }> }
  | { kind: "sms_inbound_binary"; callback: Extract<SmsCallback, { type: "mo_binary" }> }
  | { kind: "sms_inbound_media"; callback: Extract<SmsCallback, { type: "mo_media" }> }
  | { kind: "voice_incoming_call"; callback: Extract<VoiceCallback, { event: "ice" }> }
  | { kind: "voice_answered_call"; callback: Extract<VoiceCallback, { event: "ace" }> }
  | { kind: "voice_disconnected_call"; callback: Extract<VoiceCallback, { event: "dice" }> }
  | { kind: "voice_prompt_input"; callback: Extract<VoiceCallback, { event: "pie" }> }
  | { kind: "voice_notification"; callback: Extract<VoiceCallback, { event: "notify" }> }
  | { kind: "verification_request"; callback: Extract<VerificationCallback, { event: "VerificationRequestEvent" }> }
  | { kind: "verification_result"; callback: Extract<VerificationCallback, { event: "VerificationResultEvent" }> }
  | { kind: "verification_sms_delivered"; callback: Extract<VerificationCallback, { event: "VerificationSmsDeliveredEvent" }> }
  | { kind: "voice_v2"; callback: VoiceV2Callback }
  | { kind: "voice_v2_ended"; callback: VoiceV2Callback }
  | { kind: "numbers"; callback: NumbersCallback }
  | { kind: "message_delivery"; callback: Extract<ConversationCallback, { message_delivery_report: unknown }> }
  | { kind: "event_delivery"; callback: Extract<ConversationCallback, { event_delivery_report: unknown }> }
  | { kind: "message_submit"; callback: Extract<ConversationCallback, { message_submit_notification: unknown }> }
  | { kind: "message_inbound"; callback: Extract<ConversationCallback, { message: unknown }> }
  | { kind: "message_inbound_smart_conversation_redaction"; callback: Extract<ConversationCallback, { message_redaction: unknown }> }
  | { kind: "event_inbound"; callback: Extract<ConversationCallback, { event: unknown }> }
  | { kind: "conversation_start"; callback: Extract<ConversationCallback, { conversation_start_notification: unknown }> }
  | { kind: "conversation_stop"; callback: Extract<ConversationCallback, { conversation_stop_notification: unknown }> }
  | { kind: "conversation_delete"; callback: Extract<ConversationCallback, { conversation_delete_notification: unknown }> }
  | { kind: "contact_create"; callback: Extract<ConversationCallback, { contact_create_notification: unknown }> }
  | { kind: "contact_update"; callback: Extract<ConversationCallback, { contact_update_notification: unknown }> }
  | { kind: "contact_delete"; callback: Extract<ConversationCallback, { contact_delete_notification: unknown }> }
  | { kind: "contact_merge"; callback: Extract<ConversationCallback, { contact_merge_notification: unknown }> }
  | { kind: "contact_identities_duplication"; callback: Extract<ConversationCallback, { duplicated_contact_identities_notification: unknown }> }
  | { kind: "capability"; callback: Extract<ConversationCallback, { capability_notification: unknown }> }
  | { kind: "opt_in"; callback: Extract<ConversationCallback, { opt_in_notification: unknown }> }
  | { kind: "opt_out"; callback: Extract<ConversationCallback, { opt_out_notification: unknown }> }
  | { kind: "channel_event"; callback: Extract<ConversationCallback, { channel_event_notification: unknown }> }
  | { kind: "unsupported"; callback: Extract<ConversationCallback, { unsupported_callback: unknown }> }
  | { kind: "smart_conversations"; callback: Extract<ConversationCallback, { smart_conversation_notification: unknown }> }
  | { kind: "record_notification"; callback: Extract<ConversationCallback, { record_notification: unknown }> }
  | { kind: "batch_status_update"; callback: Extract<ConversationCallback, { batch_status_update_notification: unknown }> }
  | { kind: "unrecognized"; callback: JsonObject };

/** The kinds that Sinch waits for an answer to, which says how it goes on. */
export const EXPECTS_ANSWER: readonly Callback['kind'][] = ["voice_incoming_call", "voice_answered_call", "voice_prompt_input", "voice_v2", "verification_request"];

const TAGS: [string, Record<string, string>][] = [
 [
  "type",
  {
   "recipient_delivery_report_sms": "sms_recipient_delivery_report",
   "recipient_delivery_report_mms": "sms_recipient_delivery_report",
   "delivery_report_sms": "sms_batch_delivery_report",
   "delivery_report_mms": "sms_batch_delivery_report",
   "mo_text": "sms_inbound_text",
   "mo_binary": "sms_inbound_binary",
   "mo_media": "sms_inbound_media"
  }
 ],
 [
  "event",
  {
   "ice": "voice_incoming_call",
   "ace": "voice_answered_call",
   "dice": "voice_disconnected_call",
   "pie": "voice_prompt_input",
   "notify": "voice_notification"
  }
 ],
 [
  "event",
  {
   "VerificationRequestEvent": "verification_request",
   "VerificationResultEvent": "verification_result",
   "VerificationSmsDeliveredEvent": "verification_sms_delivered"
  }
 ]
];

const MEMBERS: [Record<string, string | string[]>, string][] = [
 [
  {
   "event": [
    "call.busy",
    "call.rejected",
    "call.timeout",
    "call.hangup",
    "call.failed"
   ],
   "call": "object"
  },
  "voice_v2_ended"
 ],
 [
  {
   "event": "string",
   "call": "object"
  },
  "voice_v2"
 ],
 [
  {
   "eventId": "string",
   "eventType": "string"
  },
  "numbers"
 ]
];

const KEYS: Record<string, string> = {
 "message_delivery_report": "message_delivery",
 "event_delivery_report": "event_delivery",
 "message_submit_notification": "message_submit",
 "message": "message_inbound",
 "message_redaction": "message_inbound_smart_conversation_redaction",
 "event": "event_inbound",
 "conversation_start_notification": "conversation_start",
 "conversation_stop_notification": "conversation_stop",
 "conversation_delete_notification": "conversation_delete",
 "contact_create_notification": "contact_create",
 "contact_update_notification": "contact_update",
 "contact_delete_notification": "contact_delete",
 "contact_merge_notification": "contact_merge",
 "duplicated_contact_identities_notification": "contact_identities_duplication",
 "capability_notification": "capability",
 "opt_in_notification": "opt_in",
 "opt_out_notification": "opt_out",
 "channel_event_notification": "channel_event",
 "unsupported_callback": "unsupported",
 "smart_conversation_notification": "smart_conversations",
 "record_notification": "record_notification",
 "batch_status_update_notification": "batch_status_update"
};

/**
 * Tells of which kind a body is, which `JSON.parse` has read. It is not looked at further: every member may
 * be absent, and one that Sinch has added since is there.
 *
 * @example
 * import { readCallback } from "sinch-callback/events";
 *
 * const read = readCallback(JSON.parse(`{"message_delivery_report":{"status":"DELIVERED"}}`));
 * if (read.kind === "message_delivery") {
 *   console.log(read.callback.message_delivery_report.status); // DELIVERED
 * }
 */
export function readCallback(body: JsonObject): Callback {
  return { kind: kindOf(body), callback: body } as Callback;
}

function kindOf(body: JsonObject): string {
  for (const [tag, kinds] of TAGS) {
    const text = own(body, tag);
    if (typeof text === "string" && Object.hasOwn(kinds, text)) return kinds[text] as string;
  }
  for (const [members, kind] of MEMBERS) {
    const fits = ([key, look]: [string, string | string[]]) => {
      const value = own(body, key);
      return typeof look === "string" ? lookOf(value) === look : look.includes(value as string);
    };
    if (Object.entries(members).every(fits)) return kind;
  }
  for (const [key, kind] of Object.entries(KEYS)) {
    if (lookOf(own(body, key)) === "object") return kind;
  }
  return "unrecognized";
}

function own(body: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(body, key) ? body[key] : undefined;
}

function lookOf(value: Json | undefined): string {
  return value === null || Array.isArray(value) ? "other" : typeof value;
}

