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
