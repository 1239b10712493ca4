//! Serves the frontend's files from a folder, reading them from disk at every request.
//!
//! Tauri asks from a task of its asynchronous runtime, never from the thread of the windows.

use std::{borrow::Cow, fs, path::PathBuf};

use tauri::{
    Assets, Runtime,
    utils::assets::{AssetKey, AssetsIter, CspHash},
};
use tokio::runtime::{Handle, RuntimeFlavor};

use super::{csp::PagePolicy, path_guard};
use crate::context::walk;

/// The files below one folder, as Tauri's assets.
#[derive(Debug)]
pub(in crate::context) struct FolderAssets {
    /// `None`: the pages come from somewhere else.
    root: Option<PathBuf>,
    policy: PagePolicy,
}

impl FolderAssets {
    pub(in crate::context) fn new(root: PathBuf, policy: PagePolicy) -> Self {
        Self {
            root: Some(root),
            policy,
        }
    }

    pub(in crate::context) fn empty() -> Self {
        Self {
            root: None,
            policy: PagePolicy::default(),
        }
    }

    fn read(&self, key: &str) -> Option<Vec<u8>> {
        let bytes = fs::read(path_guard::find(self.root.as_deref()?, key)?).ok()?;
        Some(self.policy.apply(key, bytes))
    }

    fn keys(&self) -> Vec<String> {
        let Some(root) = &self.root else {
            return Vec::new();
        };
        let files = walk::files(root).unwrap_or_default();
        let relative = files.iter().filter_map(|file| file.strip_prefix(root).ok());
        relative.map(|file| AssetKey::from(file).into()).collect()
    }
}

impl<R: Runtime> Assets<R> for FolderAssets {
    fn get(&self, key: &AssetKey) -> Option<Cow<'_, [u8]>> {
        while_blocking(|| self.read(key.as_ref())).map(Cow::Owned)
    }

    fn iter(&self) -> Box<AssetsIter<'_>> {
        let files = self.keys().into_iter();
        Box::new(files.filter_map(|key| {
            let bytes = self.read(&key)?;
            Some((Cow::Owned(key), Cow::Owned(bytes)))
        }))
    }

    /// No hashes: inline scripts carry a nonce instead, which is sent together with the page. A
    /// hash would come from another reading of a file that may have changed since.
    fn csp_hashes(&self, _: &AssetKey) -> Box<dyn Iterator<Item = CspHash<'_>> + '_> {
        Box::new(std::iter::empty())
    }
}

/// Lets this worker thread of the runtime give its other tasks away while it waits for the disk.
pub(crate) fn while_blocking<T>(read: impl FnOnce() -> T) -> T {
    match Handle::try_current() {
        Ok(runtime) if runtime.runtime_flavor() == RuntimeFlavor::MultiThread => {
            tokio::task::block_in_place(read)
        }
        _ => read(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::tests::Folder;
    use tauri::{
        Wry,
        utils::config::{Csp, SecurityConfig},
    };

    fn get(assets: &FolderAssets, key: &str) -> Option<String> {
        let bytes = <FolderAssets as Assets<Wry>>::get(assets, &AssetKey::from(key))?;
        Some(String::from_utf8(bytes.into_owned()).unwrap())
    }

    #[test]
    fn a_file_is_read_anew_at_every_request() {
        let folder = Folder::with(&[("index.html", "one")]);
        let assets = FolderAssets::new(folder.path().into(), PagePolicy::default());
        assert_eq!(get(&assets, "/index.html").as_deref(), Some("one"));
        folder.write("index.html", "two");
        assert_eq!(get(&assets, "/index.html").as_deref(), Some("two"));
        folder.remove("index.html");
        assert_eq!(get(&assets, "/index.html"), None);
    }

    #[test]
    fn it_can_be_read_inside_every_kind_of_runtime() {
        let folder = Folder::with(&[("a.txt", "a")]);
        let assets = FolderAssets::new(folder.path().into(), PagePolicy::default());
        let single = tokio::runtime::Builder::new_current_thread().build();
        single.unwrap().block_on(async {
            assert!(get(&assets, "/a.txt").is_some());
        });
        tauri::async_runtime::block_on(async move {
            let read = tauri::async_runtime::spawn(async move { get(&assets, "/a.txt") });
            assert_eq!(read.await.unwrap().as_deref(), Some("a"));
        });
    }

    #[test]
    fn pages_are_prepared_only_where_a_policy_holds() {
        let page = "<html><head></head><body><script>1</script></body></html>";
        let folder = Folder::with(&[("index.html", page), ("page.txt", page)]);
        let plain = FolderAssets::new(folder.path().into(), PagePolicy::default());
        assert_eq!(get(&plain, "/index.html").as_deref(), Some(page));
        let strict = FolderAssets::new(
            folder.path().into(),
            PagePolicy::of(&SecurityConfig {
                csp: Some(Csp::Policy("default-src 'self'".into())),
                ..SecurityConfig::default()
            }),
        );
        assert!(get(&strict, "/index.html").unwrap().contains("nonce="));
        assert_eq!(get(&strict, "/page.txt").as_deref(), Some(page));
    }

    #[test]
    fn all_files_are_listed_by_key() {
        let folder = Folder::with(&[("index.html", "i"), ("deep/er/a.js", "a")]);
        let assets = FolderAssets::new(folder.path().into(), PagePolicy::default());
        let listed: Vec<_> = <FolderAssets as Assets<Wry>>::iter(&assets)
            .map(|(key, bytes)| (key.into_owned(), bytes.into_owned()))
            .collect();
        let expected = [
            ("/deep/er/a.js".to_owned(), b"a".to_vec()),
            ("/index.html".to_owned(), b"i".to_vec()),
        ];
        assert_eq!(listed, expected);
        assert_eq!(FolderAssets::empty().keys(), Vec::<String>::new());
    }
}
