//! Prepares HTML pages for the Content-Security-Policy that Tauri sends with them.

use tauri::utils::{
    assets::SCRIPT_NONCE_TOKEN,
    config::{DisabledCspModificationKind, SecurityConfig},
};
use tauri_utils::html2::{inject_nonce_token, parse_doc, serialize_doc};

/// Whether pages have to be prepared for a policy, and how far they may be changed.
#[derive(Debug, Clone, Default)]
pub(crate) struct PagePolicy(Option<DisabledCspModificationKind>);

impl PagePolicy {
    pub(crate) fn of(security: &SecurityConfig) -> Self {
        let disabled = || security.dangerous_disable_asset_csp_modification.clone();
        Self(security.csp.as_ref().map(|_| disabled()))
    }

    /// The asset as it is sent.
    pub(crate) fn apply(&self, key: &str, bytes: Vec<u8>) -> Vec<u8> {
        match &self.0 {
            // the ending by which Tauri itself knows a page
            Some(disabled) if key.ends_with(".html") => prepare(&bytes, disabled),
            _ => bytes,
        }
    }
}

/// Marks the scripts and styles of `html`. For each answer Tauri replaces the marks by fresh
/// nonces, and names these in the policy's header.
fn prepare(html: &[u8], disabled: &DisabledCspModificationKind) -> Vec<u8> {
    let page = parse_doc(String::from_utf8_lossy(html).into_owned());
    inject_nonce_token(&page, disabled);
    if disabled.can_modify("script-src") {
        for script in page.select("script:not([src]):not([nonce])").nodes() {
            script.set_attr("nonce", SCRIPT_NONCE_TOKEN);
        }
    }
    serialize_doc(&page)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tauri::utils::assets::STYLE_NONCE_TOKEN;

    const PAGE: &str = concat!(
        "<!DOCTYPE html><html><head><style>a{}</style></head><body><script>1 < 2</script>",
        "<script src=\"/own.js\"></script><script src=\"https://cdn.example/x.js\"></script>",
        "<script nonce=\"mine\">3</script></body></html>"
    );

    fn prepared(disabled: DisabledCspModificationKind) -> String {
        String::from_utf8(prepare(PAGE.as_bytes(), &disabled)).unwrap()
    }

    #[test]
    fn inline_and_foreign_scripts_and_styles_are_marked() {
        let page = prepared(DisabledCspModificationKind::Flag(false));
        let (script, style) = (SCRIPT_NONCE_TOKEN, STYLE_NONCE_TOKEN);
        for part in [
            format!("<style nonce=\"{style}\">a{{}}</style>"),
            format!("<script nonce=\"{script}\">1 < 2</script>"),
            "<script src=\"/own.js\"></script>".to_owned(),
            format!("<script src=\"https://cdn.example/x.js\" nonce=\"{script}\"></script>"),
            "<script nonce=\"mine\">3</script>".to_owned(),
        ] {
            assert!(page.contains(&part), "{part} in {page}");
        }
    }

    #[test]
    fn what_the_author_switched_off_stays_untouched() {
        assert_eq!(prepared(DisabledCspModificationKind::Flag(true)), PAGE);
        let scripts = DisabledCspModificationKind::List(vec!["script-src".into()]);
        let page = prepared(scripts);
        assert!(!page.contains(SCRIPT_NONCE_TOKEN) && page.contains(STYLE_NONCE_TOKEN));
    }

    #[test]
    fn broken_html_does_no_harm() {
        for html in [
            &b""[..],
            b"<script",
            b"</html><script>",
            b"\xff\xfe<style>",
            b"<!-- ",
        ] {
            prepare(html, &DisabledCspModificationKind::Flag(false));
        }
    }
}
