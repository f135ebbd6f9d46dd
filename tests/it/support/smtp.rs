//! A mail server that does as it is told: a small SMTP over loopback.

use std::sync::{Arc, Mutex};

use tokio::io::{
    AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWriteExt as _, BufReader,
};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// How the server behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    /// Takes everything.
    Fine,
    /// Hangs up before a word.
    Down,
    /// 550 to every tenth address, by the digit before its @.
    RefusesEveryTenth,
    /// 451 to every address.
    PutsOff,
    /// 550 to our sender.
    RefusesUs,
    /// 550 to the message itself.
    RefusesTheMessage,
    /// Hangs up on DATA.
    HangsUpOnData,
    /// Says go on and hangs up.
    HangsUpAfterGoOn,
    /// Reads half of the message and hangs up.
    HangsUpHalfway,
    /// Takes the message and hangs up without a word.
    HangsUpAfterDot,
    /// Takes the message and says nothing ever.
    SilentAfterDot,
    /// Says nothing ever.
    Silent,
    /// Greets with a line that never ends.
    EndlessLine,
    /// Greets with lines without end.
    EndlessLines,
}

/// A message that was handed over, whatever was said to it.
#[derive(Clone, Debug)]
pub struct Received {
    /// The address.
    pub to: String,
    /// Headers and body.
    pub message: String,
}

#[derive(Default)]
struct Seen {
    received: Vec<Received>,
    connections: usize,
    goodbyes: usize,
    /// Bytes of answers without an end that somebody took.
    endless: usize,
}

/// A running server.
pub struct MailServer {
    port: u16,
    mood: Arc<Mutex<Mood>>,
    seen: Arc<Mutex<Seen>>,
    task: JoinHandle<()>,
}

impl MailServer {
    pub async fn start(mood: Mood) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let mood = Arc::new(Mutex::new(mood));
        let seen = Arc::new(Mutex::new(Seen::default()));
        let task = tokio::spawn({
            let (mood, seen) = (mood.clone(), seen.clone());
            async move {
                while let Ok((stream, _)) = listener.accept().await {
                    seen.lock().unwrap().connections += 1;
                    let (mood, seen) = (mood.clone(), seen.clone());
                    // A connection that breaks is what these tests are about.
                    tokio::spawn(async move {
                        let _ = talk(stream, &mood, &seen).await;
                    });
                }
            }
        });
        Self {
            port,
            mood,
            seen,
            task,
        }
    }

    pub fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.port)
    }

    pub fn is(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }

    pub fn received(&self) -> Vec<Received> {
        self.seen.lock().unwrap().received.clone()
    }

    /// How many bytes of answers that never end were taken from us.
    pub fn endless(&self) -> usize {
        self.seen.lock().unwrap().endless
    }

    /// How often somebody connected, and how often they took their leave.
    pub fn connections(&self) -> (usize, usize) {
        let seen = self.seen.lock().unwrap();
        (seen.connections, seen.goodbyes)
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn talk(stream: TcpStream, mood: &Mutex<Mood>, seen: &Mutex<Seen>) -> std::io::Result<()> {
    let now = || *mood.lock().unwrap();
    let (reader, mut writer) = stream.into_split();
    let mut reader = BufReader::new(reader);
    if now() == Mood::Down {
        return Ok(());
    }
    if now() == Mood::Silent {
        return forever(&mut reader).await;
    }
    let endless = match now() {
        Mood::EndlessLine => Some("220-on and on and on".to_owned()),
        // Long ones: the library reads all lines anew with each that comes.
        Mood::EndlessLines => Some(format!("220-{}\r\n", "on and ".repeat(100))),
        _ => None,
    };
    while let Some(words) = &endless {
        writer.write_all(words.as_bytes()).await?;
        seen.lock().unwrap().endless += words.len();
    }
    writer.write_all(b"220 mail.test ESMTP\r\n").await?;
    let mut to = String::new();
    let mut line = String::new();
    loop {
        line.clear();
        if reader.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        if now() == Mood::Silent {
            return forever(&mut reader).await;
        }
        let verb = line.split([' ', ':', '\r']).next().unwrap().to_uppercase();
        let answer = match (verb.as_str(), now()) {
            ("EHLO", _) => "250-mail.test\r\n250 8BITMIME",
            ("MAIL", Mood::RefusesUs) => "550 5.7.1 <widgets@example.com> who are you",
            ("RCPT", mood) => {
                to = address(&line);
                match mood {
                    Mood::RefusesEveryTenth if to.contains("0@") => "550 no such mailbox here",
                    Mood::PutsOff => "451 come back later",
                    _ => "250 fine",
                }
            }
            ("DATA", Mood::HangsUpOnData) => return Ok(()),
            ("DATA", mood) => {
                writer.write_all(b"354 go on\r\n").await?;
                match mood {
                    Mood::HangsUpAfterGoOn => return Ok(()),
                    Mood::HangsUpHalfway => {
                        reader.read_exact(&mut [0; 100]).await?;
                        return Ok(());
                    }
                    _ => {}
                }
                let message = message(&mut reader).await?;
                if mood != Mood::RefusesTheMessage {
                    let received = Received {
                        to: to.clone(),
                        message,
                    };
                    seen.lock().unwrap().received.push(received);
                }
                match mood {
                    Mood::HangsUpAfterDot => return Ok(()),
                    Mood::SilentAfterDot => return forever(&mut reader).await,
                    Mood::RefusesTheMessage => "550 not this",
                    _ => "250 taken",
                }
            }
            ("QUIT", _) => {
                seen.lock().unwrap().goodbyes += 1;
                return writer.write_all(b"221 bye\r\n").await;
            }
            _ => "250 fine",
        };
        writer.write_all(format!("{answer}\r\n").as_bytes()).await?;
    }
}

/// Reads until the other side gives up.
async fn forever(reader: &mut (impl AsyncRead + Unpin)) -> std::io::Result<()> {
    let mut byte = [0];
    while reader.read(&mut byte).await? > 0 {}
    Ok(())
}

async fn message(reader: &mut BufReader<impl AsyncRead + Unpin>) -> std::io::Result<String> {
    let mut message = String::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        if line == ".\r\n" {
            return Ok(message);
        }
        message.push_str(line.strip_prefix('.').unwrap_or(&line));
    }
}

fn address(line: &str) -> String {
    let inside = line.split(['<', '>']).nth(1);
    inside.unwrap_or_default().to_owned()
}
