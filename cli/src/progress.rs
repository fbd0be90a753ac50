use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A bar over this many messages on a terminal, nothing elsewhere, or where it is not `wanted`.
pub(crate) fn bar(messages: u64, wanted: bool) -> ProgressBar {
    let style = ProgressStyle::with_template(
        "{bar:40} {human_pos}/{human_len} messages  {per_sec}  {eta} left  {msg}",
    );
    let bar = ProgressBar::new(messages);
    if !wanted {
        bar.set_draw_target(ProgressDrawTarget::hidden());
    }
    match style {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
