//! Deposits and wallets.

use ledger::deposits::{ConfirmDeposit, ReverseDeposit};
use ledger::wallets::{ConfirmBankDeposit, ConfirmWalletDeposit, CreateWallet, OpenVirtualAccount};

records! {
    ConfirmDeposit { holder chain asset amount rate rate_source reference }
    ReverseDeposit { transaction }
    CreateWallet { holder }
    OpenVirtualAccount { holder wallet currency }
    ConfirmWalletDeposit { wallet chain asset amount reference }
    ConfirmBankDeposit { account amount asset rate rate_source reference }
}
