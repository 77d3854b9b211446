//! How a tenant's reports look: an accent colour, a logo and a name.

use krilla::Data;
use krilla::image::Image;

/// How a tenant's reports look.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Style {
    /// Who makes the report, on the title page; Vigie where it is `None`.
    pub brand: Option<String>,
    /// The colour of bands and headings.
    pub accent: Accent,
    /// What stands on the title page.
    pub logo: Option<Logo>,
}

/// A colour that white text can be read on, and that can be read on white.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accent([u8; 3]);

/// A colour that cannot be an accent.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum AccentError {
    /// It is not written as one.
    #[error("expected a colour as `#14304d`")]
    Form,
    /// It is too light.
    #[error("white on it has a contrast of {contrast:.1} to 1; take a darker one, with at least 4.5 to 1")]
    Contrast {
        /// Of white on it, from 1 to 21.
        contrast: f64,
    },
}

impl Default for Accent {
    fn default() -> Self {
        Self([0x14, 0x30, 0x4d])
    }
}

impl Accent {
    /// The lowest contrast of text against what is behind it (WCAG 2.2, criterion 1.4.3).
    pub const CONTRAST_MIN: f64 = 4.5;

    /// Reads `#rrggbb`.
    ///
    /// # Errors
    /// [`AccentError`], in words for a person.
    pub fn new(text: &str) -> Result<Self, AccentError> {
        let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6 && digits.is_ascii());
        let digits = digits.ok_or(AccentError::Form)?;
        let part = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).map_err(|_| AccentError::Form);
        let accent = Self([part(0)?, part(2)?, part(4)?]);
        let contrast = accent.contrast();
        if contrast < Self::CONTRAST_MIN { Err(AccentError::Contrast { contrast }) } else { Ok(accent) }
    }

    /// Returns the contrast of white against it, 1 to 21 (WCAG 2.2, "contrast ratio").
    pub fn contrast(self) -> f64 {
        let linear = self.0.map(|part| {
            let part = f64::from(part) / 255.0;
            if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        });
        let luminance = 0.212_6 * linear[0] + 0.715_2 * linear[1] + 0.072_2 * linear[2];
        1.05 / (luminance + 0.05)
    }

    /// Returns red, green and blue.
    pub const fn rgb(self) -> [u8; 3] {
        self.0
    }

    /// Returns it as `#rrggbb`.
    pub fn to_text(self) -> String {
        let [red, green, blue] = self.0;
        format!("#{red:02x}{green:02x}{blue:02x}")
    }
}

/// A picture that was looked at: a PNG or JPEG of bounded size that can be decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logo {
    bytes: Vec<u8>,
    format: LogoFormat,
    /// Width and height in pixels.
    size: (u32, u32),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LogoFormat {
    Png,
    Jpeg,
}

/// A picture that cannot be a logo.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LogoError {
    /// It is neither a PNG nor a JPEG.
    #[error("expected a PNG or JPEG")]
    Format,
    /// It is too long.
    #[error("it has {bytes} bytes; at most {} are taken", Logo::BYTES_MAX)]
    TooLong {
        /// How long it is.
        bytes: usize,
    },
    /// It has too many pixels.
    #[error("it has {width} × {height} pixels; at most {} on a side are taken", Logo::PIXELS_MAX)]
    TooLarge {
        /// Its width in pixels.
        width: u32,
        /// Its height in pixels.
        height: u32,
    },
    /// It cannot be decoded.
    #[error("the picture is broken: {0}")]
    Broken(String),
}

impl Logo {
    /// How many bytes a logo has at most.
    pub const BYTES_MAX: usize = 256 * 1024;
    /// How many pixels it has on a side at most.
    pub const PIXELS_MAX: u32 = 2_000;

    /// Looks at a picture.
    ///
    /// # Errors
    /// [`LogoError`], in words for a person.
    pub fn new(bytes: Vec<u8>) -> Result<Self, LogoError> {
        if bytes.len() > Self::BYTES_MAX {
            return Err(LogoError::TooLong { bytes: bytes.len() });
        }
        let format = match bytes.as_slice() {
            [0x89, b'P', b'N', b'G', ..] => LogoFormat::Png,
            [0xff, 0xd8, 0xff, ..] => LogoFormat::Jpeg,
            _ => return Err(LogoError::Format),
        };
        // The size stands in the header, which is read before any pixel is.
        let mut logo = Self { bytes, format, size: (0, 0) };
        logo.size = logo.image().map_err(LogoError::Broken)?.size();
        let (width, height) = logo.size;
        if width > Self::PIXELS_MAX || height > Self::PIXELS_MAX {
            return Err(LogoError::TooLarge { width, height });
        }
        if width == 0 || height == 0 {
            return Err(LogoError::Broken("it has no pixels".to_owned()));
        }
        crate::pdf::decodes(&logo).map_err(LogoError::Broken)?;
        Ok(logo)
    }

    /// Returns the picture's bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Returns `image/png` or `image/jpeg`.
    pub const fn media_type(&self) -> &'static str {
        match self.format {
            LogoFormat::Png => "image/png",
            LogoFormat::Jpeg => "image/jpeg",
        }
    }

    /// Returns width and height within a box, in its proportions and never larger than half its pixels.
    pub(crate) fn within(&self, width_max: f32, height_max: f32) -> (f32, f32) {
        let (width, height) = (self.size.0 as f32, self.size.1 as f32);
        let scale = (width_max / width).min(height_max / height);
        (width * scale, height * scale)
    }

    pub(crate) fn image(&self) -> Result<Image, String> {
        let data = Data::from(self.bytes.clone());
        match self.format {
            LogoFormat::Png => Image::from_png(data, true),
            LogoFormat::Jpeg => Image::from_jpeg(data, true),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(colour: &str, expected: &str) {
        let found = Accent::new(colour).map_or_else(|error| error.to_string(), Accent::to_text);
        assert!(found.starts_with(expected), "{colour}: {found}");
    }

    #[test]
    fn accents() {
        check("#14304d", "#14304d");
        check("#767676", "#767676");
        check("#777777", "white on it has a contrast of 4.5");
        check("#ffffff", "white on it has a contrast of 1.0");
        check("#FFA500", "white on it has a contrast of 2.0");
        for colour in ["", "14304d", "#14304", "#14304dd", "#gg304d", "#é304d", "red"] {
            check(colour, "expected a colour");
        }
    }

    #[test]
    fn logos_that_are_none() {
        for (bytes, expected) in [
            (b"<svg/>".to_vec(), "expected a PNG"),
            (vec![0; Logo::BYTES_MAX], "expected a PNG"),
            (vec![0; Logo::BYTES_MAX + 1], "it has 262145 bytes"),
            (b"\x89PNG\r\n\x1a\nrubbish".to_vec(), "the picture is broken"),
            (vec![0xff, 0xd8, 0xff, 0xe0], "the picture is broken"),
        ] {
            let found = Logo::new(bytes).map(|_| ()).unwrap_err().to_string();
            assert!(found.starts_with(expected), "{found}");
        }
    }
}
