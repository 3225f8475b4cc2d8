use ct_merkle::mem_backed_tree::MemoryBackedTree;
use ct_merkle::{ConsistencyProof, InclusionProof, RootHash};
use proptest::prelude::*;

use super::*;

/// More than two levels above every shape of a tree.
const SIZE_MAX: u64 = 70;

type Peer = MemoryBackedTree<Sha256, Vec<u8>>;

fn content(index: u64) -> Vec<u8> {
    index.to_be_bytes().to_vec()
}

fn leaves(size: u64) -> impl Iterator<Item = Hash> {
    (0..size).map(|index| Hash::of(&content(index)))
}

fn tree(size: u64) -> Tree {
    leaves(size).collect()
}

fn peer(size: u64) -> Peer {
    let mut peer = Peer::new();
    (0..size).for_each(|index| peer.push(content(index)));
    peer
}

fn bytes(proof: &Proof) -> Vec<u8> {
    proof.0.iter().flat_map(|hash| hash.0).collect()
}

fn peer_root(tree: &Tree) -> RootHash<Sha256> {
    RootHash::new(tree.root().0.into(), tree.size())
}

#[test]
fn the_empty_tree_is_the_hash_of_nothing() {
    let expected = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    assert_eq!(Tree::default().root().to_string(), expected);
}

#[test]
fn roots_are_those_of_another_implementation() {
    for size in 1..=SIZE_MAX {
        assert_eq!(tree(size).root().0, <[u8; 32]>::from(*peer(size).root().as_bytes()));
    }
}

#[test]
fn a_tree_goes_on_from_its_peaks() {
    for size in 0..=SIZE_MAX {
        let whole = tree(size);
        let mut again = Tree::from_peaks(size, whole.peaks().to_vec()).unwrap();
        again.push(Hash::of(&content(size)));
        assert_eq!(again, tree(size + 1));
    }
    assert_eq!(Tree::from_peaks(3, vec![Hash([0; 32])]), None);
}

#[test]
fn every_inclusion_is_proved_and_believed_on_both_sides() {
    for size in 1..=SIZE_MAX {
        let (tree, peer) = (tree(size), peer(size));
        for index in 0..size {
            let proof = Proof::of_inclusion(index, size, leaves(size));
            let theirs = peer.prove_inclusion(index as usize);
            assert_eq!(bytes(&proof), theirs.as_bytes());
            let leaf = Hash::of(&content(index));
            assert_eq!(proof.check_inclusion(leaf, index, size, tree.root()), Ok(()));
            let proof = InclusionProof::<Sha256>::try_from_bytes(bytes(&proof)).unwrap();
            let root = peer_root(&tree);
            assert!(root.verify_inclusion(&content(index), index, &proof).is_ok());
        }
    }
}

#[test]
fn every_prefix_is_proved_and_believed_on_both_sides() {
    for new in 1..=SIZE_MAX {
        for old in 1..=new {
            let proof = Proof::of_consistency(old, new, leaves(new));
            let (old_tree, new_tree) = (tree(old), tree(new));
            let roots = (old_tree.root(), new_tree.root());
            assert_eq!(proof.check_consistency(old, roots.0, new, roots.1), Ok(()), "{old} {new}");
            if old < new {
                let theirs = peer(new).prove_consistency((new - old) as usize);
                assert_eq!(bytes(&proof), theirs.as_bytes());
                let proof = ConsistencyProof::<Sha256>::try_from_bytes(bytes(&proof)).unwrap();
                let (old_root, new_root) = (peer_root(&old_tree), peer_root(&new_tree));
                assert!(new_root.verify_consistency(&old_root, &proof).is_ok());
            }
        }
        let nothing = Proof::of_consistency(0, new, leaves(new));
        let (empty, root) = (Tree::default().root(), tree(new).root());
        assert_eq!(nothing.check_consistency(0, empty, new, root), Ok(()));
        assert_eq!(nothing.check_consistency(0, root, new, root), Err(InvalidProof::Root));
    }
}

#[test]
fn sizes_that_make_no_sense_are_refused() {
    let proof = Proof(Vec::new());
    let root = tree(1).root();
    assert_eq!(proof.check_inclusion(root, 1, 1, root), Err(InvalidProof::Sizes));
    assert_eq!(proof.check_consistency(2, root, 1, root), Err(InvalidProof::Sizes));
    assert_eq!(proof.check_consistency(1, root, 1, Hash([0; 32])), Err(InvalidProof::Root));
    assert_eq!(proof.check_consistency(1, root, 2, root), Err(InvalidProof::Length));
}

proptest! {
    #[test]
    fn a_changed_inclusion_is_not_believed(
        (size, index) in (1..=SIZE_MAX).prop_flat_map(|size| (Just(size), 0..size)),
        change in any::<prop::sample::Index>(),
        other in 0..=SIZE_MAX,
    ) {
        let (root, leaf) = (tree(size).root(), Hash::of(&content(index)));
        let proof = Proof::of_inclusion(index, size, leaves(size));
        if !proof.0.is_empty() {
            let mut changed = proof.clone();
            let place = change.index(changed.0.len());
            changed.0[place].0[0] ^= 1;
            prop_assert_eq!(changed.check_inclusion(leaf, index, size, root), Err(InvalidProof::Root));
            let mut shorter = proof.clone();
            shorter.0.remove(place);
            prop_assert!(shorter.check_inclusion(leaf, index, size, root).is_err());
        }
        let mut longer = proof.clone();
        longer.0.push(leaf);
        prop_assert_eq!(longer.check_inclusion(leaf, index, size, root), Err(InvalidProof::Length));
        if other != index {
            prop_assert!(proof.check_inclusion(leaf, other, size, root).is_err());
        }
    }

    #[test]
    fn another_past_is_not_believed(
        (new, old) in (2..=SIZE_MAX).prop_flat_map(|new| (Just(new), 1..new)),
        change in any::<prop::sample::Index>(),
    ) {
        let roots = (tree(old).root(), tree(new).root());
        let proof = Proof::of_consistency(old, new, leaves(new));
        let mut changed = proof.clone();
        let place = change.index(changed.0.len());
        changed.0[place].0[31] ^= 1;
        let result = changed.check_consistency(old, roots.0, new, roots.1);
        prop_assert_eq!(result, Err(InvalidProof::Root));
        let mut longer = proof.clone();
        longer.0.push(roots.0);
        let result = longer.check_consistency(old, roots.0, new, roots.1);
        prop_assert_eq!(result, Err(InvalidProof::Length));
        let mut past: Tree = leaves(old - 1).collect();
        past.push(Hash([7; 32]));
        let result = proof.check_consistency(old, past.root(), new, roots.1);
        prop_assert_eq!(result, Err(InvalidProof::Root));
    }
}
