//! What answers look like: the reader's language, the pages of the button flow, headers, media
//! types, cookies.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{ACCOUNT, ANNA, Answer, CLIENT, TestApp};

fn is_russian(text: &str) -> bool {
    text.chars().any(|c| matches!(c, 'а'..='я' | 'ё'))
}

async fn get_in(test: &TestApp, path: &str, lang: &str, accept: &str) -> Answer {
    let request = test.http.get(format!("{}{path}", test.base));
    let request = request
        .header("Accept-Language", lang)
        .header("Accept", accept);
    Answer::of(request.send().await.unwrap()).await
}

#[tokio::test]
async fn a_refusal_is_worded_in_the_readers_language_and_its_code_stays() {
    let test = TestApp::start().await;
    for (lang, title) in [
        ("ru-RU,ru;q=0.9,en;q=0.5", "Не найдено"),
        ("es-MX", "No encontrado"),
        ("pt-BR,en", "Não encontrado"),
        ("de", "Not found"),
        ("", "Not found"),
        ("de,ru;q=0.1", "Не найдено"),
    ] {
        let problem = get_in(&test, "/nowhere", lang, "*/*")
            .await
            .problem(404, "not-found");
        assert_eq!(problem["title"], title, "{lang}");
    }
    let chosen = get_in(&test, "/nowhere?lang=ru", "en", "*/*").await;
    assert_eq!(chosen.problem(404, "not-found")["title"], "Не найдено");
    let named = get_in(&test, "/widget/v1/policy", "ru", "*/*")
        .await
        .problem(400, "malformed");
    let detail = named["detail"].as_str().unwrap();
    assert!(
        is_russian(detail) && detail.contains("(product)"),
        "{detail}"
    );
}

#[tokio::test]
async fn so_is_everything_that_can_be_wrong_with_a_form() {
    let test = TestApp::start().await;
    let long = "x".repeat(201);
    let forms = [
        json!({}),
        json!({"policy_hash": 1, "lang": "??", "contact": [], "declares": {"read": "yes"}, "more": 1}),
        json!({"contact": {"name": long, "email": "x", "phone": "12", "language": "?", "company": "a\nb",
            "position": 5}, "purposes": {"advertising": "yes"}, "lang": "no language", "declares": 1}),
    ];
    for form in forms {
        let request = test.http.post(format!("{}/widget/v1/consents", test.base));
        let request = request.header("X-Auth-Token", test.anna().token());
        let request = request.header("Accept-Language", "ru").json(&form);
        let answer = Answer::of(request.send().await.unwrap()).await;
        let problem = answer.problem(422, "invalid-fields");
        assert!(is_russian(problem["detail"].as_str().unwrap()));
        for error in problem["errors"].as_array().unwrap() {
            let detail = error["detail"].as_str().unwrap();
            assert!(is_russian(detail), "{}: {detail}", error["pointer"]);
        }
    }
    for token in ["x", "eyJhbGciOiJIUzI1NiJ9.e30.x", &"x".repeat(9000)] {
        let request = test.http.get(format!("{}/widget/v1/standing", test.base));
        let request = request.header("X-Auth-Token", token);
        let answer = request
            .header("Accept-Language", "ru")
            .send()
            .await
            .unwrap();
        let problem = Answer::of(answer).await.problem(401, "token-invalid");
        let detail = problem["detail"].as_str().unwrap();
        let reason = detail.split('(').nth(1).unwrap();
        assert!(is_russian(reason), "{detail}");
    }
}

/// The messages that stand in English where the rule is: texts in which there is a space.
fn messages(source: &str) -> Vec<String> {
    let code = source.split("#[cfg(test)]").next().unwrap();
    let lines = code.lines().map(str::trim);
    let lines = lines.filter(|line| !line.starts_with("//") && !line.contains("description"));
    lines
        .flat_map(|line| line.split('"').skip(1).step_by(2).map(str::to_owned))
        .filter(|text| text.contains(' ') && text.starts_with(|c: char| c.is_ascii_lowercase()))
        .collect()
}

#[test]
fn every_message_of_a_rule_is_translated() {
    let sources = [
        include_str!("../../src/domain/contacts.rs"),
        include_str!("../../src/domain/contacts/email.rs"),
        include_str!("../../src/domain/contacts/name.rs"),
        include_str!("../../src/domain/contacts/phone.rs"),
        include_str!("../../src/domain/claims.rs"),
        include_str!("../../src/domain/forms.rs"),
        include_str!("../../src/web/extract.rs"),
        include_str!("../../src/web/strict.rs"),
        include_str!("../../src/web/widget/forms.rs"),
    ];
    let ours = [
        "a name stands twice",
        "the routes were mounted without a house",
    ];
    let found: Vec<String> = sources.iter().flat_map(|source| messages(source)).collect();
    assert!(found.len() > 20, "{found:?}");
    for message in found
        .iter()
        .filter(|message| !ours.contains(&message.as_str()))
    {
        for lang in ["ru", "es", "pt"] {
            let said = accord::texts::said(&lang.parse().unwrap(), message);
            assert_ne!(&said, message, "assets/i18n/{lang}/problems.ftl lacks it");
        }
    }
}

#[tokio::test]
async fn who_reads_pages_is_told_in_their_language_and_may_begin_again() {
    let test = TestApp::start().await;
    let host = format!("shop.localhost:{}", test.world().port());
    let late = format!("/amocrm/demo/install?code=late&referer={host}&state=old");
    for (lang, title, link) in [
        ("ru", "Авторизация устарела", "Начать заново"),
        ("en", "Authorization out of date", "Begin again"),
    ] {
        let page = get_in(&test, &late, lang, "text/html").await;
        assert_eq!(
            (page.status, page.header("cache-control")),
            (400, Some("no-store"))
        );
        let text = page.text();
        assert!(text.contains(&format!("<html lang=\"{lang}\">")), "{text}");
        assert!(text.contains(title) && text.contains(link), "{text}");
        assert!(text.contains("href=\"/amocrm/demo/authorize\""), "{text}");
    }
    get_in(&test, &late, "ru", "*/*")
        .await
        .problem(400, "state-invalid");
    assert_eq!(test.count("grant_offer").await, 0, "the code is not kept");
    for path in [
        "/amocrm/unheard-of/install",
        "/amocrm/demo/install",
        "/docs/errors/state-invalid",
    ] {
        let page = get_in(&test, path, "ru", "text/html").await;
        let text = page.text();
        let body = text.split("<main").nth(1).unwrap();
        assert!(
            text.contains("<html lang=\"ru\">") && is_russian(body),
            "{path}: {text}"
        );
    }
    let denied = get_in(
        &test,
        "/amocrm/demo/install?error=access_denied",
        "ru",
        "text/html",
    )
    .await;
    assert!(denied.text().contains("href=\"/amocrm/demo/authorize\""));
}

#[tokio::test]
async fn connected_loaded_anew_says_that_all_is_well() {
    let test = TestApp::start().await;
    let begun = test.get("/amocrm/demo/authorize").await;
    let cookie = begun
        .header("set-cookie")
        .unwrap()
        .split(';')
        .next()
        .unwrap()
        .to_owned();
    let location = url::Url::parse(begun.header("location").unwrap()).unwrap();
    let state = location
        .query_pairs()
        .find(|(k, _)| k == "state")
        .unwrap()
        .1
        .into_owned();
    let address = test
        .world()
        .authorize(ACCOUNT, ANNA, CLIENT, Some(&state))
        .unwrap();
    let load = async |cookie: &str, accept: &str| {
        let request = test.http.get(&address).header("Cookie", cookie);
        let request = request
            .header("Accept-Language", "ru")
            .header("Accept", accept);
        Answer::of(request.send().await.unwrap()).await
    };
    for cookie in [cookie.as_str(), "", cookie.as_str()] {
        let page = load(cookie, "text/html").await;
        assert_eq!(page.status, 200, "{}", page.text());
        assert!(
            page.text().contains("<h1>Подключено</h1>"),
            "{}",
            page.text()
        );
    }
    assert_eq!(test.count("grant_offer").await, 1, "nothing was done twice");
    // A program in another browser is told what the contract says.
    load("", "*/*").await.problem(400, "state-invalid");
}

#[tokio::test]
async fn every_answer_says_what_it_may_load() {
    let test = TestApp::start().await;
    test.anna().consent().await;
    let receipt = test.anna().get("/me").await.expect(200);
    let receipt = receipt["consents"][0]["id"].as_str().unwrap().to_owned();
    let csp = |answer: &Answer| answer.header("content-security-policy").unwrap().to_owned();
    let strict = "default-src 'none'; frame-ancestors 'none'";
    for path in [
        "/healthz",
        "/openapi.json",
        "/nowhere",
        "/assets/accord.css",
        "/widget/v1/policy?product=demo",
    ] {
        assert_eq!(csp(&test.get(path).await), strict, "{path}");
    }
    assert_eq!(csp(&test.anna().get("/me").await), strict);
    for path in [
        "/me?format=html".to_owned(),
        format!("/receipts/{receipt}?format=html"),
    ] {
        let page = test.anna().get(&path).await;
        let text = page.text();
        let style = text
            .split("<style>")
            .nth(1)
            .unwrap()
            .split("</style>")
            .next()
            .unwrap();
        let hash = STANDARD.encode(digest(&SHA256, style.as_bytes()));
        let csp = csp(&page);
        assert!(csp.starts_with("default-src 'none';") && csp.contains("frame-ancestors 'none'"));
        assert!(csp.contains(&format!("style-src 'sha256-{hash}'")), "{csp}");
        assert!(!csp.contains("unsafe"), "{csp}");
    }
    let page = csp(&test.get("/policy/demo").await);
    assert!(page.contains("default-src 'none'") && page.contains("frame-ancestors 'none'"));
    test.run_jobs().await;
}

#[tokio::test]
async fn every_refusal_is_described_as_the_problem_that_it_is() {
    let test = TestApp::start().await;
    let api = test.get("/openapi.json").await.expect(200);
    assert!(api["components"]["schemas"]["Problem"].is_object());
    let mut refusals = 0;
    for (path, item) in api["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let responses = operation["responses"].as_object().unwrap();
            assert!(responses.contains_key("default"), "{method} {path}");
            for (status, response) in responses {
                let types: Vec<&String> = response["content"]
                    .as_object()
                    .into_iter()
                    .flat_map(|c| c.keys())
                    .collect();
                if status == "default" || status.starts_with(['4', '5']) {
                    assert_eq!(
                        types,
                        ["application/problem+json"],
                        "{method} {path} {status}"
                    );
                    let schema = &response["content"]["application/problem+json"]["schema"]["$ref"];
                    assert_eq!(schema, "#/components/schemas/Problem");
                    refusals += 1;
                } else {
                    assert!(
                        !types.iter().any(|t| t.contains("problem")),
                        "{method} {path} {status}"
                    );
                }
            }
        }
    }
    assert!(refusals > 30, "{refusals}");
}

#[tokio::test]
async fn plain_text_says_its_alphabet() {
    let test = TestApp::start().await;
    let host = format!("shop.localhost:{}", test.world().port());
    let hook = format!("/amocrm/demo/install?code=abc&referer={host}&from_widget=1");
    for path in ["/healthz", &hook] {
        let answer = test.get(path).await;
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (200, Some("text/plain; charset=utf-8")),
            "{path}"
        );
    }
    test.leaves_due_jobs();
}

#[tokio::test]
async fn over_https_the_cookie_belongs_to_this_host_alone() {
    let test = TestApp::start_with(&[("ACCORD_PUBLIC_URL", "https://widgets.example")]).await;
    let begun = test.get("/amocrm/demo/authorize").await;
    assert_eq!(
        begun.header("strict-transport-security"),
        Some("max-age=31536000; includeSubDomains")
    );
    let cookie = begun.header("set-cookie").unwrap();
    assert!(
        cookie.starts_with("__Host-accord_authorize-demo="),
        "{cookie}"
    );
    for part in ["; Path=/;", "HttpOnly", "Secure", "SameSite=Lax"] {
        assert!(format!("{cookie};").contains(part), "{part}: {cookie}");
    }
    assert!(!cookie.contains("Domain"), "{cookie}");
    let here = TestApp::start().await;
    let begun = here.get("/amocrm/demo/authorize").await;
    assert_eq!(begun.header("strict-transport-security"), None);
    let cookie = begun.header("set-cookie").unwrap();
    assert!(
        cookie.starts_with("accord_authorize=") && !cookie.contains("Secure"),
        "{cookie}"
    );
}

#[tokio::test]
async fn a_body_of_strangers_gets_an_answer_of_twenty_faults() {
    let test = TestApp::start().await;
    let form: serde_json::Map<String, Value> =
        (0..5000).map(|n| (format!("x{n}"), json!(1))).collect();
    let answer = test
        .anna()
        .call(
            Method::PATCH,
            "/contact",
            &test.anna().token(),
            Some(form.into()),
        )
        .await;
    let length = answer.bytes.len();
    let problem = answer.problem(422, "invalid-fields");
    assert_eq!(problem["errors"].as_array().unwrap().len(), 20);
    assert!(length < 4096, "{length}");
}
