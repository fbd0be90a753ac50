/// Tells the story, where somebody listens.
macro_rules! tell {
    ($world:expr, $callback:expr, $($text:tt)*) => {
        if let Some(story) = &mut $world.story {
            story.tell($world.schedule.now(), $callback.into(), format!($($text)*));
        }
    };
}

pub(super) use tell;
