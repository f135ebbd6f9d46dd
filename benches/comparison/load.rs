//! The load: connections that are kept, each with one request on its way, from one thread. The same
//! for all contestants.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::LocalSet;

use crate::process::{Cpu, Group, Watch};
use crate::requests::Plan;

/// How much longer than usual somebody is warmed up at most.
const PATIENCE: Duration = Duration::from_secs(5);

/// What came of a load.
#[derive(Default)]
pub struct Outcome {
    /// How long was measured.
    pub seconds: f64,
    /// Of each answer in that time, in microseconds, sorted.
    pub times: Vec<u32>,
    /// Answers 2xx, also before the measurement.
    pub acknowledged: i64,
    /// Any other answer, and none.
    pub refused: u64,
    /// What was used in that time.
    pub cpu: Cpu,
    /// Resident at its end, in MB.
    pub memory: f64,
}

struct Shared {
    plan: Arc<Plan>,
    port: u16,
    next: Cell<usize>,
    measures: Cell<bool>,
    over: Cell<bool>,
    outcome: RefCell<Outcome>,
}

/// Sends for `warm`, then for `seconds` more, which count; then the service is killed while requests
/// are on their way, so that what was acknowledged has to be there without it.
pub fn run(
    plan: &Arc<Plan>,
    port: u16,
    connections: usize,
    (warm, seconds): (f64, f64),
    service: Group,
    watch: Watch,
) -> Outcome {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let shared = Rc::new(Shared {
        plan: plan.clone(),
        port,
        next: Cell::new(0),
        measures: Cell::new(false),
        over: Cell::new(false),
        outcome: RefCell::default(),
    });
    LocalSet::new().block_on(&runtime, async {
        let tasks: Vec<_> = (0..connections)
            .map(|_| tokio::task::spawn_local(connection(shared.clone())))
            .collect();
        tokio::time::sleep(Duration::from_secs_f64(warm)).await;
        // What is asked for again and again was asked for once before it counts.
        let waiting = Instant::now();
        while !plan.once && shared.next.get() < plan.requests.len() && waiting.elapsed() < PATIENCE
        {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let before = watch.cpu(&service);
        let begun = Instant::now();
        shared.measures.set(true);
        while begun.elapsed().as_secs_f64() < seconds && !tasks.iter().all(|t| t.is_finished()) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        shared.measures.set(false);
        let took = begun.elapsed().as_secs_f64();
        let (cpu, memory) = (watch.cpu(&service) - before, service.resident());
        shared.over.set(true);
        drop(service);
        for task in tasks {
            task.await.unwrap();
        }
        let mut outcome = shared.outcome.take();
        outcome.times.sort_unstable();
        Outcome {
            seconds: took,
            cpu,
            memory,
            ..outcome
        }
    })
}

async fn connection(shared: Rc<Shared>) {
    let mut buffer = vec![0; 64 * 1024];
    let mut stream = None;
    while !shared.over.get() {
        let n = shared.next.replace(shared.next.get() + 1);
        let requests = &shared.plan.requests;
        if shared.plan.once && n >= requests.len() {
            return;
        }
        let request = &requests[n % requests.len()];
        let begun = Instant::now();
        let status = exchange(&mut stream, shared.port, request, &mut buffer).await;
        if status.is_err() {
            stream = None;
        }
        // What was not answered before the service was killed is neither.
        if shared.over.get() && status.is_err() {
            return;
        }
        let mut outcome = shared.outcome.borrow_mut();
        match status {
            Ok((200..300, _)) => outcome.acknowledged += 1,
            _ => outcome.refused += 1,
        }
        if shared.measures.get() {
            let micros = begun.elapsed().as_micros();
            outcome
                .times
                .push(u32::try_from(micros).unwrap_or(u32::MAX));
        }
    }
}

/// Sends one request and reads its answer: the status, and how many bytes it is.
pub async fn exchange(
    stream: &mut Option<TcpStream>,
    port: u16,
    request: &[u8],
    buffer: &mut Vec<u8>,
) -> std::io::Result<(u16, usize)> {
    let stream = match stream {
        Some(stream) => stream,
        None => {
            let fresh = TcpStream::connect(("127.0.0.1", port)).await?;
            fresh.set_nodelay(true)?;
            stream.insert(fresh)
        }
    };
    stream.write_all(request).await?;
    let mut filled = 0;
    loop {
        let read = stream.read(&mut buffer[filled..]).await?;
        filled += read;
        if let Some((status, length)) = answer(&buffer[..filled])
            && filled >= length
        {
            return Ok((status, length));
        }
        if read == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        if filled == buffer.len() {
            buffer.resize(2 * filled, 0);
        }
    }
}

/// The status and the length of an answer whose head is complete.
fn answer(bytes: &[u8]) -> Option<(u16, usize)> {
    let head = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let mut lines = bytes[..head].split(|byte| *byte == b'\n');
    let status = std::str::from_utf8(lines.next()?.get(9..12)?).ok()?;
    let name = b"content-length:";
    let length = lines
        .find(|line| line.len() > name.len() && line[..name.len()].eq_ignore_ascii_case(name))
        .map_or(Some(0), |line| {
            let digits = std::str::from_utf8(&line[name.len()..]).ok()?;
            digits.trim().parse::<usize>().ok()
        })?;
    Some((status.parse().ok()?, head + 4 + length))
}
