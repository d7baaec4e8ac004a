//! What the system says about processes: processor time and memory.

use std::fs::read_to_string;

/// Milliseconds of a tick of /proc's clocks, which every Linux sets to 100 a second.
const TICK: f64 = 10.0;

/// Milliseconds of processor time that a process has taken.
pub fn cpu(pid: u32) -> f64 {
    times(pid).map_or(0.0, |times| (times[0] + times[1]) as f64 * TICK)
}

/// Milliseconds of processor time that a process and its children have taken, those that have ended
/// included.
pub fn family_cpu(pid: u32) -> f64 {
    let own = times(pid).map_or(0, |times| times.iter().sum());
    let children: u64 = processes()
        .filter(|child| fields(*child).and_then(|fields| fields[1].parse().ok()) == Some(pid))
        .filter_map(times)
        .map(|times| times[0] + times[1])
        .sum();
    (own + children) as f64 * TICK
}

/// Milliseconds of processor time that the whole machine has spent on work.
pub fn machine_cpu() -> f64 {
    let stat = read_to_string("/proc/stat").unwrap_or_default();
    let line = stat.lines().next().unwrap_or_default();
    let times: Vec<u64> = line.split_whitespace().filter_map(|time| time.parse().ok()).collect();
    let worked: u64 = [0, 1, 2, 5, 6].iter().filter_map(|index| times.get(*index)).sum();
    worked as f64 * TICK
}

/// Megabytes of memory that a process holds.
pub fn memory(pid: u32) -> f64 {
    let status = read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    let kilobytes = line.split_whitespace().next().and_then(|number| number.parse::<f64>().ok());
    kilobytes.unwrap_or(0.0) / 1024.0
}

/// The processors, by number and name.
pub fn machine() -> String {
    let info = read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = info.lines().find_map(|line| line.strip_prefix("model name"));
    let name = name.map_or("", |name| name.trim_start_matches([' ', '\t', ':']));
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    format!("{cores} cores ({name})")
}

/// Ticks as user and in the kernel, own and of ended children.
fn times(pid: u32) -> Option<[u64; 4]> {
    let fields = fields(pid)?;
    let time = |index: usize| fields.get(index).and_then(|time| time.parse().ok());
    Some([time(11)?, time(12)?, time(13)?, time(14)?])
}

/// The fields of /proc/PID/stat after the program's name.
fn fields(pid: u32) -> Option<Vec<String>> {
    let stat = read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, fields) = stat.rsplit_once(')')?;
    Some(fields.split_whitespace().map(str::to_owned).collect())
}

fn processes() -> impl Iterator<Item = u32> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str().and_then(|name| name.parse().ok()))
}
