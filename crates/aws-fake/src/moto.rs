//! moto in server mode: most of AWS, without its limits. <https://docs.getmoto.org/en/latest/docs/server_mode.html>

use std::env::var_os;
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long moto may take to answer: about 4 s on an idle machine.
const START_MAX: Duration = Duration::from_mins(1);

/// A moto server that ends with its test.
#[derive(Debug)]
pub struct Moto {
    child: Child,
    port: u16,
}

impl Moto {
    /// Starts moto with the Python that `VIGIE_TEST_PYTHON` names, and waits until it answers. Returns `None`, and says
    /// that the test was skipped, where there is none.
    ///
    /// # Panics
    /// There is none although `VIGIE_REQUIRE_MOTO` is set.
    pub fn start() -> Option<Self> {
        match Self::try_start() {
            Ok(moto) => Some(moto),
            Err(reason) => {
                assert!(var_os("VIGIE_REQUIRE_MOTO").is_none(), "VIGIE_REQUIRE_MOTO is set, but {reason}");
                say(&format!("skipped: {reason}"));
                None
            }
        }
    }

    fn try_start() -> Result<Self, String> {
        let python = var_os("VIGIE_TEST_PYTHON").ok_or("VIGIE_TEST_PYTHON is not set (a Python with moto[server])")?;
        let port = free_port().map_err(|error| format!("no port is free: {error}"))?;
        let child = Command::new(python)
            .args(["-m", "moto.server", "-H", "127.0.0.1", "-p", &port.to_string()])
            // Without it the policies that AWS manages do not exist.
            .env("MOTO_IAM_LOAD_MANAGED_POLICIES", "true")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("VIGIE_TEST_PYTHON does not start: {error}"))?;
        let mut moto = Self { child, port };
        let begun = Instant::now();
        while begun.elapsed() < START_MAX {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return Ok(moto);
            }
            if let Ok(Some(status)) = moto.child.try_wait() {
                return Err(format!("moto ended with {status}; does VIGIE_TEST_PYTHON have moto[server]?"));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Err(format!("moto did not answer within {} s", START_MAX.as_secs()))
    }

    /// Returns where it is found.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Returns a port that was free a moment ago; moto cannot be told to choose one itself and say which.
fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

#[expect(clippy::print_stderr, reason = "a skipped test says so where its output is read")]
fn say(line: &str) {
    eprintln!("{line}");
}
