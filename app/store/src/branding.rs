//! What a workspace looks like: its own picture.

use crate::{Actor, Database, StoreError};
use domain::{Invalid, Permission, WorkspaceId};
use sha2::{Digest, Sha256};

/// Most bytes of a picture.
pub const LOGO_BYTES: usize = 256 * 1024;

/// The kind of picture that the bytes are, by how they begin; a name or a header proves nothing.
fn kind_of(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some("image/png"),
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("image/webp"),
        _ => None,
    }
}

impl Database {
    /// Sets the workspace's picture (PNG, JPEG or WebP, at most [`LOGO_BYTES`]), or removes it.
    ///
    /// # Errors
    /// `Denied`: the actor may not manage members. `Invalid`: the picture is too large or of another kind. `Database`.
    pub async fn set_logo(&self, actor: &Actor, bytes: Option<&[u8]>) -> Result<(), StoreError> {
        if !actor.role.allows(Permission::ManageMembers) {
            return Err(StoreError::Denied(Permission::ManageMembers));
        }
        let kind = match bytes {
            Some(bytes) if bytes.len() > LOGO_BYTES => return Err(Invalid::one("logo", "too_large", "The picture takes at most 256 kB").into()),
            Some(bytes) => Some(kind_of(bytes).ok_or_else(|| Invalid::one("logo", "kind", "The picture must be a PNG, JPEG or WebP file"))?),
            None => None,
        };
        let hash = bytes.map(|b| Sha256::digest(b).iter().take(8).map(|x| format!("{x:02x}")).collect::<String>());
        sqlx::query("update workspaces set logo = $2, logo_type = $3, logo_hash = $4 where id = $1")
            .bind(actor.workspace)
            .bind(bytes)
            .bind(kind)
            .bind(hash)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Media type, bytes and hash of the workspace's picture; `None` without one.
    ///
    /// # Errors
    /// Only `Database`: a lost connection or a failed statement.
    pub async fn logo(&self, workspace: WorkspaceId) -> Result<Option<(String, Vec<u8>, String)>, StoreError> {
        Ok(sqlx::query_as("select logo_type, logo, logo_hash from workspaces where id = $1 and logo is not null")
            .bind(workspace)
            .fetch_optional(&self.pool)
            .await?)
    }
}

#[cfg(test)]
mod tests {
    use super::kind_of;

    #[test]
    fn a_picture_is_what_its_bytes_say() {
        assert_eq!(kind_of(b"\x89PNG\r\n\x1a\n..."), Some("image/png"));
        assert_eq!(kind_of(b"RIFF\0\0\0\0WEBPVP8 "), Some("image/webp"));
        for other in [&b"<svg onload=alert(1)>"[..], b"GIF89a", b"", b"RIFF\0\0\0\0WAVE"] {
            assert_eq!(kind_of(other), None);
        }
    }
}
