use super::*;

/// A model whose progress was told to be at 9.
fn told_of_nine() -> (watch::Sender<Progress>, Followed<()>) {
    let (told, progress) = watch::channel(Progress::default());
    told.send_modify(|progress| progress.position = Position(9));
    (told, Followed { queries: Arc::new(()), progress })
}

#[tokio::test]
async fn rows_that_went_back_are_not_taken_for_what_was_told() {
    let (_told, model) = told_of_nine();
    let shows = |position| move |(): &()| Ok(At { position: Position(position), value: () });
    for (shown, wanted, is_answered) in [(9, 9, true), (9, 8, true), (8, 9, false), (8, 8, true)] {
        let answer = model.ask_at(Position(wanted), shows(shown)).await;
        match answer {
            Ok(found) => assert_eq!((found.position.0, is_answered), (shown, true)),
            Err(Error::Behind { position }) => {
                assert_eq!((position.0, is_answered), (wanted, false));
            }
            Err(other) => panic!("{other:?}"),
        }
    }
}
