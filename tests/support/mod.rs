//! What the end-to-end tests share: the simulator, the binary, terraform.
//!
//! One simulator with the exo account serves all tests of a binary, one test at a time: populating it takes longer than any of them.

#![allow(dead_code)] // every test binary uses its own part of this

pub mod proof;

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Mutex, MutexGuard, OnceLock};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// The repository's root.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A running simulator.
pub struct Simulator {
    /// The account that it is.
    pub account: String,
    /// The region in which the account's things stand.
    pub region: String,
    port: u16,
    child: Child,
}

impl Drop for Simulator {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The interpreter of the simulator's Python environment, made when it is missing.
pub fn python() -> &'static Path {
    static PYTHON: OnceLock<PathBuf> = OnceLock::new();
    PYTHON.get_or_init(|| {
        let output = Command::new(root().join("tests/simulator/venv.sh")).output().expect("tests/simulator/venv.sh starts");
        assert!(
            output.status.success(),
            "the simulator's Python environment cannot be made (it needs python3 >= 3.10 with venv, and pip's index):\n{}",
            String::from_utf8_lossy(&output.stderr)
        );
        PathBuf::from(String::from_utf8_lossy(&output.stdout).trim())
    })
}

impl Simulator {
    /// Starts an empty one on a free port.
    pub fn start() -> Self {
        Self::start_as("123456789012", "eu-west-3")
    }

    /// Starts an empty one that is this account, and whose things are to stand in this region.
    pub fn start_as(account: &str, region: &str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let port_file = folder.path().join("port");
        let mut child = Command::new(python())
            .arg(root().join("tests/simulator/server.py"))
            .arg("--port-file")
            .arg(&port_file)
            .args(["--account", account, "--stop-with-parent"])
            .stdout(Stdio::null())
            .stderr(if std::env::var_os("SURVEYOR_TEST_SHOW_SIMULATOR").is_some() { Stdio::inherit() } else { Stdio::null() })
            .spawn()
            .expect("the simulator starts");
        let start = Instant::now();
        let port = loop {
            if let Some(port) = std::fs::read_to_string(&port_file).ok().and_then(|p| p.parse().ok()) {
                break port;
            }
            if let Ok(Some(status)) = child.try_wait() {
                panic!("the simulator ended with {status}; SURVEYOR_TEST_SHOW_SIMULATOR=1 shows why");
            }
            assert!(start.elapsed() < Duration::from_secs(120), "the simulator does not listen");
            std::thread::sleep(Duration::from_millis(50));
        };
        Simulator { account: account.to_owned(), region: region.to_owned(), port, child }
    }

    /// Starts one and makes an estate of tests/simulator/estates.json in it; `terraform` for those that Terraform has made.
    pub fn estate(name: &str, terraform: &Terraform) -> Self {
        let known = estates();
        let text = |key: &str| known[name][key].as_str().unwrap_or_else(|| panic!("estates.json has no {key} of {name}")).to_owned();
        let simulator = Self::start_as(&text("account"), &text("region"));
        let script = format!("populate_{name}.py");
        simulator.populate_in(&script, &[], &terraform.environment(&simulator));
        simulator
    }

    /// `http://127.0.0.1:PORT`.
    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The environment under which every AWS client talks to this simulator.
    pub fn environment(&self) -> BTreeMap<&'static str, String> {
        BTreeMap::from([
            ("AWS_ENDPOINT_URL", self.endpoint()),
            ("AWS_ACCESS_KEY_ID", "testing".into()),
            ("AWS_SECRET_ACCESS_KEY", "testing".into()),
            ("AWS_REGION", self.region.clone()),
            ("AWS_DEFAULT_REGION", self.region.clone()),
            ("AWS_EC2_METADATA_DISABLED", "true".into()),
            ("AWS_CONFIG_FILE", "/nonexistent".into()),
            ("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent".into()),
        ])
    }

    /// Runs a population script of tests/simulator.
    pub fn populate(&self, script: &str, arguments: &[&str]) {
        self.populate_in(script, arguments, &self.environment());
    }

    /// As [`Simulator::populate`], in an environment of its own: a script that applies code needs terraform's.
    pub fn populate_in(&self, script: &str, arguments: &[&str], environment: &BTreeMap<&'static str, String>) {
        let output = Command::new(python())
            .arg(root().join("tests/simulator").join(script))
            .args(arguments)
            .envs(environment)
            .output()
            .expect("the population starts");
        assert!(output.status.success(), "{script}: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// Asks a control endpoint (tests/simulator/layer.py lists them).
    pub fn control(&self, method: &str, name: &str, body: &Value) -> Value {
        let body = body.to_string();
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("the simulator answers");
        write!(
            stream,
            "{method} /_surveyor/{name} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .expect("the request is sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("the answer is read");
        let (head, body) = answer.split_once("\r\n\r\n").expect("an HTTP answer");
        assert!(head.starts_with("HTTP/1.1 200"), "{name}: {answer}");
        serde_json::from_str(body).expect("the answer is JSON")
    }

    /// Sets the faults, in place of those that were set.
    pub fn faults(&self, faults: &Value) {
        self.control("POST", "faults", faults);
    }

    /// Forgets the requests counted so far.
    pub fn forget_requests(&self) {
        self.control("POST", "requests/reset", &Value::Null);
    }

    /// Requests since, by `service:Operation`.
    pub fn requests(&self) -> BTreeMap<String, u64> {
        let given = self.control("GET", "requests", &Value::Null);
        let operations = given["operations"].as_object().expect("operations");
        operations.iter().map(|(name, n)| (name.clone(), n.as_u64().expect("a count"))).collect()
    }

    /// The surveyor binary, aimed at this simulator.
    pub fn surveyor(&self) -> assert_cmd::Command {
        let mut command = surveyor();
        command.envs(self.environment());
        command
    }
}

/// The surveyor binary in an environment without any AWS settings.
pub fn surveyor() -> assert_cmd::Command {
    let mut command = assert_cmd::Command::cargo_bin("surveyor").expect("the binary is built");
    for (name, _) in std::env::vars()
        .filter(|(n, _)| n.starts_with("AWS_") || n.starts_with("SURVEYOR_") || n.ends_with("_PROXY") || n.ends_with("_proxy"))
    {
        command.env_remove(name);
    }
    command.env("AWS_EC2_METADATA_DISABLED", "true");
    command.env("AWS_CONFIG_FILE", "/nonexistent").env("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent");
    command
}

/// The simulator with the exo account; without faults and with no requests counted. Held by one test at a time.
pub fn exo() -> MutexGuard<'static, Simulator> {
    static EXO: OnceLock<Mutex<Simulator>> = OnceLock::new();
    let simulator = EXO
        .get_or_init(|| {
            let simulator = Simulator::start();
            simulator.populate("populate_exo.py", &[]);
            Mutex::new(simulator)
        })
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    simulator.faults(&json!([]));
    simulator.forget_requests();
    simulator
}

/// The recorded estates: name to account, region and moment of the recording.
pub fn estates() -> Value {
    let text = std::fs::read_to_string(root().join("tests/simulator/estates.json")).expect("estates.json");
    serde_json::from_str(&text).expect("estates.json is JSON")
}

/// The fake secrets that stand in the exo account.
pub fn secrets() -> Vec<String> {
    let text = std::fs::read_to_string(root().join("tests/simulator/secrets_exo.txt")).expect("the list of secrets");
    text.lines().map(str::to_owned).collect()
}

/// Files below a folder, with their bytes; `.zst` ones unpacked.
pub fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(&next).unwrap_or_else(|e| panic!("{}: {e}", next.display())) {
            let path = entry.expect("a folder entry").path();
            if path.is_dir() {
                open.push(path);
                continue;
            }
            let bytes = std::fs::read(&path).expect("a file");
            let plain = if path.extension().is_some_and(|e| e == "zst") { zstd::decode_all(&bytes[..]).expect("zstd") } else { bytes };
            found.insert(path.strip_prefix(folder).expect("below the folder").to_path_buf(), plain);
        }
    }
    found
}

/// What a run said, for failure messages.
pub fn said(output: &Output) -> String {
    format!(
        "{}\n--- stdout\n{}\n--- stderr\n{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

/// Real terraform with the provider from a local mirror.
pub struct Terraform {
    config: PathBuf,
    _folder: tempfile::TempDir,
}

impl Terraform {
    /// Finds terraform and the provider's mirror: `TF_CLI_CONFIG_FILE` where it is set, else any mirror on this machine.
    /// `None`, and a line that says SKIPPED, where there is no terraform and `SURVEYOR_REQUIRE_TERRAFORM` is not set.
    pub fn find() -> Option<Self> {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let version = Command::new("terraform").arg("version").output();
        if !version.is_ok_and(|v| v.status.success()) {
            assert!(std::env::var_os("SURVEYOR_REQUIRE_TERRAFORM").is_none(), "there is no terraform on the PATH");
            // Past the test harness's capture: a skipped proof must be seen.
            let _ = writeln!(std::io::stderr(), "SKIPPED: there is no terraform on the PATH");
            return None;
        }
        if let Some(config) = std::env::var_os("TF_CLI_CONFIG_FILE").map(PathBuf::from).filter(|c| c.is_file()) {
            return Some(Terraform { config, _folder: folder });
        }
        let config = folder.path().join("terraformrc");
        let mut text = "disable_checkpoint = true\n".to_owned();
        if let Some(mirror) = mirror() {
            text += &format!(
                "provider_installation {{\n  filesystem_mirror {{\n    path    = {mirror:?}\n    include = [\"registry.terraform.io/hashicorp/*\"]\n  }}\n}}\n"
            );
        }
        std::fs::write(&config, text).expect("the CLI configuration is written");
        Some(Terraform { config, _folder: folder })
    }

    /// Where the CLI configuration is.
    pub fn config(&self) -> &Path {
        &self.config
    }

    /// Runs terraform in a folder against a simulator.
    pub fn run(&self, simulator: &Simulator, folder: &Path, arguments: &[&str]) -> Output {
        Command::new("terraform").args(arguments).current_dir(folder).envs(self.environment(simulator)).output().expect("terraform starts")
    }

    /// The environment for terraform: AWS settings, the mirror, and the simulator as proxy for hosts with the account in front.
    pub fn environment(&self, simulator: &Simulator) -> BTreeMap<&'static str, String> {
        let mut environment = simulator.environment();
        environment.insert("TF_CLI_CONFIG_FILE", self.config.display().to_string());
        environment.insert("TF_IN_AUTOMATION", "1".into());
        environment.insert("HTTP_PROXY", simulator.endpoint());
        environment.insert("NO_PROXY", "127.0.0.1,localhost".into());
        environment
    }
}

/// A folder that holds `registry.terraform.io/hashicorp/aws` as terraform's filesystem mirrors do: where terraform itself looks,
/// and one level below the folders where machines without a network usually have it.
fn mirror() -> Option<PathBuf> {
    let home = std::env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
    let mut places = vec![home.join(".terraform.d/plugins"), home.join(".local/share/terraform/plugins")];
    for parent in ["/opt", "/usr/share", "/usr/local/share"] {
        let children = std::fs::read_dir(parent).into_iter().flatten().flatten().map(|e| e.path());
        places.extend(children.flat_map(|c| [c.join("plugins"), c.join("providers"), c]));
    }
    places.into_iter().find(|path| path.join("registry.terraform.io/hashicorp/aws").is_dir())
}

/// The folders of a generated tree that are roots: those that say which provider they want.
pub fn roots(tree: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = files(tree)
        .keys()
        .filter(|p| p.file_name().is_some_and(|n| n == "versions.tf"))
        .filter_map(|p| tree.join(p).parent().map(Path::to_path_buf))
        .collect();
    found.sort();
    found
}

/// Adds to a root, as override file, the settings without which the provider cannot speak to a simulator: for the default
/// provider and each of its aliases.
pub fn aim_at_simulator(root: &Path) {
    let providers = std::fs::read_to_string(root.join("providers.tf")).expect("providers.tf");
    let mut text = String::new();
    let aliases = providers.lines().filter_map(|l| l.trim().strip_prefix("alias")).map(|rest| rest.trim_start_matches([' ', '=']).trim());
    for alias in std::iter::once(None).chain(aliases.map(Some)) {
        text += "provider \"aws\" {\n";
        if let Some(alias) = alias {
            text += &format!("  alias = {alias}\n");
        }
        text += "  s3_use_path_style           = true\n  skip_credentials_validation = true\n  skip_metadata_api_check     = true\n}\n\n";
    }
    std::fs::write(root.join("zz_simulator_override.tf"), text).expect("the override file is written");
}

/// Copies a folder with what is in it.
pub fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("the folder is made");
    for entry in std::fs::read_dir(from).unwrap_or_else(|e| panic!("{}: {e}", from.display())) {
        let entry = entry.expect("a folder entry");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("the file is copied");
        }
    }
}
