//! The names of the actions a key may hold, and which of them cover which.

/// Every action of the API, wildcards included.
pub const ALL: [&str; 58] = [
    "*",
    "*.get",
    "search",
    "documents.*",
    "documents.add",
    "documents.get",
    "documents.delete",
    "indexes.*",
    "indexes.create",
    "indexes.get",
    "indexes.update",
    "indexes.delete",
    "indexes.swap",
    "indexes.compact",
    "tasks.*",
    "tasks.cancel",
    "tasks.delete",
    "tasks.get",
    "tasks.compact",
    "settings.*",
    "settings.get",
    "settings.update",
    "stats.*",
    "stats.get",
    "metrics.*",
    "metrics.get",
    "dumps.*",
    "dumps.create",
    "snapshots.*",
    "snapshots.create",
    "version",
    "keys.create",
    "keys.get",
    "keys.update",
    "keys.delete",
    "experimental.get",
    "experimental.update",
    "export",
    "network.get",
    "network.update",
    "chatCompletions",
    "chats.*",
    "chats.get",
    "chats.delete",
    "chatsSettings.*",
    "chatsSettings.get",
    "chatsSettings.update",
    "webhooks.*",
    "webhooks.get",
    "webhooks.update",
    "webhooks.delete",
    "webhooks.create",
    "fields.post",
    "dynamicSearchRules.*",
    "dynamicSearchRules.get",
    "dynamicSearchRules.create",
    "dynamicSearchRules.update",
    "dynamicSearchRules.delete",
];

/// What `*.get` covers.
const READS: [&str; 16] = [
    "search",
    "documents.get",
    "export",
    "indexes.get",
    "tasks.get",
    "settings.get",
    "stats.get",
    "metrics.get",
    "version",
    "experimental.get",
    "network.get",
    "chats.get",
    "chatsSettings.get",
    "webhooks.get",
    "fields.post",
    "dynamicSearchRules.get",
];

/// Families whose actions concern the whole node, so that a key limited to some indexes may not hold them.
const GLOBAL: [&str; 11] = [
    "metrics",
    "dumps",
    "snapshots",
    "version",
    "keys",
    "experimental",
    "export",
    "network",
    "webhooks",
    "chatsSettings",
    "dynamicSearchRules",
];

/// Whether one of the held actions covers the wanted one.
pub fn granted(held: &[String], wanted: &str) -> bool {
    held.iter().any(|action| covers(action, wanted))
}

fn covers(held: &str, wanted: &str) -> bool {
    match held {
        "*" => true,
        "*.get" => READS.contains(&wanted),
        _ if held == wanted => true,
        _ => held
            .strip_suffix(".*")
            .is_some_and(|family| family_of(wanted) == family && wanted.contains('.')),
    }
}

fn family_of(action: &str) -> &str {
    action.split('.').next().unwrap_or(action)
}

/// Whether the action may only be held by a key for all indexes.
pub fn is_global(action: &str) -> bool {
    action == "tasks.compact" || GLOBAL.contains(&family_of(action))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_family_wildcard_covers_its_family_only() {
        assert!(covers("documents.*", "documents.add"));
        assert!(!covers("documents.*", "indexes.create"));
        assert!(!covers("documents.*", "documents"));
    }

    #[test]
    fn star_get_reads_but_does_not_manage_keys() {
        assert!(covers("*.get", "search") && covers("*.get", "tasks.get"));
        assert!(!covers("*.get", "keys.get") && !covers("*.get", "documents.add"));
    }
}
