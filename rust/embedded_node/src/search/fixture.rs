//! A small index in a temporary directory, for the tests of searches and document reads.

use milli_core::progress::Progress;
use milli_core::update::new::indexer::{self, DocumentOperation};
use milli_core::update::{IndexerConfig, Settings};
use milli_core::{FilterableAttributesRule, Index, ThreadPoolNoAbortBuilder};
use serde_json::Value;
use tempfile::TempDir;

/// An index with its directory, which is removed with it.
pub struct Fixture {
    pub index: Index,
    _directory: TempDir,
}

/// Creates an index with these settings and documents. The primary key is `id`.
pub fn index_of(settings: impl FnOnce(&mut Settings<'_, '_, '_>), documents: &[Value]) -> Fixture {
    let directory = tempfile::tempdir().unwrap();
    let mut options = milli_core::heed::EnvOpenOptions::new().read_txn_without_tls();
    options.map_size(1 << 30);
    let index = Index::new(options, directory.path(), true).unwrap();
    let config = IndexerConfig::default();
    let mut wtxn = index.write_txn().unwrap();
    let mut builder = Settings::new(&mut wtxn, &index, &config);
    builder.set_primary_key("id".to_owned());
    settings(&mut builder);
    builder.execute(|_| (), || false).unwrap();
    wtxn.commit().unwrap();
    add(&index, &config, documents);
    Fixture {
        index,
        _directory: directory,
    }
}

fn add(index: &Index, config: &IndexerConfig, documents: &[Value]) {
    let mut file = tempfile::tempfile().unwrap();
    for document in documents {
        serde_json::to_writer(&mut file, document).unwrap();
    }
    // SAFETY: the file has no name, so nobody else can change it while it is mapped.
    let payload = unsafe { memmap2::Mmap::map(&file).unwrap() };
    let mut wtxn = index.write_txn().unwrap();
    let rtxn = index.read_txn().unwrap();
    let known = index.fields_ids_map(&rtxn).unwrap();
    let mut grown = known.clone();
    let mut operation = DocumentOperation::new();
    operation.replace_documents(&payload).unwrap();
    let bump = bumpalo::Bump::new();
    let (changes, stats, key) = operation
        .into_changes(
            &bump,
            index,
            &rtxn,
            None,
            &mut grown,
            &|| false,
            Progress::default(),
        )
        .unwrap();
    assert!(stats.iter().all(|stat| stat.error.is_none()));
    let pool = ThreadPoolNoAbortBuilder::new()
        .num_threads(2)
        .build()
        .unwrap();
    let (never, progress) = (|| false, Progress::default());
    let parameters = config.grenad_parameters();
    let embedders = Default::default();
    indexer::index(
        &mut wtxn, index, &pool, parameters, &known, grown, key, &changes, embedders, &never,
        &progress,
    )
    .unwrap();
    wtxn.commit().unwrap();
}

/// Makes these attributes filterable and sortable.
pub fn filter_and_sort(builder: &mut Settings<'_, '_, '_>, names: &[&str]) {
    let rules = names
        .iter()
        .map(|name| FilterableAttributesRule::Field((*name).to_owned()));
    builder.set_filterable_fields(rules.collect());
    builder.set_sortable_fields(names.iter().map(|name| (*name).to_owned()).collect());
}
