sinch_callback::named! {
    /// A channel on which a person can be reached: those of the Conversation API by their names there,
    /// and e-mail. The order is that in which the plans prefer them; e-mail is last.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    #[non_exhaustive]
    pub enum Channel {
        /// Text messages.
        Sms = "SMS",
        /// WhatsApp.
        WhatsApp = "WHATSAPP",
        /// RCS.
        Rcs = "RCS",
        /// Multimedia messages.
        Mms = "MMS",
        /// Viber Business.
        Viber = "VIBERBM",
        /// Facebook Messenger.
        Messenger = "MESSENGER",
        /// Instagram.
        Instagram = "INSTAGRAM",
        /// Telegram.
        Telegram = "TELEGRAM",
        /// KakaoTalk.
        KakaoTalk = "KAKAOTALK",
        /// LINE.
        Line = "LINE",
        /// WeChat.
        WeChat = "WECHAT",
        /// Apple Messages for Business.
        Apple = "APPLEBC",
        /// E-mail, which Sinch does not send.
        Email = "EMAIL",
    }
}

impl Channel {
    /// Whether an identity there is a telephone number.
    #[must_use]
    pub const fn is_by_number(self) -> bool {
        matches!(
            self,
            Self::Sms | Self::WhatsApp | Self::Rcs | Self::Mms | Self::Viber
        )
    }

    /// Whether the channel tells that a message was read. Where it does not, `until: read` means
    /// delivered.
    #[must_use]
    pub const fn tells_read(self) -> bool {
        !matches!(self, Self::Sms | Self::Mms | Self::Email)
    }
}
