//! A Merkle tree over entries that only grow in number (RFC 9162, section 2.1).
//!
//! Nobody holds the whole tree: from a leaf's own hash and its path at the time
//! it was added, the heads of the full subtrees follow, and with them the next
//! leaf's path and the root. That is at most 64 hashes for any number of entries.

use std::fmt;

use aws_lc_rs::digest::{SHA256, digest};

/// Bytes of a hash.
const LEN: usize = 32;

/// A SHA-256.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash(pub [u8; LEN]);

impl Hash {
    /// The hash of a leaf's bytes (RFC 9162, 2.1.1).
    #[must_use]
    pub fn of_leaf(bytes: &[u8]) -> Self {
        Self::of(&[&[0], bytes].concat())
    }

    /// The hash above two others.
    #[must_use]
    pub fn above(left: &Self, right: &Self) -> Self {
        let mut bytes = [1; 1 + 2 * LEN];
        bytes[1..=LEN].copy_from_slice(&left.0);
        bytes[1 + LEN..].copy_from_slice(&right.0);
        Self::of(&bytes)
    }

    /// The root of no entries at all.
    #[must_use]
    pub fn of_nothing() -> Self {
        Self::of(&[])
    }

    fn of(bytes: &[u8]) -> Self {
        let mut hash = [0; LEN];
        hash.copy_from_slice(digest(&SHA256, bytes).as_ref());
        Self(hash)
    }

    /// From 32 bytes; `None` for any other number.
    #[must_use]
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// From 64 hex digits.
    #[must_use]
    pub fn from_hex(text: &str) -> Option<Self> {
        let digit = |at: usize| {
            text.get(at..at + 2)
                .filter(|pair| pair.bytes().all(|b| b.is_ascii_hexdigit()))
                .and_then(|pair| u8::from_str_radix(pair, 16).ok())
        };
        let bytes: Vec<u8> = (0..LEN).map(|i| digit(2 * i)).collect::<Option<_>>()?;
        Self::from_slice(&bytes).filter(|_| text.len() == 2 * LEN)
    }
}

/// 64 hex digits.
impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Hashes side by side, as a column keeps them.
#[must_use]
pub fn joined(hashes: &[Hash]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| hash.0).collect()
}

/// Reads what [`joined`] wrote; `None` when bytes are missing or left over.
#[must_use]
pub fn split(bytes: &[u8]) -> Option<Vec<Hash>> {
    let (hashes, rest) = bytes.as_chunks::<LEN>();
    rest.is_empty()
        .then(|| hashes.iter().map(|hash| Hash(*hash)).collect())
}

/// A tree of which only the heads of the full subtrees are known: enough to go on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    size: u64,
    /// The smallest, rightmost subtree first: one for each 1 in the size's binary form.
    heads: Vec<Hash>,
}

impl Tree {
    /// The tree right after the leaf at `index` was added with this hash and path; `None` when
    /// the path has the wrong length.
    #[must_use]
    pub fn after(index: u64, leaf: Hash, path: &[Hash]) -> Option<Self> {
        (path.len() == index.count_ones() as usize).then(|| {
            let mut tree = Self {
                size: index,
                heads: path.to_vec(),
            };
            tree.add(leaf);
            tree
        })
    }

    /// How many leaves it has; the index of the next one.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// What the next leaf's inclusion proof will be in the tree that ends with it.
    #[must_use]
    pub fn path(&self) -> &[Hash] {
        &self.heads
    }

    /// Adds a leaf.
    pub fn add(&mut self, leaf: Hash) {
        let full = self.size.trailing_ones() as usize;
        let head = self
            .heads
            .drain(..full)
            .fold(leaf, |right, left| Hash::above(&left, &right));
        self.heads.insert(0, head);
        self.size += 1;
    }

    /// The root.
    #[must_use]
    pub fn root(&self) -> Hash {
        let mut heads = self.heads.iter();
        match heads.next() {
            None => Hash::of_nothing(),
            Some(last) => heads.fold(*last, |right, left| Hash::above(left, &right)),
        }
    }
}

/// The root that follows from a leaf and its proof in a tree of `size` leaves (RFC 9162,
/// 2.1.3.2); `None` when the proof does not fit.
#[must_use]
pub fn root_of(index: u64, size: u64, leaf: Hash, proof: &[Hash]) -> Option<Hash> {
    if index >= size {
        return None;
    }
    let (mut node, mut last, mut hash) = (index, size - 1, leaf);
    for sibling in proof {
        if last == 0 {
            return None;
        }
        if node & 1 == 1 || node == last {
            hash = Hash::above(sibling, &hash);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            hash = Hash::above(&hash, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    (last == 0).then_some(hash)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The leaves and roots that implementations of certificate transparency test with.
    const LEAVES: [&[u8]; 8] = [
        b"",
        b"\x00",
        b"\x10",
        b"\x20\x21",
        b"\x30\x31",
        b"\x40\x41\x42\x43",
        b"\x50\x51\x52\x53\x54\x55\x56\x57",
        b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
    ];
    const ROOTS: [&str; 8] = [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];

    #[test]
    fn the_roots_are_those_of_certificate_transparency() {
        let mut tree = Tree::default();
        assert_eq!(
            tree.root().to_string(),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
        for (leaf, root) in LEAVES.iter().zip(ROOTS) {
            tree.add(Hash::of_leaf(leaf));
            assert_eq!(tree.root().to_string(), root);
        }
        assert_eq!(Hash::from_hex(ROOTS[7]), Some(tree.root()));
        assert_eq!(Hash::from_hex(&ROOTS[7][1..]), None);
    }

    proptest! {
        #[test]
        fn each_leaf_is_proved_by_its_path_and_by_nothing_else(size in 1_u64..300, wrong in 0_usize..10) {
            let mut tree = Tree::default();
            for index in 0..size {
                let leaf = Hash::of_leaf(&index.to_be_bytes());
                let path = tree.path().to_vec();
                prop_assert_eq!(split(&joined(&path)), Some(path.clone()));
                tree.add(leaf);
                prop_assert_eq!(root_of(index, index + 1, leaf, &path), Some(tree.root()));
                prop_assert_eq!(Tree::after(index, leaf, &path), Some(tree.clone()));
                let other = Hash::of_leaf(b"another");
                prop_assert_ne!(root_of(index, index + 1, other, &path), Some(tree.root()));
                if let Some(at) = path.len().checked_sub(1).map(|last| wrong.min(last)) {
                    let mut bent = path.clone();
                    bent[at] = other;
                    prop_assert_ne!(root_of(index, index + 1, leaf, &bent), Some(tree.root()));
                    prop_assert_eq!(Tree::after(index, leaf, &path[1..]), None);
                    prop_assert_eq!(root_of(index, index + 1, leaf, &path[1..]), None);
                }
                prop_assert_eq!(root_of(index + 1, index + 1, leaf, &path), None);
            }
        }
    }
}
