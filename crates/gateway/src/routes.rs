//! The registry of what can be written.

use std::fmt;

use axum::routing::MethodFilter;

macro_rules! routes {
    ($($number:literal $name:ident $method:ident $path:literal;)*) => {
        /// A route that writes. Its number stands in every entry that was written through it (see
        /// [`ledger::Origin::route`]), so it is never changed and never given to another route. Zero is the ledger's own.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[repr(u16)]
        pub enum Route {
            $(
                #[doc = concat!("`", stringify!($method), " ", $path, "`")]
                $name = $number,
            )*
        }

        impl Route {
            /// Every route, in the order of their numbers.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// Its path, as the router writes it.
            pub fn path(self) -> &'static str {
                match self {
                    $(Self::$name => $path,)*
                }
            }

            pub(crate) fn method(self) -> MethodFilter {
                match self {
                    $(Self::$name => MethodFilter::$method,)*
                }
            }

            /// Its method, in capital letters.
            pub fn method_name(self) -> &'static str {
                match self {
                    $(Self::$name => stringify!($method),)*
                }
            }
        }

        impl fmt::Display for Route {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self {
                    $(Self::$name => concat!(stringify!($method), " ", $path),)*
                })
            }
        }
    };
}

routes! {
    1 CreateUser POST "/v1/users";
    2 StartVerification POST "/v1/verification/user";
    3 AddDocument PUT "/v1/verification/user/{userId}/document";
    4 RegisterAgent POST "/v1/agents/register";
    5 SuspendAgent POST "/v1/agents/{agentId}/suspend";
    6 ReactivateAgent POST "/v1/agents/{agentId}/reactivate";
    7 CreateCard POST "/v1/agents/{agentId}/cards";
    8 FreezeCard POST "/v1/cards/{cardId}/freeze";
    9 UnfreezeCard POST "/v1/cards/{cardId}/unfreeze";
    10 CloseCard POST "/v1/cards/{cardId}/close";
    11 DeclareIntent POST "/v1/cards/{cardId}/intents";
    12 CancelIntent POST "/v1/intents/{intentId}/cancel";
    13 ReadDetails POST "/v1/cards/{cardId}/details";
    14 PlayVerification POST "/v1/sandbox/verifications/{userId}";
    15 PlayDeposit POST "/v1/sandbox/deposits";
    16 PlayAuthorization POST "/v1/sandbox/cards/{cardId}/authorizations";
    17 PlayReversal POST "/v1/sandbox/transactions/{transactionId}/reverse";
    18 PlayClearing POST "/v1/sandbox/transactions/{transactionId}/clear";
    19 PlayExpiry POST "/v1/sandbox/transactions/{transactionId}/expire";
    20 PlayRefund POST "/v1/sandbox/transactions/{transactionId}/refund";
    21 AdvanceClock POST "/v1/sandbox/clock";
    22 ChangeAgent PATCH "/v1/agents/{agentId}";
    23 ChangeCard PATCH "/v1/cards/{cardId}";
    24 ApproveIntent POST "/v1/intents/{intentId}/approve";
    25 RejectIntent POST "/v1/intents/{intentId}/reject";
    26 PlayIncrement POST "/v1/sandbox/transactions/{transactionId}/increment";
    27 PlayConfirmation POST "/v1/sandbox/transactions/{transactionId}/confirm";
    28 PlayCorrection POST "/v1/sandbox/transactions/{transactionId}/correct";
    29 PlayRefundReversal POST "/v1/sandbox/transactions/{transactionId}/refund-reversal";
    30 PlayRelease POST "/v1/sandbox/transactions/{transactionId}/release";
    31 PlayForcePost POST "/v1/sandbox/cards/{cardId}/force-clear";
    32 PlayUnlinkedRefund POST "/v1/sandbox/cards/{cardId}/unlinked-refund";
    33 PlayPresentment POST "/v1/sandbox/network/presentments";
    34 AssignPresentment POST "/v1/sandbox/transactions/{transactionId}/assign";
    35 WriteOffPresentment POST "/v1/sandbox/transactions/{transactionId}/write-off";
    36 SettleNetwork POST "/v1/sandbox/network/settle";
    37 ReverseDeposit POST "/v1/sandbox/deposits/{transactionId}/reverse";
    38 CreateCustomer POST "/v1/customers";
    39 CreateWallet POST "/v1/crypto-wallets";
    40 OpenVirtualAccount POST "/v1/virtual-accounts";
    41 CreateTransfer POST "/v1/transfers";
    42 AdvanceTransfer POST "/v1/sandbox/transfers/{transactionId}/advance";
    43 ConvertTreasury POST "/v1/sandbox/treasury/conversions";
    44 CreateLedger POST "/v1/ledgers";
    45 TransferBetweenLedgers POST "/v1/ledgers/{ledgerId}/transfer";
    46 PostJournal POST "/v1/ledgers/journals";
    47 FreezeLedger POST "/v1/ledgers/{ledgerId}/freeze";
    48 UnfreezeLedger POST "/v1/ledgers/{ledgerId}/unfreeze";
    49 CloseLedger POST "/v1/ledgers/{ledgerId}/close";
    50 CreateKey POST "/v1/keys";
    51 RevokeKey DELETE "/v1/keys/{keyId}";
    52 ChangeCustomer PATCH "/v1/customers/{customerId}";
    53 ReverseJournal POST "/v1/ledgers/journals/{journalId}/reverse";
    54 CreateWebhook POST "/v1/webhooks";
    55 ChangeWebhook PATCH "/v1/webhooks/{webhookId}";
    56 RemoveWebhook DELETE "/v1/webhooks/{webhookId}";
    57 RotateWebhookSecret POST "/v1/webhooks/{webhookId}/rotate-secret";
    58 TestWebhook POST "/v1/webhooks/{webhookId}/test";
    59 ReplayWebhook POST "/v1/webhooks/{webhookId}/replay";
}

impl Route {
    /// Its number.
    pub fn number(self) -> u16 {
        self as u16
    }

    /// The route with this number.
    pub fn from_number(number: u16) -> Option<Self> {
        Self::ALL.iter().copied().find(|route| route.number() == number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Entries of any age hold these numbers.
    #[test]
    fn the_numbers_of_routes_stay_what_they_are() {
        let recorded = [
            (1, "POST /v1/users"),
            (2, "POST /v1/verification/user"),
            (3, "PUT /v1/verification/user/{userId}/document"),
            (4, "POST /v1/agents/register"),
            (5, "POST /v1/agents/{agentId}/suspend"),
            (6, "POST /v1/agents/{agentId}/reactivate"),
            (7, "POST /v1/agents/{agentId}/cards"),
            (8, "POST /v1/cards/{cardId}/freeze"),
            (9, "POST /v1/cards/{cardId}/unfreeze"),
            (10, "POST /v1/cards/{cardId}/close"),
            (11, "POST /v1/cards/{cardId}/intents"),
            (12, "POST /v1/intents/{intentId}/cancel"),
            (13, "POST /v1/cards/{cardId}/details"),
            (14, "POST /v1/sandbox/verifications/{userId}"),
            (15, "POST /v1/sandbox/deposits"),
            (16, "POST /v1/sandbox/cards/{cardId}/authorizations"),
            (17, "POST /v1/sandbox/transactions/{transactionId}/reverse"),
            (18, "POST /v1/sandbox/transactions/{transactionId}/clear"),
            (19, "POST /v1/sandbox/transactions/{transactionId}/expire"),
            (20, "POST /v1/sandbox/transactions/{transactionId}/refund"),
            (21, "POST /v1/sandbox/clock"),
            (22, "PATCH /v1/agents/{agentId}"),
            (23, "PATCH /v1/cards/{cardId}"),
            (24, "POST /v1/intents/{intentId}/approve"),
            (25, "POST /v1/intents/{intentId}/reject"),
            (26, "POST /v1/sandbox/transactions/{transactionId}/increment"),
            (27, "POST /v1/sandbox/transactions/{transactionId}/confirm"),
            (28, "POST /v1/sandbox/transactions/{transactionId}/correct"),
            (29, "POST /v1/sandbox/transactions/{transactionId}/refund-reversal"),
            (30, "POST /v1/sandbox/transactions/{transactionId}/release"),
            (31, "POST /v1/sandbox/cards/{cardId}/force-clear"),
            (32, "POST /v1/sandbox/cards/{cardId}/unlinked-refund"),
            (33, "POST /v1/sandbox/network/presentments"),
            (34, "POST /v1/sandbox/transactions/{transactionId}/assign"),
            (35, "POST /v1/sandbox/transactions/{transactionId}/write-off"),
            (36, "POST /v1/sandbox/network/settle"),
            (37, "POST /v1/sandbox/deposits/{transactionId}/reverse"),
            (38, "POST /v1/customers"),
            (39, "POST /v1/crypto-wallets"),
            (40, "POST /v1/virtual-accounts"),
            (41, "POST /v1/transfers"),
            (42, "POST /v1/sandbox/transfers/{transactionId}/advance"),
            (43, "POST /v1/sandbox/treasury/conversions"),
            (44, "POST /v1/ledgers"),
            (45, "POST /v1/ledgers/{ledgerId}/transfer"),
            (46, "POST /v1/ledgers/journals"),
            (47, "POST /v1/ledgers/{ledgerId}/freeze"),
            (48, "POST /v1/ledgers/{ledgerId}/unfreeze"),
            (49, "POST /v1/ledgers/{ledgerId}/close"),
            (50, "POST /v1/keys"),
            (51, "DELETE /v1/keys/{keyId}"),
            (52, "PATCH /v1/customers/{customerId}"),
            (53, "POST /v1/ledgers/journals/{journalId}/reverse"),
            (54, "POST /v1/webhooks"),
            (55, "PATCH /v1/webhooks/{webhookId}"),
            (56, "DELETE /v1/webhooks/{webhookId}"),
            (57, "POST /v1/webhooks/{webhookId}/rotate-secret"),
            (58, "POST /v1/webhooks/{webhookId}/test"),
            (59, "POST /v1/webhooks/{webhookId}/replay"),
        ];
        let now = Route::ALL.iter().map(|route| (route.number(), route.to_string()));
        assert!(now.eq(recorded.map(|(number, text)| (number, text.to_owned()))));
    }

    #[test]
    fn a_route_is_found_by_its_number() {
        for route in Route::ALL {
            assert_eq!(Route::from_number(route.number()), Some(*route));
        }
        assert_eq!(Route::from_number(0), None);
    }
}
