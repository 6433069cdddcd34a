//! A browser of its own for a test: Debian's Chromium, driven over WebDriver.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, ClientBuilder, Locator};
use serde_json::{Value, json};

/// A browser, and a folder of files that it opens.
pub(crate) struct Browser {
    pub(crate) client: Client,
    driver: Child,
    folder: tempfile::TempDir,
}

/// Runs a test in a browser, or says loudly that there is none.
pub(crate) fn in_browser<Test: Future<Output = ()>>(
    files: &[(String, String)],
    test: impl FnOnce(Browser) -> Test,
) {
    let (Some(chromium), Some(driver)) = (program("chromium"), program("chromedriver")) else {
        // Not by `eprintln`, which is shown of failed tests only.
        let words = "SKIPPED: there is no browser; install the packages chromium and \
                     chromium-driver\n";
        let _ = std::io::stderr().write_all(words.as_bytes());
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = folder.path().join("site").join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        test(Browser::start(&chromium, &driver, folder).await).await;
    });
}

fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let paths = std::env::split_paths(&path).map(|folder| folder.join(name));
    paths.into_iter().find(|path| path.is_file())
}

impl Browser {
    async fn start(chromium: &Path, driver: &Path, folder: tempfile::TempDir) -> Browser {
        let mut driver = Command::new(driver)
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let said = BufReader::new(driver.stdout.take().unwrap());
        let port = said
            .lines()
            .map_while(Result::ok)
            .find_map(|line| {
                let (_, port) = line.split_once("started successfully on port ")?;
                port.trim_end_matches('.').parse::<u16>().ok()
            })
            .expect("the driver says where it listens");
        let profile = folder.path().join("profile");
        let arguments = json!([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--window-size=1280,900",
            format!("--user-data-dir={}", profile.display()),
        ]);
        let capabilities = json!({
            "goog:chromeOptions": { "binary": chromium, "args": arguments },
            "goog:loggingPrefs": { "browser": "ALL" },
        });
        let Value::Object(capabilities) = capabilities else {
            unreachable!("it is written as an object")
        };
        let client = ClientBuilder::new(hyper_util::client::legacy::connect::HttpConnector::new())
            .capabilities(capabilities)
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .expect("the browser starts");
        Browser {
            client,
            driver,
            folder,
        }
    }

    /// Opens a file of the site from disk.
    pub(crate) async fn open(&self, path: &str) {
        let file = self.folder.path().join("site").join(path);
        let url = url::Url::from_file_path(file).unwrap();
        self.client.goto(url.as_str()).await.unwrap();
    }

    /// What a script gives that runs in the page, outside of its policy.
    pub(crate) async fn value(&self, script: &str) -> Value {
        let script = format!("return {script}");
        self.client.execute(&script, Vec::new()).await.unwrap()
    }

    /// The text of the first element that matches.
    pub(crate) async fn text(&self, selector: &str) -> String {
        let found = self.client.find(Locator::Css(selector)).await;
        found.unwrap().text().await.unwrap()
    }

    /// The texts of all elements that match and can be seen.
    pub(crate) async fn texts(&self, selector: &str) -> Vec<String> {
        let mut texts = Vec::new();
        for element in self.client.find_all(Locator::Css(selector)).await.unwrap() {
            if element.is_displayed().await.unwrap() {
                texts.push(element.text().await.unwrap());
            }
        }
        texts
    }

    /// Clicks on the first element that matches.
    pub(crate) async fn click(&self, selector: &str) {
        let found = self.client.find(Locator::Css(selector)).await;
        found.unwrap().click().await.unwrap();
    }

    /// Presses keys while the first element that matches has the focus.
    pub(crate) async fn press(&self, selector: &str, keys: &[fantoccini::key::Key]) {
        let found = self.client.find(Locator::Css(selector)).await.unwrap();
        let keys: String = keys.iter().copied().map(char::from).collect();
        found.send_keys(&keys).await.unwrap();
    }

    /// How wide the page is beyond what can be seen of it.
    pub(crate) async fn sideways(&self) -> i64 {
        let wider = "document.documentElement.scrollWidth - document.documentElement.clientWidth";
        self.value(wider).await.as_i64().unwrap()
    }

    /// Makes the window as wide as this many pixels of a telephone.
    pub(crate) async fn on_a_telephone(&self, width: u32) {
        let size = json!({ "width": width, "height": 780, "deviceScaleFactor": 2, "mobile": true });
        self.devtools("Emulation.setDeviceMetricsOverride", size)
            .await;
    }

    /// Sets a preference of the user's (`prefers-color-scheme`), or the medium.
    pub(crate) async fn prefers(&self, name: &str, value: &str) {
        let features = json!({ "features": [{ "name": name, "value": value }] });
        self.devtools("Emulation.setEmulatedMedia", features).await;
    }

    /// Shows the page as it is printed, or again as it is on the screen.
    pub(crate) async fn shows_as(&self, medium: &str) {
        self.devtools("Emulation.setEmulatedMedia", json!({ "media": medium }))
            .await;
    }

    async fn devtools(&self, command: &'static str, parameters: Value) {
        let body = json!({ "cmd": command, "params": parameters });
        let ask = Ask("goog/cdp/execute", body);
        self.client.issue_cmd(ask).await.unwrap();
    }

    /// What was said to the console since the last time: errors of scripts, and
    /// whatever the page's policy did not let in.
    pub(crate) async fn console(&self) -> Vec<String> {
        let said = Ask("se/log", json!({ "type": "browser" }));
        let said = self.client.issue_cmd(said).await.unwrap();
        let lines = said.as_array().unwrap().iter();
        lines.map(|line| line["message"].to_string()).collect()
    }

    /// Ends the browser.
    pub(crate) async fn close(self) {
        self.client.clone().close().await.unwrap();
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // A driver that is killed leaves its browser behind, where a test has
        // failed before it has closed it.
        let lock = self.folder.path().join("profile/SingletonLock");
        let browser = std::fs::read_link(lock).ok();
        let number = browser.and_then(|it| Some(it.to_str()?.rsplit_once('-')?.1.to_owned()));
        if let Some(number) = number {
            let _ = Command::new("kill").arg(number).status();
        }
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

/// A command that only Chromium's driver knows.
#[derive(Debug)]
struct Ask(&'static str, Value);

impl WebDriverCompatibleCommand for Ask {
    fn endpoint(
        &self,
        base: &url::Url,
        session: Option<&str>,
    ) -> Result<url::Url, url::ParseError> {
        base.join(&format!(
            "session/{}/{}",
            session.unwrap_or_default(),
            self.0
        ))
    }

    fn method_and_body(&self, _: &url::Url) -> (hyper::Method, Option<String>) {
        (hyper::Method::POST, Some(self.1.to_string()))
    }
}
