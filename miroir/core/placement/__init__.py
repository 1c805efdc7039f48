"""Where documents and shards live: shard maps and covering sets, pure functions over the Rust hot part."""
