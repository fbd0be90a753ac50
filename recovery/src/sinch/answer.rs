//! The words of an answer that are passed on to people.

use serde_json::Value;

/// Characters of the longest words that are passed on. Our own choice.
const LONGEST: usize = 200;
/// Digits in a row from which on they may be a number of a person.
const TELLING_DIGITS: usize = 5;

/// What an error's body says: Sinch's status and message, in either API's form, on one line. Empty where
/// it has neither. Rows of digits and what stands in quotes are left out, since both may be the
/// recipient's or the content's.
pub(super) fn words(body: &[u8]) -> String {
    let Ok(body) = serde_json::from_slice::<Value>(body) else {
        return String::new();
    };
    let text = |pointer: &str| body.pointer(pointer).and_then(Value::as_str);
    let found = [
        text("/error/status")
            .or_else(|| text("/code"))
            .or_else(|| text("/error")),
        text("/error/message")
            .or_else(|| text("/text"))
            .or_else(|| text("/error_description")),
    ];
    let found: Vec<_> = found.into_iter().flatten().collect();
    masked(&found.join(": ")).chars().take(LONGEST).collect()
}

fn masked(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut digits = String::new();
    let mut quote = None;
    let flush = |digits: &mut String, masked: &mut String| {
        masked.push_str(if digits.len() < TELLING_DIGITS {
            digits
        } else {
            "…"
        });
        digits.clear();
    };
    for character in text.chars() {
        if let Some(open) = quote {
            if character == open {
                masked.push('…');
                masked.push(character);
                quote = None;
            }
            continue;
        }
        if character.is_ascii_digit() {
            digits.push(character);
            continue;
        }
        flush(&mut digits, &mut masked);
        if character == '"' || character == '`' {
            quote = Some(character);
        }
        masked.push(if character.is_control() {
            ' '
        } else {
            character
        });
    }
    flush(&mut digits, &mut masked);
    masked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_error_says_is_told_without_the_recipient_and_the_content() {
        for (body, told) in [
            (
                r#"{"error":{"code":400,"message":"Invalid recipient +15550100 for \"Your code is 12\"","status":"INVALID_ARGUMENT"}}"#,
                "INVALID_ARGUMENT: Invalid recipient +… for \"…\"",
            ),
            (
                r#"{"code":"unauthorized","text":"no\nsuch plan"}"#,
                "unauthorized: no such plan",
            ),
            (r#"{"error":"invalid_client"}"#, "invalid_client"),
            (
                r#"{"error":{"message":"unclosed \"Your code"}}"#,
                "unclosed \"",
            ),
            ("<html>", ""),
            ("[]", ""),
        ] {
            assert_eq!(words(body.as_bytes()), told, "{body}");
        }
        let long = format!(r#"{{"error":"{}"}}"#, "å".repeat(300));
        assert_eq!(words(long.as_bytes()).chars().count(), LONGEST);
    }
}
