use super::*;

#[test]
fn a_request_is_named_as_clients_see_it_or_in_hexadecimal_digits() {
    let id = TraceId::from(0x019a_5b4e_1c2d_7abc_8def_0123_4567_89ab);
    assert_eq!(request("019a5b4e1c2d7abc8def0123456789ab"), Some(id));
    assert_eq!(request("req_01k9dmw71dfay8vvr14d2pf2db"), Some(id));
    for text in [
        "",
        "req_",
        "00000000000000000000000000000000",
        "019a5b4e1c2d7abc8def0123456789a",
        "+19a5b4e1c2d7abc8def0123456789ab",
        "req_81k9dmw71dfay8vvr14d2pf2db",
        "req_01k9dmw71dfay8vvr14d2pf2du",
    ] {
        assert_eq!(request(text), None, "{text}");
    }
}

#[test]
fn the_root_is_the_end_of_the_request() {
    let trace = request("019a5b4e1c2d7abc8def0123456789ab").unwrap();
    assert_eq!(root(trace).to_string(), "8def0123456789ab");
}

#[test]
fn a_traceparent_is_a_link_if_it_is_well_formed() {
    let linked = link("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01").unwrap();
    assert_eq!(linked.trace_id().to_string(), "0af7651916cd43dd8448eb211c80319c");
    assert_eq!(linked.span_id().to_string(), "b7ad6b7169203331");
    assert!(linked.is_sampled() && linked.is_remote());
    assert!(link("01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more").is_some());
    for header in [
        "",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
        "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
        "00-0af7651916cd43dd8448eb211c80319x-b7ad6b7169203331-01",
    ] {
        assert!(link(header).is_none(), "{header}");
    }
}
