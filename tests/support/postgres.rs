//! A PostgreSQL server of our own: in a temporary folder, as an unprivileged user, reached through a
//! socket in that folder, and gone when this process is gone, however it ends.

use std::io::Read;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

static STARTED: AtomicU32 = AtomicU32::new(0);

/// A running server.
pub struct Postgres {
    /// Its own folder, with its data and its log.
    pub folder: PathBuf,
    /// Stops the server when its standard input is closed, which the system does for us if need be.
    _keeper: Child,
}

/// Runs `postgres` until standard input ends; then stops it at once and removes its folder.
const KEEPER: &str = r#"
exec 3<&0
"$@" </dev/null >"$FOLDER/log" 2>&1 &
server=$!
read -r _ <&3
kill -QUIT $server 2>/dev/null
wait $server
rm -rf "$FOLDER"
"#;

impl Postgres {
    /// Starts a server with these settings besides the usual ones, such as `fsync=off`.
    pub fn start(settings: &[&str]) -> Self {
        let number = STARTED.fetch_add(1, Ordering::SeqCst);
        let folder = std::env::temp_dir().join(format!("huhutong-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a temporary folder");
        std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o700))
            .expect("a private folder");
        let user = unprivileged();
        if let Some((uid, gid)) = user {
            chown(&folder, Some(uid), Some(gid)).expect("a folder for an unprivileged user");
        }
        let data = folder.join("data");
        let initialised = apart(user, &binary("initdb"))
            .args(["-A", "trust", "--no-sync", "--locale=C.UTF-8", "-E", "UTF8", "-U", "huhutong"])
            .arg("-D")
            .arg(&data)
            .output()
            .expect("initdb");
        assert!(initialised.status.success(), "{}", String::from_utf8_lossy(&initialised.stderr));
        let mut command = apart(user, Path::new("/bin/sh"));
        command.args(["-c", KEEPER, "keeper"]).arg(binary("postgres")).arg("-D").arg(&data);
        command.arg("-k").arg(&folder).args(["-c", "listen_addresses="]);
        for setting in settings {
            command.args(["-c", setting]);
        }
        let keeper = command
            .env("FOLDER", &folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .process_group(0)
            .spawn()
            .expect("postgres");
        let server = Self { folder, _keeper: keeper };
        server.wait();
        server
    }

    /// Waits until it answers.
    pub fn wait(&self) {
        let began = Instant::now();
        let ready = || {
            Command::new(binary("pg_isready"))
                .args(["-q", "-h"])
                .arg(&self.folder)
                .status()
                .is_ok_and(|status| status.success())
        };
        while !ready() {
            if began.elapsed() > Duration::from_secs(30) {
                let mut log = String::new();
                let _ = std::fs::File::open(self.folder.join("log"))
                    .and_then(|mut file| file.read_to_string(&mut log));
                panic!("PostgreSQL did not start:\n{log}");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// The URL of a database on this server.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://huhutong@localhost/{database}?host={}", self.folder.display())
    }
}

/// Another user than root, because PostgreSQL refuses root.
pub fn unprivileged() -> Option<(u32, u32)> {
    let own = std::fs::metadata("/proc/self").ok()?;
    if std::os::unix::fs::MetadataExt::uid(&own) != 0 {
        return None;
    }
    let users = std::fs::read_to_string("/etc/passwd").ok()?;
    ["postgres", "nobody"].iter().find_map(|name| {
        let line = users.lines().find(|line| line.split(':').next() == Some(name))?;
        let mut fields = line.split(':').skip(2);
        Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
    })
}

/// A program that runs as this user.
pub fn apart(user: Option<(u32, u32)>, program: &Path) -> Command {
    let mut command = Command::new(program);
    if let Some((uid, gid)) = user {
        command.gid(gid).uid(uid);
    }
    command.current_dir("/");
    command
}

/// A program of the newest PostgreSQL that is installed.
pub fn binary(name: &str) -> PathBuf {
    let mut found: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|version| version.path().join("bin").join(name))
        .filter(|path| path.exists())
        .collect();
    found.sort();
    found.pop().unwrap_or_else(|| PathBuf::from(name))
}
