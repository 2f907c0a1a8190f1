//! Web push: one worker takes what waits, encrypts it for each browser (RFC 8291), signs it as this installation (RFC 8292)
//! and hands it to the browser's service (RFC 8030). The service sees neither words nor names.

use crate::egress::Egress;
use axum::http::{HeaderValue, Request, Uri, header};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use domain::Language;
use p256::{
    SecretKey,
    ecdsa::{Signature, SigningKey, signature::Signer},
};
use serde_json::json;
use std::{sync::Arc, time::Duration};
use store::{Database, Push, Subscription};
use web_push_native::{Auth, WebPushBuilder};

/// How long a pause is when nothing waits.
const PAUSE: Duration = Duration::from_secs(2);
/// How long a service keeps what it cannot hand over.
const KEEP: Duration = Duration::from_secs(12 * 60 * 60);
/// How long a service has to answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// So many are told at once, so that one that hangs holds up few.
pub const HANDS: usize = 6;
/// Signatures hold this long; the standard allows a day.
const SIGNED: i64 = 12 * 60 * 60;
/// Letters of a message at most: a service takes 4 kB in all.
const LETTERS: usize = 300;

/// Sends pushes as this installation.
#[derive(Clone)]
pub struct Pusher {
    key: Arc<SigningKey>,
    /// Whom a service may write to about this installation.
    contact: Arc<str>,
    egress: Egress,
}

/// What became of one attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Told {
    Yes,
    /// The browser takes no more: its person took the permission back, or it is no more.
    Gone,
    /// Refused for good.
    No,
    Later,
}

impl Pusher {
    /// With the installation's key, which is made when there is none.
    pub async fn new(db: &Database, egress: Egress, contact: &str) -> anyhow::Result<Self> {
        let fresh = loop {
            // Almost every number is a key; the few that are none are drawn again.
            if let Ok(key) = SecretKey::from_slice(&rand::random::<[u8; 32]>()) {
                break key;
            }
        };
        let secret = db.push_key(&fresh.to_bytes()).await?;
        Ok(Self { key: Arc::new(SigningKey::from_slice(&secret)?), contact: contact.into(), egress })
    }

    /// What browsers want to know before they subscribe.
    pub fn public_key(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.key.verifying_key().to_encoded_point(false).as_bytes())
    }

    /// Whether pushes may be sent there at all.
    pub fn takes(&self, s: &Subscription) -> bool {
        self.egress.check(&s.endpoint).is_ok() && p256::PublicKey::from_sec1_bytes(&s.p256dh).is_ok() && s.auth.len() == 16
    }

    /// `Authorization` for a service: who sends, until when, signed (RFC 8292 §2).
    fn signature(&self, endpoint: &Uri, now: DateTime<Utc>) -> String {
        let origin = format!("{}://{}", endpoint.scheme_str().unwrap_or("https"), endpoint.authority().map_or("", |a| a.as_str()));
        let part = |value: serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let head = part(json!({"typ": "JWT", "alg": "ES256"}));
        let claims = part(json!({"aud": origin, "exp": now.timestamp() + SIGNED, "sub": &*self.contact}));
        let signed = format!("{head}.{claims}");
        let signature: Signature = self.key.sign(signed.as_bytes());
        format!("vapid t={signed}.{}, k={}", URL_SAFE_NO_PAD.encode(signature.to_bytes()), self.public_key())
    }

    fn request(&self, push: &Push, to: &Subscription, now: DateTime<Utc>) -> Option<Request<Vec<u8>>> {
        let endpoint: Uri = to.endpoint.parse().ok()?;
        let language = Language::from_code(&to.language).unwrap_or_default();
        let title = app::i18n::catalogue(language).map_or_else(|| push.title.clone(), |words| words.sentence(&push.title));
        let title: String = title.chars().filter(|c| !c.is_control()).take(LETTERS).collect();
        let body = json!({"title": title, "link": push.link, "tag": push.id});
        let key = p256::PublicKey::from_sec1_bytes(&to.p256dh).ok()?;
        let auth = Auth::from_exact_iter(to.auth.iter().copied())?;
        let mut request = WebPushBuilder::new(endpoint.clone(), key, auth).with_valid_duration(KEEP).build(body.to_string()).ok()?;
        request.headers_mut().insert(header::AUTHORIZATION, HeaderValue::from_str(&self.signature(&endpoint, now)).ok()?);
        request.headers_mut().insert("urgency", HeaderValue::from_static("high"));
        Some(request)
    }

    async fn tell(&self, push: &Push, to: &Subscription, now: DateTime<Utc>) -> Told {
        let Some(request) = self.request(push, to, now) else { return Told::Gone };
        let sent = tokio::time::timeout(PATIENCE, self.egress.send(request)).await.unwrap_or_else(|_| Err("no answer in time".into()));
        match sent {
            Ok(200..=299) => Told::Yes,
            Ok(404 | 410) => Told::Gone,
            Ok(408 | 425 | 429 | 500..=599) => Told::Later,
            Ok(status) => {
                tracing::warn!(push = %push.id, status, "a push service refused a message");
                Told::No
            }
            Err(e) => {
                tracing::warn!(push = %push.id, error = %e, "a push service was not reached");
                Told::Later
            }
        }
    }

    /// Works until its future is dropped.
    pub async fn work(self, db: Database) {
        loop {
            match db.claim_push(Utc::now()).await {
                Ok(Some(push)) => {
                    let told = futures::future::join_all(push.to.iter().map(|(_, to)| self.tell(&push, to, Utc::now()))).await;
                    let of = |wanted: &[Told]| -> Vec<uuid::Uuid> {
                        push.to.iter().zip(&told).filter(|(_, t)| wanted.contains(t)).map(|(d, _)| d.0).collect()
                    };
                    let again = told.contains(&Told::Later);
                    if let Err(e) = db.push_done(push.id, &of(&[Told::Yes, Told::No]), &of(&[Told::Gone]), again, Utc::now()).await {
                        tracing::warn!(error = %e, "what became of a push could not be written down");
                    }
                }
                Ok(None) => tokio::time::sleep(PAUSE).await,
                Err(e) => {
                    tracing::warn!(error = %e, "the pushes that wait could not be read");
                    tokio::time::sleep(PAUSE * 5).await;
                }
            }
        }
    }
}
