//! Messages to persons and posts, from templates of packs.
