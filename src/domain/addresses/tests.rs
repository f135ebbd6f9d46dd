//! Each kind of address with what it takes and what it refuses.

use super::*;

/// What no kind takes.
const NEVER: [&str; 21] = [
    "",
    "w.example",
    "//w.example",
    "https:w.example",
    "https:///w.example",
    "https://",
    "https://:8080",
    "https://w.example:",
    "https://w.example:0",
    "https://w.example:99999",
    "https://w.example.",
    "https://*.w.example",
    "https://w%2eexample",
    "https://user@w.example",
    "https://:word@w.example",
    "https://@w.example",
    "https://w.example/#here",
    " https://w.example",
    "https://w.example/\n",
    "https:\\\\w.example",
    "javascript:alert(1)",
];

fn code() -> ProductCode {
    ProductCode::parse("demo").unwrap()
}

#[test]
fn what_no_kind_takes() {
    for bad in NEVER {
        assert!(public(bad).is_err(), "{bad:?}");
        assert!(authorize_page(bad).is_err(), "{bad:?}");
        assert!(endpoint(bad).is_err(), "{bad:?}");
        assert!(backend(bad).is_err(), "{bad:?}");
        assert!(hooks::Prefix::parse(bad).is_err(), "{bad:?}");
        assert!(
            redirect(&format!("{bad}/amocrm/demo/install"), &code()).is_err(),
            "{bad:?}"
        );
        if !["w.example"].contains(&bad) {
            assert!(site(bad).is_err(), "{bad:?}");
        }
    }
    let long = format!("https://w.example/{}", "a".repeat(LONGEST));
    assert!(endpoint(&long).is_err());
}

#[test]
fn the_public_address_is_an_origin() {
    for (written, read) in [
        ("https://w.example", "https://w.example"),
        ("https://w.example/", "https://w.example"),
        ("HTTPS://W.Example:443", "https://w.example"),
        ("https://w.example:8443/", "https://w.example:8443"),
        ("https://виджет.example", "https://xn--b1aeddi7d.example"),
        ("http://localhost:8080", "http://localhost:8080"),
        ("http://shop.localhost", "http://shop.localhost"),
        ("http://127.0.0.1:80", "http://127.0.0.1"),
        ("http://[::1]:8080", "http://[::1]:8080"),
        ("https://[2001:db8::1]/", "https://[2001:db8::1]"),
    ] {
        assert_eq!(public(written).as_deref(), Ok(read), "{written}");
        assert_eq!(
            public(read).as_deref(),
            Ok(read),
            "it is read back as it is"
        );
    }
    for (bad, why) in [
        ("http://w.example", BadAddress::Plain),
        ("http://localhost.example", BadAddress::Plain),
        ("http://[2001:db8::1]", BadAddress::Plain),
        ("ftp://w.example", BadAddress::Scheme),
        ("https://w.example/?", BadAddress::Carries("a query")),
        ("https://w.example/#", BadAddress::Carries("a fragment")),
    ] {
        assert_eq!(public(bad), Err(why), "{bad}");
    }
    for path in ["/accord", "//", "/%2e/x", "/accord/"] {
        let told = public(&format!("https://w.example{path}")).unwrap_err();
        assert!(told.to_string().contains("a path"), "{path}");
    }
}

#[test]
fn a_redirect_uri_is_kept_to_the_letter_and_is_one_that_is_served() {
    for good in [
        "https://w.example/amocrm/demo/install",
        "https://w.example/amocrm/demo/install/",
        "HTTPS://W.Example:443/amocrm/demo/install",
        "https://other.example:8443/amocrm/demo/install",
        "https://xn--e1afmkfd.example/amocrm/demo/install",
        "http://localhost:8080/amocrm/demo/install",
        "http://[::1]:8080/amocrm/demo/install/",
    ] {
        assert_eq!(redirect(good, &code()).as_deref(), Ok(good));
    }
    for path in [
        "",
        "/",
        "/amocrm/demo",
        "/amocrm/other/install",
        "/amocrm/demo/install//",
        "/amocrm//demo/install",
        "//amocrm/demo/install",
        "/x/amocrm/demo/install",
        "/x/../amocrm/demo/install",
        "/./amocrm/demo/install",
        "/%2e/amocrm/demo/install",
        "/amocrm/%64emo/install",
        "/amocrm/demo/Install",
        "/amocrm/demo/install.php",
        "/amocrm/demo/disconnect",
        "/amocrm/demo/install%2F",
        "/oauth/callback",
    ] {
        let told = redirect(&format!("https://w.example{path}"), &code()).unwrap_err();
        assert!(
            matches!(told, BadAddress::NotServed { .. }),
            "{path}: {told}"
        );
        assert!(told.to_string().contains("/amocrm/demo/install"));
    }
    for (bad, why) in [
        ("http://w.example/amocrm/demo/install", BadAddress::Plain),
        (
            "https://w.example/amocrm/demo/install?x=1",
            BadAddress::Carries("a query"),
        ),
        (
            "https://пример.example/amocrm/demo/install",
            BadAddress::Letters("https://xn--e1afmkfd.example/amocrm/demo/install".to_owned()),
        ),
    ] {
        assert_eq!(redirect(bad, &code()), Err(why), "{bad}");
    }
}

#[test]
fn the_others_take_a_path_and_nothing_dangerous() {
    assert_eq!(
        authorize_page("https://www.kommo.com/oauth").map(String::from),
        Ok("https://www.kommo.com/oauth".to_owned())
    );
    assert!(authorize_page("http://localhost:8081/oauth").is_ok());
    for bad in [
        "nonsense",
        "http://www.amocrm.ru/oauth",
        "https://x.example/?a=b",
    ] {
        assert!(authorize_page(bad).is_err(), "{bad}");
    }

    assert!(endpoint("https://example.com/events?key=1").is_ok());
    assert!(endpoint("http://127.0.0.1:1/x?y=1").is_ok());
    assert_eq!(endpoint("http://example.com/"), Err(BadAddress::Plain));

    assert_eq!(
        backend("https://w.example/").as_deref(),
        Ok("https://w.example")
    );
    assert_eq!(
        backend("https://w.example/a/").as_deref(),
        Ok("https://w.example/a")
    );
    assert_eq!(
        backend("https://w.example?a"),
        Err(BadAddress::Carries("a query"))
    );

    for good in [
        "https://w.example",
        "http://w.example/ru?a=b",
        "w.example",
        "пример.рф/o",
    ] {
        assert_eq!(site(good).as_deref(), Ok(good));
    }
    for bad in [
        "ftp://w.example",
        "mailto:a@w.example",
        "our site",
        "a@w.example",
    ] {
        assert!(site(bad).is_err(), "{bad}");
    }
}
