use super::*;

#[test]
fn a_file_is_shown_from_where_it_lies_and_not_copied() {
    let [one, other] = [(); 2].map(|()| page("swagger-ui-bundle.js").unwrap().1);
    assert_eq!(one.as_ptr(), other.as_ptr());
}
