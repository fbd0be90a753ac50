use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A bar over so many things of this name on a terminal, nothing elsewhere, or where it is not `wanted`.
pub(crate) fn bar(count: u64, things: &str, wanted: bool) -> ProgressBar {
    let style = ProgressStyle::with_template(&format!(
        "{{bar:40}} {{human_pos}}/{{human_len}} {things}  {{per_sec}}  {{eta}} left  {{msg}}"
    ));
    let bar = ProgressBar::new(count);
    if !wanted {
        bar.set_draw_target(ProgressDrawTarget::hidden());
    }
    match style {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
