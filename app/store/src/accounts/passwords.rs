//! Hashing passwords with Argon2id, in memory that is reused and then given back.

use crate::StoreError;
use argon2::{
    Algorithm, Argon2, Block, Params, Version,
    password_hash::phc::{Output, ParamsString, PasswordHash, Salt},
};
use std::{
    sync::{LazyLock, Mutex, PoisonError},
    time::{Duration, Instant},
};
use tokio::sync::Semaphore;

/// Argon2id costs 19 MiB and some 30 ms: only as many at once as there are cores to spare.
static HASHING: LazyLock<Semaphore> =
    LazyLock::new(|| Semaphore::new(std::thread::available_parallelism().map_or(1, |n| n.get().saturating_sub(1).max(1))));

/// The memory of the last hashing. Sign-ins come in bursts: within one, the same 19 MiB serve them all.
static MEMORY: Mutex<Option<Memory>> = Mutex::new(None);

/// How long it is kept without use; then the system gets it back.
const IDLE: Duration = Duration::from_secs(5);

struct Memory {
    blocks: Vec<Block>,
    used: Instant,
}

fn cached() -> std::sync::MutexGuard<'static, Option<Memory>> {
    MEMORY.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn blocking<T: Send + 'static>(work: impl FnOnce(&mut Vec<Block>) -> T + Send + 'static) -> Result<T, StoreError> {
    let broken = || StoreError::Database(sqlx::Error::WorkerCrashed);
    let permit = HASHING.acquire().await.map_err(|_| broken())?;
    // The permit goes with the work: a request that is dropped meanwhile does not end it.
    let done = tokio::task::spawn_blocking(move || {
        let _permit = permit;
        let mut blocks = cached().take().map(|m| m.blocks).unwrap_or_default();
        let done = work(&mut blocks);
        *cached() = Some(Memory { blocks, used: Instant::now() });
        done
    });
    let done = done.await.map_err(|_| broken())?;
    #[expect(clippy::disallowed_methods, reason = "gives memory back a moment later, and ends")]
    tokio::spawn(async {
        tokio::time::sleep(IDLE).await;
        let mut memory = cached();
        if memory.as_ref().is_some_and(|m| m.used.elapsed() >= IDLE) {
            *memory = None;
        }
    });
    Ok(done)
}

/// Argon2id of `password` under `salt`, `length` bytes of it.
fn hash(blocks: &mut Vec<Block>, password: &str, salt: &[u8], algorithm: Algorithm, version: Version, params: &Params) -> argon2::Result<Output> {
    let needed = params.block_count();
    if blocks.len() < needed {
        // Anew, not grown: growing would copy what nobody reads again.
        *blocks = vec![Block::new(); needed];
    }
    let mut bytes = [0u8; Output::MAX_LENGTH];
    let out = bytes.get_mut(..params.output_len().unwrap_or(Params::DEFAULT_OUTPUT_LEN)).ok_or(argon2::Error::OutputTooLong)?;
    Argon2::new(algorithm, version, params.clone()).hash_password_into_with_memory(password.as_bytes(), salt, out, &mut blocks[..needed])?;
    Output::new(out).map_err(|_| argon2::Error::OutputTooLong)
}

/// A password's hash as a PHC string, under a fresh salt.
pub(crate) async fn hash_password(password: String) -> Result<String, StoreError> {
    let hashed = blocking(move |blocks| {
        let (algorithm, version, params) = (Algorithm::default(), Version::default(), Params::default());
        let salt = Salt::generate();
        let output = hash(blocks, &password, &salt, algorithm, version, &params).map_err(|e| e.to_string())?;
        let params = ParamsString::try_from(&params).map_err(|e| e.to_string())?;
        let whole = PasswordHash { algorithm: algorithm.ident(), version: Some(version.into()), params, salt: Some(salt), hash: Some(output) };
        Ok::<_, String>(whole.to_string())
    });
    hashed.await?.map_err(|e| StoreError::Database(sqlx::Error::Configuration(e.into())))
}

/// Whether `password` is the one behind a PHC string. A string that cannot be read opens to no password.
pub(crate) async fn verify_password(password: String, text: String) -> Result<bool, StoreError> {
    blocking(move |blocks| verify(blocks, &password, &text).unwrap_or(false)).await
}

fn verify(blocks: &mut Vec<Block>, password: &str, text: &str) -> Option<bool> {
    let stored = PasswordHash::new(text).ok()?;
    let algorithm = Algorithm::try_from(stored.algorithm.as_str()).ok()?;
    let version = stored.version.map_or(Ok(Version::V0x10), Version::try_from).ok()?;
    let params = Params::try_from(&stored).ok()?;
    let computed = hash(blocks, password, stored.salt.as_ref()?, algorithm, version, &params).ok()?;
    // `Output` compares in constant time.
    Some(Some(computed) == stored.hash)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use argon2::password_hash::{PasswordHasher, PasswordVerifier};

    #[tokio::test]
    async fn hashes_are_those_of_the_library_both_ways() {
        let ours = hash_password("correct horse".into()).await.unwrap();
        let parsed = PasswordHash::new(&ours).unwrap();
        assert!(Argon2::default().verify_password(b"correct horse", &parsed).is_ok());
        assert!(Argon2::default().verify_password(b"correct horsf", &parsed).is_err());
        let theirs = Argon2::default().hash_password(b"battery staple").unwrap().to_string();
        assert!(verify_password("battery staple".into(), theirs.clone()).await.unwrap());
        assert!(!verify_password("battery stapler".into(), theirs).await.unwrap());
        assert!(!verify_password("x".into(), "no hash".into()).await.unwrap());
    }

    #[tokio::test]
    async fn smaller_and_larger_costs_share_the_memory() {
        for cost in [64, 19 * 1024, 32] {
            let params = Params::new(cost, 1, 1, None).unwrap();
            let hasher = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
            let text = hasher.hash_password(b"one").unwrap().to_string();
            assert!(verify_password("one".into(), text.clone()).await.unwrap());
            assert!(!verify_password("two".into(), text).await.unwrap());
        }
    }
}
