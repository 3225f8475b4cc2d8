//! One key, one effect, one answer: on the Ledger API and on Ledgers.

use gateway::routes::Route;
use hyper::Method;
use serde_json::{Value, json};

use crate::money::{ELSEWHERE, ten_to};
use crate::world::{Reply, World};

async fn send(world: &World, path: &str, key: &str, body: &Value) -> Reply {
    let headers = [("x-api-key", world.ld.as_str()), ("idempotency-key", key)];
    world.raw(Method::POST, path, &headers, body.to_string()).await
}

#[tokio::test]
async fn a_repeated_write_that_moves_money_gets_the_first_answer_again() {
    let world = World::new().await;
    let (customer, wallet) = world.funded_wallet().await;
    let transfer = world.transfer(&customer, &wallet).await;
    let [cash, ada, bob] = world.books().await;
    let empty = world.ledger("empty", "asset").await;
    let line = |ledger: &str, side: &str| json!({ "ledger_id": ledger, "type": side, "amount": 7 });
    let journal = json!({ "entries": [line(&cash, "debit"), line(&bob, "credit")] });
    let posted = world.made("/v1/ledgers/journals", &journal).await["id"].clone();
    let posted = posted.as_str().unwrap();
    let person = json!({
        "type": "individual", "email": "ada@example.com", "firstName": "Ada", "lastName": "Byron",
    });
    let sale = json!({
        "sold": { "asset": "USDC", "amount": "1" }, "bought": { "asset": "USD", "amount": "1" },
    });
    let ledger = json!({ "code": "new", "name": "New", "type": "equity", "currency": "USD" });
    let writes = [
        ("/v1/customers".to_owned(), person),
        ("/v1/crypto-wallets".to_owned(), json!({ "customerId": customer })),
        (
            "/v1/virtual-accounts".to_owned(),
            json!({ "customerId": customer, "sourceCurrency": "eur" }),
        ),
        ("/v1/transfers".to_owned(), ten_to(&customer, &wallet, ELSEWHERE)),
        (format!("/v1/sandbox/transfers/{transfer}/advance"), json!({ "status": "completed" })),
        ("/v1/sandbox/treasury/conversions".to_owned(), sale),
        ("/v1/ledgers".to_owned(), ledger),
        (
            format!("/v1/ledgers/{ada}/transfer"),
            json!({ "destination_ledger_id": bob, "amount": 5, "metadata": { "b": "1", "a": "2" } }),
        ),
        (
            "/v1/ledgers/journals".to_owned(),
            json!({
                "entries": [line(&cash, "debit"), line(&bob, "credit")],
                "metadata": { "order": "A-17" }, "effective_at": "2026-01-31T23:59:59Z",
            }),
        ),
        (format!("/v1/ledgers/{empty}/freeze"), json!({})),
        (format!("/v1/ledgers/{empty}/unfreeze"), json!({})),
        (format!("/v1/ledgers/{empty}/close"), json!({})),
        (format!("/v1/ledgers/journals/{posted}/reverse"), json!({ "metadata": { "a": "1" } })),
    ];
    let routes = Route::ALL.iter().map(|route| route.number());
    let first = Route::CreateCustomer.number();
    let ours = routes.filter(|number| {
        (first..first + 12).contains(number) || *number == Route::ReverseJournal.number()
    });
    assert_eq!(writes.len(), ours.count());
    let mut firsts = Vec::new();
    for (number, (path, body)) in writes.iter().enumerate() {
        let first = send(&world, path, &format!("key-{number}"), body).await;
        assert!(first.status.is_success(), "{path}: {}", first.text);
        assert_eq!(first.header("idempotent-replayed"), None);
        firsts.push(first);
    }
    // After all of them, so that what they wrote is not what the books show now.
    world.judge(&customer, "locked").await;
    for (number, ((path, body), first)) in writes.iter().zip(firsts).enumerate() {
        let again = send(&world, path, &format!("\"key-{number}\""), body).await;
        assert_eq!((again.status, &again.text), (first.status, &first.text), "{path}");
        assert_eq!(again.header("idempotent-replayed"), Some("true"));
        assert_eq!(again.position(), first.position());
    }
}
