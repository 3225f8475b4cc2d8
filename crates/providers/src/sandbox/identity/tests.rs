use super::*;

#[test]
fn a_link_is_the_holders_own_and_stays_what_it_is() {
    let link =
        |seed, holder| verification_url("https://kyc.test", &[seed; 32], HolderId([holder; 16]));
    assert_eq!(link(1, 2), "https://kyc.test/verify/7cxfn1n729tbymmvdtqfpw9a2b");
    assert_ne!(link(1, 2), link(1, 3));
    assert_ne!(link(1, 2), link(4, 2));
}

#[test]
fn the_terms_have_a_link_of_their_own() {
    let holder = HolderId([2; 16]);
    let terms = terms_url("https://kyc.test", &[1; 32], holder);
    assert_eq!(terms.len(), "https://kyc.test/terms/".len() + 26);
    let verification = verification_url("https://kyc.test", &[1; 32], holder);
    assert_ne!(terms.rsplit('/').next(), verification.rsplit('/').next());
}
