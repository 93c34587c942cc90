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
