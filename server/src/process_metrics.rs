//! What every process tells under the names that every Prometheus knows: processor, memory, files.

use std::{fmt, fs};

use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric},
    metrics::{counter::ConstCounter, gauge::ConstGauge},
};
use rustix::{
    param::{clock_ticks_per_second, page_size},
    process::{Resource, getrlimit},
};

use crate::clock;

/// Reads them at each scrape, from `/proc`. Where there is none, only the time of the start is told.
#[derive(Debug)]
pub(crate) struct ProcessMetrics {
    started_at: f64,
}

/// What `/proc/self` says.
#[derive(Debug, PartialEq)]
struct Usage {
    cpu_seconds: f64,
    virtual_bytes: f64,
    resident_bytes: f64,
}

impl ProcessMetrics {
    /// For a process that starts now.
    pub(crate) fn new() -> Self {
        let millis = u32::try_from(clock::unix_millis() % 1_000).unwrap_or_default();
        let seconds = u32::try_from(clock::unix_millis() / 1_000).unwrap_or(u32::MAX);
        Self {
            started_at: f64::from(seconds) + f64::from(millis) / 1_000.0,
        }
    }
}

impl Collector for ProcessMetrics {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let mut gauge = |name: &str, help: &str, value: f64| {
            let gauge = ConstGauge::new(value);
            gauge.encode(encoder.encode_descriptor(name, help, None, gauge.metric_type())?)
        };
        gauge(
            "process_start_time_seconds",
            "When the process started, in seconds since 1970",
            self.started_at,
        )?;
        if let Some(files) = fs::read_dir("/proc/self/fd").ok().and_then(|open| {
            // The listing itself is one of them.
            u32::try_from(open.count().saturating_sub(1)).ok()
        }) {
            gauge("process_open_fds", "Open file descriptors", files.into())?;
        }
        if let Some(most) = getrlimit(Resource::Nofile).current {
            let most = u32::try_from(most).unwrap_or(u32::MAX);
            gauge(
                "process_max_fds",
                "Most file descriptors that may be open",
                most.into(),
            )?;
        }
        let Some(usage) = usage() else { return Ok(()) };
        gauge(
            "process_resident_memory_bytes",
            "Memory in use",
            usage.resident_bytes,
        )?;
        gauge(
            "process_virtual_memory_bytes",
            "Memory that is mapped",
            usage.virtual_bytes,
        )?;
        let cpu = ConstCounter::new(usage.cpu_seconds);
        cpu.encode(encoder.encode_descriptor(
            "process_cpu_seconds",
            "Time on processors, in the program and in the system for it",
            None,
            cpu.metric_type(),
        )?)
    }
}

fn usage() -> Option<Usage> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    let ticks = u32::try_from(clock_ticks_per_second()).ok()?;
    let page = u32::try_from(page_size()).ok()?;
    of_stat(&stat, ticks, page)
}

/// Reads a line of `/proc/PID/stat`: proc(5).
fn of_stat(stat: &str, ticks: u32, page: u32) -> Option<Usage> {
    // Behind the name, which may hold anything; the state follows, the third field.
    let (_, fields) = stat.rsplit_once(") ")?;
    let fields: Vec<&str> = fields.split_ascii_whitespace().collect();
    let field = |number: usize| {
        let text = fields.get(number.checked_sub(3)?)?;
        text.parse::<f64>().ok()
    };
    Some(Usage {
        cpu_seconds: (field(14)? + field(15)?) / f64::from(ticks),
        virtual_bytes: field(23)?,
        resident_bytes: field(24)? * f64::from(page),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stat_line_is_read_whatever_the_name_of_the_program() {
        // Taken from a process called "a ) b", cut behind what is read.
        let line = "4711 (a ) b) S 1 4711 4711 0 -1 4194560 901 0 0 0 250 50 0 0 20 0 1 0 99 10485760 512 1844";
        assert_eq!(
            of_stat(line, 100, 4_096),
            Some(Usage {
                cpu_seconds: 3.0,
                virtual_bytes: 10_485_760.0,
                resident_bytes: 2_097_152.0,
            })
        );
        assert_eq!(of_stat("4711 (a) S 1", 100, 4_096), None);
    }
}
