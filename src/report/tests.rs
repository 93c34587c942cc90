//! What all formats promise, over one sample.

use super::sample;
use super::*;

#[test]
fn formats_of_the_sample() {
    let model = sample::model();
    insta::assert_snapshot!("json", json::render(&model));
    insta::assert_snapshot!("csv", csv::render(&model));
    insta::assert_snapshot!("sarif", sarif::render(&model));
    insta::assert_snapshot!("ocsf", ocsf::render(&model));
    insta::assert_snapshot!("junit", junit::render(&model));
}

#[test]
fn pages_of_the_sample() {
    let (estate, model) = (sample::estate(), sample::model());
    insta::assert_snapshot!("markdown", markdown::render(&model));
    insta::assert_snapshot!("terminal", terminal::render(&model, terminal::Style::default()));
    insta::assert_snapshot!("terminal_narrow_colour", terminal::render(&model, terminal::Style { colour: true, width: 60 }));
    insta::assert_snapshot!("spec", spec::render(&estate, &model).expect("yaml"));
}

/// What a person sees must not depend on how often or where it was made.
#[test]
fn the_same_estate_gives_the_same_bytes() {
    let (a, b) = (sample::model(), sample::model());
    assert_eq!(json::render_all(&a), json::render_all(&b));
    assert_eq!(sarif::render(&a), sarif::render(&b));
    assert_eq!(ocsf::render(&a), ocsf::render(&b));
    assert_eq!(markdown::render(&a), markdown::render(&b));
    let yaml = |m| spec::render(&sample::estate(), m).expect("yaml");
    assert_eq!(yaml(&a), yaml(&b));
}

#[test]
fn findings_json_reads_back_and_all_adds_the_rest() {
    let model = sample::model();
    let short: crate::rules::Findings = serde_json::from_str(&json::render(&model)).expect("findings");
    let whole: crate::rules::Findings = serde_json::from_str(&json::render_all(&model)).expect("findings");
    assert_eq!(whole, model.findings);
    assert!(short.findings.iter().all(|f| !matches!(f.verdict, crate::rules::Verdict::Pass | crate::rules::Verdict::NotApplicable)));
    assert_eq!((short.findings.len(), whole.findings.len()), (13, 16));
}

#[test]
fn the_spec_reads_back_and_holds_every_resource_once() {
    let (estate, model) = (sample::estate(), sample::model());
    let spec: spec::Spec = serde_saphyr::from_str(&spec::render(&estate, &model).expect("yaml")).expect("spec");
    assert_eq!(spec, spec::build(&estate, &model));
    fn ids(entities: &[spec::Entity], into: &mut Vec<(String, String)>) {
        for e in entities {
            into.push((e.kind.clone(), e.id.clone()));
            ids(&e.parts, into);
        }
    }
    let mut found = Vec::new();
    for section in
        [&spec.networks, &spec.compute, &spec.data_stores, &spec.edge, &spec.identity, &spec.messaging, &spec.observability, &spec.other]
    {
        ids(section, &mut found);
    }
    found.sort();
    let all: Vec<(String, String)> = estate.resources().iter().map(|r| (r.kind.clone(), r.id.clone())).collect();
    assert_eq!(found, all);
}

#[test]
fn hostile_names_stay_text() {
    let model = sample::model();
    let mut reader = ::csv::Reader::from_reader(csv::render(&model).leak().as_bytes());
    for record in reader.records() {
        for field in &record.expect("a row of the header's length") {
            assert!(!field.starts_with(['=', '+', '-', '@', '\t', '\r']), "{field}");
        }
    }
    // Within code spans nothing is markup; what is left outside of them must hold none.
    let markdown: String = markdown::render(&model).replace("\\`", "").replace("\\]", "").split('`').step_by(2).collect();
    assert!(!markdown.contains("<script") && !markdown.contains("](javascript"));
    let screen = terminal::render(&model, terminal::Style::default());
    assert!(!screen.contains('\u{1b}') && !screen.contains('\u{202e}'));
    assert!(!junit::render(&model).contains("<script"));
}

#[test]
fn the_screen_is_never_overrun() {
    let model = sample::model();
    for width in [40, 60, 80, 120] {
        for line in terminal::render(&model, terminal::Style { colour: false, width }).lines() {
            assert!(line.chars().count() <= width, "{width}: {line}");
        }
    }
}

#[test]
fn every_format_copes_with_ten_thousand_resources() {
    let (estate, findings) = sample::large(10_000);
    let model = Model::new(&estate, &findings, crate::cost::PriceBook::embedded());
    assert_eq!(model.rows.len(), 10_000);
    assert!(markdown::render(&model).len() < 300_000, "the Markdown names examples and counts the rest");
    assert!(terminal::render(&model, terminal::Style::default()).lines().count() < 80);
    assert_eq!(json::render(&model).matches("\"first_seen\"").count(), findings.findings.len() - 3);
}

/// The page between head and data, without style and script.
fn body(page: &str) -> &str {
    let start = page.find("<body>").expect("body");
    &page[start..page.find("<script type=\"application/json\"").expect("data")]
}

/// The data of the page, as its script reads them.
fn data(page: &str) -> serde_json::Value {
    let start = page.find("id=\"data\">").expect("data") + "id=\"data\">".len();
    serde_json::from_str(&page[start..start + page[start..].find("</script>").expect("end")]).expect("JSON")
}

#[test]
fn page_of_the_sample() {
    insta::assert_snapshot!("html", body(&html::render(&sample::model())).replace("><", ">\n<"));
}

#[test]
fn the_page_needs_nothing_else_and_runs_nothing_foreign() {
    let page = html::render(&sample::model());
    assert_eq!(page.matches("<script").count(), 2, "data and our own script");
    assert!(!page.contains("<script>alert"));
    let body = body(&page).to_lowercase();
    for forbidden in [" style=", " onerror=", " onclick=", " onload=", "javascript:alert(1)\"", "<img", "<iframe", "<link", "src=\""] {
        assert!(!body.contains(forbidden), "{forbidden}");
    }
    let files = ["runbooks/", "terraform/", "handover.md", "estate.yaml", "findings.json"];
    for (at, _) in body.match_indices("href=\"") {
        let target = &body[at + 6..];
        assert!(target.starts_with('#') || files.iter().any(|f| target.starts_with(f)), "{}", &target[..40]);
    }
    assert!(page.contains("default-src 'none'") && !page.contains("unsafe-inline"));
    // The policy names exactly the script and the style of the page.
    for (open, close, source) in [("<script>", "</script>", "script-src"), ("<style>", "</style>", "style-src")] {
        use base64::Engine;
        use sha2::Digest;
        let start = page.rfind(open).expect("part") + open.len();
        let text = &page[start..start + page[start..].find(close).expect("end")];
        let hash = base64::engine::general_purpose::STANDARD.encode(sha2::Sha256::digest(text.as_bytes()));
        assert!(page.contains(&format!("{source} 'sha256-{hash}'")), "{source}");
    }
}

#[test]
fn the_page_says_the_same_with_and_without_scripts() {
    let model = sample::model();
    let page = html::render(&model);
    let data = data(&page);
    assert_eq!(data["finds"].as_array().map(Vec::len), Some(13));
    assert_eq!(data["groups"].as_array().map(Vec::len), Some(body(&page).matches("data-group=").count()));
    assert_eq!(data["rows"], model.rows.len());
    for finding in data["finds"].as_array().expect("findings") {
        let resource = &data["res"][finding[1].as_u64().expect("index") as usize];
        assert!(resource[1].is_string(), "{finding}");
        let message = finding[2].as_str().expect("message");
        assert!(page.contains(&escape::html(message)), "{message} stands in the page itself");
    }
}

#[test]
fn the_page_stays_small_and_builds_its_long_lists_late() {
    let page_of = |n: usize| {
        let (estate, findings) = sample::large(n);
        html::render(&Model::new(&estate, &findings, crate::cost::PriceBook::embedded()))
    };
    let small = page_of(137);
    assert!(small.len() < 1_000_000, "{} bytes at 137 resources", small.len());
    let large = page_of(10_000);
    assert!(large.len() < 4_000_000, "{} bytes at 10,000 resources", large.len());
    // What a browser must lay out at once hardly grows with the estate.
    let elements = body(&large).matches('<').count();
    assert!(elements < 8_000, "{elements} tags at 10,000 resources");
    assert_eq!(data(&large)["rows"], 10_000);
}

#[test]
fn the_picture_bounds_what_it_draws() {
    let (estate, findings) = sample::large(10_000);
    let model = Model::new(&estate, &findings, crate::cost::PriceBook::embedded());
    let (svg, _) = picture::svg(&model.network).expect("a network");
    assert!(svg.len() < 60_000, "{} bytes", svg.len());
    assert!(svg.contains("more</text>"), "what is not drawn is counted");
}

#[test]
fn an_empty_account_is_reported_too() {
    let snapshot = crate::estate::Snapshot::default();
    let estate = crate::estate::Estate::new(snapshot);
    let findings =
        crate::rules::Findings { findings: Vec::new(), summary: crate::rules::Summary::default(), ..sample::findings(&sample::estate()) };
    let model = Model::new(&estate, &findings, crate::cost::PriceBook::embedded());
    assert!(html::render(&model).contains("</html>"));
    assert!(markdown::render(&model).starts_with("# Survey"));
    assert!(spec::render(&estate, &model).expect("yaml").contains("complete: true"));
    assert_eq!(model.judgement.level, model::Level::Clean);
}
