//! A client on the crate smb2, told as libraries.py says.

use std::error::Error;
use std::path::{Path, PathBuf};

use smb2::{SmbClient, Tree};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::task::JoinSet;

type Done = Result<(), Box<dyn Error + Send + Sync>>;

/// Files of a tree that are moved at a time.
const AT_ONCE: usize = 16;
const PIECE: usize = 1 << 20;

async fn get(client: &mut SmbClient, share: &Tree, there: &str, here: &str) -> Done {
    let mut download = client.download(share, there).await?;
    let mut to = tokio::fs::File::create(here).await?;
    while let Some(chunk) = download.next_chunk().await {
        to.write_all(&chunk?).await?;
    }
    to.flush().await?;
    Ok(())
}

async fn put(client: &mut SmbClient, share: &Tree, there: &str, here: &str) -> Done {
    let mut from = tokio::fs::File::open(here).await?;
    let mut writer = client.create_file_writer(share, there).await?;
    let mut piece = vec![0; PIECE];
    loop {
        let got = from.read(&mut piece).await?;
        if got == 0 {
            break;
        }
        writer.write_chunk(&piece[..got]).await?;
    }
    writer.finish().await?;
    Ok(())
}

/// Jobs side by side, as many as `AT_ONCE`.
struct Team(JoinSet<Done>);

impl Team {
    async fn add(&mut self, job: impl std::future::Future<Output = Done> + Send + 'static) -> Done {
        while self.0.len() >= AT_ONCE {
            self.one().await?;
        }
        self.0.spawn(job);
        Ok(())
    }

    async fn one(&mut self) -> Done {
        match self.0.join_next().await {
            Some(done) => done?,
            None => Ok(()),
        }
    }

    async fn all(mut self) -> Done {
        while !self.0.is_empty() {
            self.one().await?;
        }
        Ok(())
    }
}

async fn get_tree(client: &mut SmbClient, share: &mut Tree, there: &str, here: &str) -> Done {
    let mut team = Team(JoinSet::new());
    let mut folders = vec![(there.to_string(), PathBuf::from(here))];

    while let Some((there, here)) = folders.pop() {
        std::fs::create_dir(&here)?;
        for entry in client.list_directory(share, &there).await? {
            if entry.name == "." || entry.name == ".." {
                continue;
            }
            let (from, to) = (format!("{there}/{}", entry.name), here.join(&entry.name));
            if entry.is_directory {
                folders.push((from, to));
                continue;
            }
            let (tree, mut connection) = (share.clone(), client.connection().clone());
            team.add(async move {
                let data = tree
                    .read_file_compound_sized(&mut connection, &from, entry.size)
                    .await?;
                std::fs::write(to, data)?;
                Ok(())
            })
            .await?;
        }
    }
    team.all().await
}

async fn put_tree(client: &mut SmbClient, share: &Tree, there: &str, here: &str) -> Done {
    let mut team = Team(JoinSet::new());
    let mut folders = vec![(there.to_string(), Path::new(here).to_path_buf())];

    while let Some((there, here)) = folders.pop() {
        client.create_directory(share, &there).await?;
        for entry in std::fs::read_dir(&here)? {
            let entry = entry?;
            let to = format!("{there}/{}", entry.file_name().to_string_lossy());
            if entry.file_type()?.is_dir() {
                folders.push((to, entry.path()));
                continue;
            }
            let (tree, mut connection) = (share.clone(), client.connection().clone());
            team.add(async move {
                let data = std::fs::read(entry.path())?;
                tree.write_file_compound(&mut connection, &to, &data)
                    .await?;
                Ok(())
            })
            .await?;
        }
    }
    team.all().await
}

async fn list(client: &mut SmbClient, share: &mut Tree, there: &str) -> Done {
    for entry in client.list_directory(share, there).await? {
        println!("{} {:?} {}", entry.size, entry.modified, entry.name);
    }
    Ok(())
}

#[tokio::main]
async fn main() -> Done {
    let words: Vec<String> = std::env::args().collect();
    let [_, what, host, port, user, share, there, here] = &words[..] else {
        std::process::exit(2);
    };
    let password = std::env::var("LAVA_SMB_PASSWORD").unwrap_or_default();
    let mut client = smb2::connect(&format!("{host}:{port}"), user, &password).await?;
    let mut share = client.connect_share(share).await?;
    match what.as_str() {
        "get" => get(&mut client, &share, there, here).await,
        "put" => put(&mut client, &share, there, here).await,
        "get_tree" => get_tree(&mut client, &mut share, there, here).await,
        "put_tree" => put_tree(&mut client, &share, there, here).await,
        "list" => list(&mut client, &mut share, there).await,
        _ => Err("no such thing".into()),
    }
}
