//! Pictures that people upload: decoded once, within limits, before anybody is shown them.
//!
//! A file of a few kilobytes can hold a picture of billions of pixels, and every browser of the workspace would decode it.

use app::AppError;
use bytes::Bytes;
use domain::FieldError;
use image::{ImageError, ImageFormat, ImageReader, Limits};
use std::io::Cursor;

/// Largest width and height, in pixels.
const MOST: u32 = 4096;
/// Larger pictures are scaled down to fit into a square of this side, in pixels: twice what the largest place shows.
const SHOWN: u32 = 512;
/// Memory for decoding, in bytes: the largest picture with eight bytes a pixel.
const MEMORY: u64 = MOST as u64 * MOST as u64 * 8;

fn refused(code: &str, message: &str) -> AppError {
    AppError::Invalid(vec![FieldError { field: "logo".into(), code: code.into(), message: message.into() }])
}

/// The picture as it may be kept: as it came when it is small, else scaled down, as PNG. Fails for what is no whole PNG, JPEG or
/// WebP picture, and for more pixels than anybody needs.
pub async fn checked(bytes: Bytes) -> Result<Bytes, AppError> {
    tokio::task::spawn_blocking(move || decode(bytes)).await.map_err(|_| AppError::Unreachable)?
}

fn decode(bytes: Bytes) -> Result<Bytes, AppError> {
    let mut reader = ImageReader::new(Cursor::new(&bytes)).with_guessed_format().map_err(|_| AppError::Unreachable)?;
    let mut limits = Limits::default();
    (limits.max_image_width, limits.max_image_height, limits.max_alloc) = (Some(MOST), Some(MOST), Some(MEMORY));
    reader.limits(limits);
    let picture = reader.decode().map_err(|e| match e {
        ImageError::Limits(_) => refused("too_large", "The picture has too many pixels: at most 4,096 on each side"),
        ImageError::Unsupported(_) => refused("kind", "The picture must be a PNG, JPEG or WebP file"),
        _ => refused("broken", "The picture could not be read. The file may be damaged"),
    })?;
    if picture.width() <= SHOWN && picture.height() <= SHOWN {
        return Ok(bytes);
    }
    let mut out = Cursor::new(Vec::new());
    picture.thumbnail(SHOWN, SHOWN).write_to(&mut out, ImageFormat::Png).map_err(|_| AppError::Unreachable)?;
    Ok(out.into_inner().into())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;
    use image::{DynamicImage, GenericImageView};

    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut out = Cursor::new(Vec::new());
        DynamicImage::new_rgb8(width, height).write_to(&mut out, ImageFormat::Png).unwrap();
        out.into_inner()
    }

    fn code(bytes: Vec<u8>) -> String {
        match decode(bytes.into()).expect_err("a refusal") {
            AppError::Invalid(e) => e[0].code.clone(),
            other => panic!("{other}"),
        }
    }

    #[test]
    fn pictures_are_whole_and_of_a_size_to_show() {
        let small = png(64, 32);
        assert_eq!(decode(small.clone().into()).unwrap(), small);
        let large = decode(png(2000, 1000).into()).unwrap();
        assert_eq!(image::load_from_memory(&large).unwrap().dimensions(), (512, 256));
        for format in [ImageFormat::Jpeg, ImageFormat::WebP] {
            let mut out = Cursor::new(Vec::new());
            DynamicImage::new_rgb8(20, 20).write_to(&mut out, format).unwrap();
            assert!(decode(out.into_inner().into()).is_ok(), "{format:?}");
        }
        assert_eq!(code(png(5000, 1)), "too_large");
        assert_eq!(code(small[..small.len() / 2].to_vec()), "broken");
        assert_eq!(code(b"\x89PNG\r\n\x1a\nno picture".to_vec()), "broken");
        assert_eq!(code(b"<svg/>".to_vec()), "kind");
        assert_eq!(code(b"GIF89a".to_vec()), "kind");
    }

    #[test]
    fn a_bomb_is_refused_by_its_head() {
        // 30,000 × 30,000 pixels: the head alone, in whose sizes the limit is found before a pixel is decoded.
        let mut bomb = png(1, 1);
        bomb[16..24].copy_from_slice(&[0, 0, 0x75, 0x30, 0, 0, 0x75, 0x30]);
        let crc = crc(&bomb[12..29]).to_be_bytes();
        bomb[29..33].copy_from_slice(&crc);
        assert_eq!(code(bomb), "too_large");
    }

    fn crc(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(!0u32, |crc, b| (0..8).fold(crc ^ u32::from(*b), |c, _| if c & 1 == 1 { 0xedb8_8320 ^ (c >> 1) } else { c >> 1 }))
    }
}
