//! What was measured, as a Markdown table.

use crate::load::Load;
use crate::operations::Operation;

/// One side under one load.
#[derive(Default)]
pub struct Measured {
    /// The requests.
    pub load: Load,
    /// Milliseconds of processor time of the server.
    pub server_cpu: f64,
    /// Milliseconds of processor time of PostgreSQL.
    pub database_cpu: f64,
    /// Milliseconds of processor time of everything on the machine.
    pub machine_cpu: f64,
    /// Milliseconds of processor time of us, who ask.
    pub client_cpu: f64,
    /// Megabytes that the server holds afterwards.
    pub memory: f64,
}

impl Measured {
    /// Adds another time of the same.
    pub fn add(&mut self, other: Self) {
        self.load.seconds += other.load.seconds;
        self.load.latencies.extend(other.load.latencies);
        self.load.latencies.sort_unstable();
        self.server_cpu += other.server_cpu;
        self.database_cpu += other.database_cpu;
        self.machine_cpu += other.machine_cpu;
        self.client_cpu += other.client_cpu;
        self.memory = self.memory.max(other.memory);
    }

    /// How many processors other programs took.
    pub fn elsewhere(&self) -> f64 {
        let ours = self.server_cpu + self.database_cpu + self.client_cpu;
        (self.machine_cpu - ours).max(0.0) / 1000.0 / self.load.seconds
    }

    fn per_request(&self, milliseconds: f64) -> f64 {
        milliseconds / self.load.latencies.len() as f64
    }
}

/// The head of the table. "By CPU" is the ratio that the processor time of both processes gives, which
/// other programs on the machine disturb less.
pub fn head() {
    println!(
        "| operation | connections | requests/s | bare | ratio | by CPU | p50 ms | bare | p99 ms | bare \
         | CPU ms service | bare | CPU ms database | bare | memory MB | bare |"
    );
    println!("|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|");
}

/// A row of the table.
pub fn row(operation: &Operation, connections: usize, service: &Measured, bare: &Measured) {
    let (ours, theirs) = (&service.load, &bare.load);
    println!(
        "| {} {} | {connections} | {:.0} | {:.0} | **{:.0} %** | {:.0} % | {:.2} | {:.2} | {:.2} | {:.2} \
         | {:.3} | {:.3} | {:.3} | {:.3} | {:.0} | {:.0} |",
        operation.letter,
        operation.name,
        ours.rate(),
        theirs.rate(),
        100.0 * ours.rate() / theirs.rate(),
        100.0 * bare.per_request(bare.server_cpu + bare.database_cpu)
            / service.per_request(service.server_cpu + service.database_cpu),
        ours.within(0.5),
        theirs.within(0.5),
        ours.within(0.99),
        theirs.within(0.99),
        service.per_request(service.server_cpu),
        bare.per_request(bare.server_cpu),
        service.per_request(service.database_cpu),
        bare.per_request(bare.database_cpu),
        service.memory,
        bare.memory,
    );
}
