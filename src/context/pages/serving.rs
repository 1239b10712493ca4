//! Serves the app's own pages under the `tauri:` scheme, with correct MIME types.
//!
//! It does what Tauri does, but also knows file name endings in capitals: for `/Mod.JS` Tauri says
//! `text/html`.

use tauri::{
    AppHandle, Runtime, UriSchemeContext, UriSchemeResponder,
    http::{
        Request, Response, StatusCode,
        header::{ACCESS_CONTROL_ALLOW_ORIGIN, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ORIGIN},
    },
    utils::{
        config::{FrontendDist, HeaderAddition as _},
        mime_type::MimeType,
    },
};

/// The scheme to register.
pub(crate) const SCHEME: &str = "tauri";
/// The only host with pages. Tauri takes every host of a registered scheme for the app's own.
const HOST: &str = "localhost";
/// The origins of the app's own pages, by platform.
const OWN: [&str; 3] = [
    "tauri://localhost",
    "http://tauri.localhost",
    "https://tauri.localhost",
];

/// Answers one request, from a task of Tauri's runtime.
pub(crate) fn serve<R: Runtime>(
    context: UriSchemeContext<'_, R>,
    request: Request<Vec<u8>>,
    responder: UriSchemeResponder,
) {
    let app = context.app_handle().clone();
    tauri::async_runtime::spawn(async move { responder.respond(answer(&app, &request)) });
}

fn answer<R: Runtime>(app: &AppHandle<R>, request: &Request<Vec<u8>>) -> Response<Vec<u8>> {
    let (uri, config) = (request.uri(), app.config());
    let path = uri.path();
    let found = (uri.host() == Some(HOST))
        .then(|| app.asset_resolver().get_for_scheme(path.into(), false))
        .flatten();
    let answer = Response::builder()
        .add_configured_headers(config.app.security.headers.as_ref())
        .header(
            ACCESS_CONTROL_ALLOW_ORIGIN,
            origin(config.build.frontend_dist.as_ref(), request),
        );
    let answer = match found {
        Some(asset) => {
            let answer = answer.header(CONTENT_TYPE, type_of(&asset.mime_type, &asset.bytes, path));
            let answer = match &asset.csp_header {
                Some(policy) => answer.header(CONTENT_SECURITY_POLICY, policy),
                None => answer,
            };
            answer.body(asset.bytes)
        }
        None => answer
            .status(StatusCode::NOT_FOUND)
            .header(CONTENT_TYPE, "text/plain")
            .body(format!("asset not found: {path}").into_bytes()),
    };
    answer.unwrap_or_else(|error| {
        log::error!("the answer for {path} has a header that cannot be: {error}");
        let mut failed = Response::new(Vec::new());
        *failed.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        failed
    })
}

/// The origin that may read the answer: a page of the app, also one of its development server.
fn origin(frontend: Option<&FrontendDist>, request: &Request<Vec<u8>>) -> String {
    let server = match frontend {
        Some(FrontendDist::Url(url)) => Some(url.origin().ascii_serialization()),
        _ => None,
    };
    request
        .headers()
        .get(ORIGIN)
        .and_then(|origin| origin.to_str().ok())
        .filter(|origin| OWN.contains(origin) || server.as_deref() == Some(*origin))
        .unwrap_or(OWN[0])
        .to_owned()
}

/// The MIME type of a file, for which Tauri says `known`.
fn type_of(known: &str, bytes: &[u8], path: &str) -> String {
    let ending = path.rsplit_once('.').map_or("", |(_, ending)| ending);
    if ending.contains('/') || !ending.contains(|letter: char| letter.is_ascii_uppercase()) {
        return known.to_owned();
    }
    MimeType::parse(bytes, &path.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn type_at(path: &str, bytes: &[u8]) -> String {
        type_of(&MimeType::parse(bytes, path), bytes, path)
    }

    #[test]
    fn capitals_of_an_ending_make_no_difference() {
        for (path, expected) in [
            ("/Mod.JS", "text/javascript"),
            ("/a.b/Mod.Mjs", "text/javascript"),
            ("/STYLE.CSS", "text/css"),
            ("/Picture.SVG", "image/svg+xml"),
            ("/Data.Json", "application/json"),
            ("/A.TXT", "text/plain"),
            ("/A.HTML", "text/html"),
            ("/mod.js", "text/javascript"),
            ("/About", "text/html"),
            ("/a.JS/About", "text/html"),
        ] {
            assert_eq!(type_at(path, b"x"), expected, "{path}");
        }
        assert_eq!(type_at("/Picture.PNG", b"\x89PNG\r\n\x1a\n"), "image/png");
    }

    #[test]
    fn the_apps_own_pages_may_read_and_others_may_not() {
        let server = FrontendDist::Url("http://localhost:5173/app".parse().unwrap());
        for (from, allowed) in [
            (Some("tauri://localhost"), "tauri://localhost"),
            (Some("https://tauri.localhost"), "https://tauri.localhost"),
            (Some("http://localhost:5173"), "http://localhost:5173"),
            (Some("https://docs.example"), "tauri://localhost"),
            (None, "tauri://localhost"),
        ] {
            let mut request = Request::new(Vec::new());
            if let Some(from) = from {
                request.headers_mut().insert(ORIGIN, from.parse().unwrap());
            }
            assert_eq!(origin(Some(&server), &request), allowed, "{from:?}");
        }
    }
}
