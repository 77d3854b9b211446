//! What a web server writes into its access log: the combined format.

use fastrand::Rng;

use super::template::{one_of, weighted};

const AGENTS: [&str; 5] = [
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36",
];

/// Returns a line with gaps.
pub(super) fn line(rng: &mut Rng) -> String {
    let (method, path, status) = match weighted(rng, &[(5, 0), (12, 1), (25, 2), (12, 3), (40, 4), (4, 5), (2, 6)]) {
        0 => ("POST", "/cart/items?visit=$serial$".to_owned(), 302),
        1 => ("GET", "/?visit=$serial$".to_owned(), 200),
        2 => ("GET", format!("/static/app.{:x}.js?v=$serial$", rng.u16(..)), 304),
        3 => {
            let words = one_of(rng, &["blue+shirt", "lamp", "garden+chair", "mug", "desk"]);
            ("GET", format!("/search?q={words}&visit=$serial$"), 200)
        }
        4 => ("GET", format!("/product/{}?visit=$serial$", rng.u16(1..900)), 200),
        5 => ("POST", "/api/v2/orders?request=$serial$".to_owned(), 201),
        _ => ("GET", "/favicon.ico?visit=$serial$".to_owned(), 404),
    };
    let (bytes, agent) = (rng.u32(300..40_000), one_of(rng, &AGENTS));
    format!(
        "$address$ - - [$time$] \"{method} {path} HTTP/1.1\" {status} {bytes} \"https://www.example.com/\" \"{agent}\""
    )
}
